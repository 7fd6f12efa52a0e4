using System.Buffers;

namespace AlexNetMl.Imaging;

/// <summary>
/// Antialiased resizing whose 8-bit results equal Pillow's byte for byte, so that a network sees at serving time what it saw in training,
/// wherever that was.
/// </summary>
public static class ImageResampler
{
    /// <summary>Resizes a whole picture.</summary>
    /// <param name="image">The source; it is not changed. Its orientation is kept as a mark, not applied.</param>
    /// <param name="width">Pixels in a row of the result, at least 1.</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <param name="filter">How; see <see cref="ResamplingFilter"/>.</param>
    /// <returns>A new picture; a copy where the size is the same.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive, the result would not fit one array, or the filter is
    /// unknown.</exception>
    public static RgbImage Resize(RgbImage image, int width, int height, ResamplingFilter filter)
    {
        ArgumentNullException.ThrowIfNull(image);
        Check(image, width, filter);
        var result = RgbImage.Uninitialized(width, height, image.Orientation);
        Resize(image, width, height, filter, new PixelWindow(0, 0, width, height), result.Pixels);
        return result;
    }

    /// <summary>Resizes a whole picture into memory that is there already; allocates nothing.</summary>
    /// <param name="image">The source; it is not changed.</param>
    /// <param name="width">Pixels in a row of the result, at least 1.</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <param name="filter">How; see <see cref="ResamplingFilter"/>.</param>
    /// <param name="rgb">Receives width × height × 3 bytes, interleaved; exactly that long.</param>
    /// <exception cref="ArgumentException">The length is another.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive or the filter is unknown.</exception>
    public static void Resize(RgbImage image, int width, int height, ResamplingFilter filter, Span<byte> rgb)
    {
        ArgumentNullException.ThrowIfNull(image);
        Check(image, width, filter);
        if (rgb.Length != RgbImage.ByteCount(width, height))
        {
            throw new ArgumentException($"{rgb.Length} bytes were given; {width} x {height} RGB pixels take {RgbImage.ByteCount(width, height)}.", nameof(rgb));
        }

        Resize(image, width, height, filter, new PixelWindow(0, 0, width, height), rgb);
    }

    /// <summary>The pixels of one window of the resized picture; nothing outside the window is computed.</summary>
    /// <param name="image">The source.</param>
    /// <param name="width">Width of the whole result.</param>
    /// <param name="height">Height of the whole result.</param>
    /// <param name="filter">How.</param>
    /// <param name="window">What is wanted of the result; inside it.</param>
    /// <param name="destination">window width × height × 3 bytes.</param>
    /// <param name="vectors">Which instructions, all of which give the same bytes; null for the fastest.</param>
    internal static void Resize(
        PixelView image, int width, int height, ResamplingFilter filter, PixelWindow window, Span<byte> destination, VectorWidth? vectors = null)
    {
        var rows = new InterleavedRows(destination, window.Width * RgbImage.Channels);
        Resize(image, width, height, filter, window, ref rows, vectors ?? VectorWidths.Best);
    }

    /// <summary>The same, row by row into what takes rows while they are in the processor's cache.</summary>
    internal static void Resize<T>(
        PixelView image, int width, int height, ResamplingFilter filter, PixelWindow window, ref T target, VectorWidth vectors)
        where T : IRowTarget, allows ref struct
    {
        // As in Pillow a side that keeps its length is not filtered at all.
        var horizontal = width != image.Width;
        var vertical = height != image.Height;
        var source = new PixelRows(image.Pixels, image.Width * RgbImage.Channels, 0);
        if (filter == ResamplingFilter.Nearest && (horizontal || vertical))
        {
            NearestPass.Run(image, width, height, window, ref target);
        }
        else if (horizontal)
        {
            ResizeColumns(source, (image.Width, image.Height), (width, height), filter, window, ref target, vectors);
        }
        else
        {
            ResizeRows(source.Shift(window.Left * RgbImage.Channels), image.Height, height, filter, window, 0, ref target, vectors);
        }
    }

