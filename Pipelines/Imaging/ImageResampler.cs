using System.Buffers;

namespace AlexNetMl.Imaging;

/// <summary>
/// Antialiased resizing whose 8-bit results equal Pillow's byte for byte, so that a network sees at serving time what it saw in training,
/// wherever that was.
/// </summary>
public static class ImageResampler
{
    /// <summary>Resizes a whole picture.</summary>
    /// <param name="image">The source; it is not changed.</param>
    /// <param name="width">Pixels in a row of the result, at least 1.</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <param name="filter">How; see <see cref="ResamplingFilter"/>.</param>
    /// <returns>A new picture; a copy where the size is the same.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive, the result would not fit one array, or the filter is
    /// unknown.</exception>
    public static RgbImage Resize(RgbImage image, int width, int height, ResamplingFilter filter)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (!Enum.IsDefined(filter))
        {
            throw ResamplingKernel.Unknown(filter);
        }

        CheckIntermediate(width, image.Height);
        var result = RgbImage.Uninitialized(width, height);
        Resize(image, width, height, filter, new PixelWindow(0, 0, width, height), result.Pixels);
        return result;
    }

    /// <summary>The pixels of one window of the resized picture; nothing outside the window is computed.</summary>
    /// <param name="image">The source.</param>
    /// <param name="width">Width of the whole result.</param>
    /// <param name="height">Height of the whole result.</param>
    /// <param name="filter">How.</param>
    /// <param name="window">What is wanted of the result; inside it.</param>
    /// <param name="destination">window width × height × 3 bytes.</param>
    /// <param name="vectorized">False: the plain loops, which give the same bytes.</param>
    internal static void Resize(
        RgbImage image, int width, int height, ResamplingFilter filter, PixelWindow window, Span<byte> destination, bool vectorized = true)
    {
        // As in Pillow a side that keeps its length is not filtered at all.
        var horizontal = width != image.Width;
        var vertical = height != image.Height;
        var source = new PixelRows(image.Pixels, image.Width * RgbImage.Channels, 0);
        if (filter == ResamplingFilter.Nearest && (horizontal || vertical))
        {
            NearestPass.Run(image, width, height, window, destination);
        }
        else if (horizontal && vertical)
        {
            ResizeBoth(image, width, height, filter, window, destination, vectorized);
        }
        else if (horizontal)
        {
            using var weights = new ResamplingWeights(image.Width, width, window.Left, window.Width, filter);
            HorizontalPass.Run(source.From(window.Top), window.Height, weights, destination, vectorized);
        }
        else if (vertical)
        {
            using var weights = new ResamplingWeights(image.Height, height, window.Top, window.Height, filter);
            VerticalPass.Run(
                source.Shift(window.Left * RgbImage.Channels), weights, 0, window.Width * RgbImage.Channels, destination, vectorized);
        }
        else
        {
            Copy(source.From(window.Top).Shift(window.Left * RgbImage.Channels), window, destination);
        }
    }

    private static void ResizeBoth(
        RgbImage image, int width, int height, ResamplingFilter filter, PixelWindow window, Span<byte> destination, bool vectorized)
    {
        using var columns = new ResamplingWeights(image.Width, width, window.Left, window.Width, filter);
        using var rows = new ResamplingWeights(image.Height, height, window.Top, window.Height, filter);
        var rowBytes = window.Width * RgbImage.Channels;
        var rowCount = rows.SourceEnd - rows.SourceStart;
        CheckIntermediate(window.Width, rowCount);
        var intermediate = ArrayPool<byte>.Shared.Rent(rowBytes * rowCount);
        try
        {
            var source = new PixelRows(image.Pixels, image.Width * RgbImage.Channels, 0);
            HorizontalPass.Run(source.From(rows.SourceStart), rowCount, columns, intermediate.AsSpan(0, rowBytes * rowCount), vectorized);
            VerticalPass.Run(
                new PixelRows(intermediate.AsSpan(0, rowBytes * rowCount), rowBytes, 0),
                rows,
                rows.SourceStart,
                rowBytes,
                destination,
                vectorized);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(intermediate);
        }
    }

    private static void Copy(PixelRows source, PixelWindow window, Span<byte> destination)
    {
        var rowBytes = window.Width * RgbImage.Channels;
        for (var y = 0; y < window.Height; y++)
        {
            source.Row(y)[..rowBytes].CopyTo(destination[(y * rowBytes)..]);
        }
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