    // The first pass makes only rows that the second one uses, and of them only the window's columns.
    private static void ResizeColumns<T>(
        PixelRows source, (int Width, int Height) from, (int Width, int Height) to, ResamplingFilter filter, PixelWindow window, ref T target,
        VectorWidth vectors)
        where T : IRowTarget, allows ref struct
    {
        var (firstRow, rowCount) = (window.Top, window.Height);
        if (from.Height != to.Height)
        {
            (firstRow, var end) = ResamplingWeights.SourceRange(from.Height, to.Height, window.Top, window.Height, filter);
            rowCount = end - firstRow;
        }

        var rowBytes = window.Width * RgbImage.Channels;
        CheckIntermediate(window.Width, rowCount);
        var intermediate = ArrayPool<byte>.Shared.Rent(rowBytes * rowCount);
        try
        {
            var resized = intermediate.AsSpan(0, rowBytes * rowCount);
            using (var columns = new ResamplingWeights(from.Width, to.Width, window.Left, window.Width, filter))
            {
                HorizontalPass.Run(source.From(firstRow), rowCount, columns, resized, vectors);
            }

            ResizeRows(new PixelRows(resized, rowBytes, 0), from.Height, to.Height, filter, window, firstRow, ref target, vectors);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(intermediate);
        }
    }

    // Row 0 of the source is row firstRow of the picture.
    private static void ResizeRows<T>(
        PixelRows source, int from, int to, ResamplingFilter filter, PixelWindow window, int firstRow, ref T target, VectorWidth vectors)
        where T : IRowTarget, allows ref struct
    {
        var rowBytes = window.Width * RgbImage.Channels;
        if (from == to)
        {
            for (var y = 0; y < window.Height; y++)
            {
                source.Row(window.Top + y - firstRow)[..rowBytes].CopyTo(target.Begin(y));
                target.End(y);
            }

            return;
        }

        using var rows = new ResamplingWeights(from, to, window.Top, window.Height, filter);
        var pass = new VerticalPass(source, rows, firstRow, vectors);
        for (var y = 0; y < window.Height; y++)
        {
            pass.RunRow(y, target.Begin(y));
            target.End(y);
        }
    }

    private static void Check(RgbImage image, int width, ResamplingFilter filter)
    {
        if (!Enum.IsDefined(filter))
        {
            throw ResamplingKernel.Unknown(filter);
        }

        CheckIntermediate(width, image.Height);
    }

    private static void CheckIntermediate(int width, int height)
    {
        var bytes = (long)width * height * RgbImage.Channels;
        if (bytes > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(width),
                $"Resizing to a width of {width} first makes {width} x {height} pixels, {bytes} bytes; "
                + $"at most {Array.MaxLength} fit: make it smaller in two steps.");
        }
    }
}

/// <summary>A rectangle of pixels.</summary>
internal readonly record struct PixelWindow(int Left, int Top, int Width, int Height);

/// <summary>Where rows of interleaved pixels go.</summary>
internal interface IRowTarget
{
    /// <summary>Where row <paramref name="y"/> of the window is to be written, all of its bytes.</summary>
    Span<byte> Begin(int y);

    /// <summary>The row is written.</summary>
    void End(int y);
}

/// <summary>Rows one behind the other.</summary>
internal readonly ref struct InterleavedRows(Span<byte> destination, int rowBytes) : IRowTarget
{
    private readonly Span<byte> destination = destination;

    public Span<byte> Begin(int y) => destination.Slice(y * rowBytes, rowBytes);

    public void End(int y)
    {
    }
}

/// <summary>Rows of interleaved bytes at a fixed distance.</summary>
/// <param name="pixels">All of them.</param>
/// <param name="stride">Bytes from row to row.</param>
/// <param name="offset">Where row 0 starts.</param>
internal readonly ref struct PixelRows(ReadOnlySpan<byte> pixels, int stride, int offset)
{
    internal ReadOnlySpan<byte> Pixels { get; } = pixels;

    internal int Stride { get; } = stride;

    internal int Offset { get; } = offset;

    internal ReadOnlySpan<byte> Row(int y) => Pixels[(Offset + (y * Stride))..];

    internal PixelRows From(int row) => new(Pixels, Stride, Offset + (row * Stride));

    internal PixelRows Shift(int bytes) => new(Pixels, Stride, Offset + bytes);
}
