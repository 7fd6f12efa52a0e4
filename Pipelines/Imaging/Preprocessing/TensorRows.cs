using System.Runtime.InteropServices;

namespace AlexNetMl.Imaging;

/// <summary>Rows of a window that are normalised into their place in a batch while they are in the processor's cache.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="Half"/>.</typeparam>
internal readonly ref struct TensorRows<T> : IRowTarget
    where T : unmanaged
{
    private const int Samples = 256;

    private readonly PixelNormalizer normalizer;
    private readonly Span<T> tensor;
    private readonly Span<byte> row;
    private readonly Span<float> numbers;
    private readonly Span<T> tables;
    private readonly int side;
    private readonly int mean;
    private readonly bool planar;
    private readonly bool flip;
    private readonly bool swap;

    /// <param name="preprocessing">How; it is valid.</param>
    /// <param name="tensor">The whole picture's elements.</param>
    /// <param name="layout">Their order.</param>
    /// <param name="flip">Mirrors left and right.</param>
    /// <param name="scratch">At least <see cref="ScratchBytes"/>.</param>
    internal TensorRows(ImagePreprocessing preprocessing, Span<T> tensor, TensorLayout layout, bool flip, Span<byte> scratch)
    {
        normalizer = new PixelNormalizer(preprocessing);
        side = preprocessing.CropSide;
        mean = preprocessing.Center(preprocessing.ShorterSide);
        planar = layout == TensorLayout.Nchw;
        swap = preprocessing.ChannelOrder == ChannelOrder.Bgr;
        this.tensor = tensor;
        this.flip = flip;
        var rowBytes = side * RgbImage.Channels;
        numbers = MemoryMarshal.Cast<byte, float>(scratch)[..Math.Max(rowBytes, RgbImage.Channels * Samples)];
        var rest = scratch[(numbers.Length * sizeof(float))..];
        row = rest[..rowBytes];
        tables = default;

        // A sample has 256 values, so what they become is looked up where conversion is slow; floats in planes are computed in vectors.
        if ((typeof(T) != typeof(float) || !planar) && preprocessing.MeanImage is null)
        {
            normalizer.FillTables(numbers[..Samples], numbers.Slice(Samples, Samples), numbers.Slice(2 * Samples, Samples));
            tables = MemoryMarshal.Cast<byte, T>(rest[((rowBytes + 3) & ~3)..])[..(RgbImage.Channels * Samples)];
            for (var i = 0; i < tables.Length; i++)
            {
                tables[i] = Convert(numbers[i]);
            }
        }
    }

    internal static int ScratchBytes(int side) =>
        (Math.Max(side, Samples) * RgbImage.Channels * sizeof(float)) + (side * RgbImage.Channels) + sizeof(float) + (RgbImage.Channels * Samples * sizeof(float));

    public Span<byte> Begin(int y) => row;

    public void End(int y)
    {
        if (typeof(T) == typeof(float) && planar)
        {
            var floats = MemoryMarshal.Cast<T, float>(tensor);
            normalizer.RunRow(row, mean, mean + y, flip, Plane(floats, 0, y), Plane(floats, 1, y), Plane(floats, 2, y));
            return;
        }

        if (!tables.IsEmpty)
        {
            LookUp(y);
            return;
        }

        normalizer.RunRow(row, mean, mean + y, flip, numbers[..side], numbers.Slice(side, side), numbers.Slice(2 * side, side));
        for (var plane = 0; plane < RgbImage.Channels; plane++)
        {
            var values = numbers.Slice(plane * side, side);
            var (start, step) = Place(plane, y);
            for (var x = 0; x < values.Length; x++)
            {
                tensor[start + (x * step)] = Convert(values[x]);
            }
        }
    }

    private void LookUp(int y)
    {
        var first = tables.Slice(swap ? 2 * Samples : 0, Samples);
        var second = tables.Slice(Samples, Samples);
        var third = tables.Slice(swap ? 0 : 2 * Samples, Samples);
        var (red, blue) = swap ? (2, 0) : (0, 2);
        var (start, across) = Place(0, y);
        var step = flip ? -across : across;
        var plane = Place(1, y).Start - start;
        var to = flip ? start + ((side - 1) * across) : start;
        for (var i = 0; i < row.Length; i += RgbImage.Channels, to += step)
        {
            tensor[to] = first[row[i + red]];
            tensor[to + plane] = second[row[i + 1]];
            tensor[to + (2 * plane)] = third[row[i + blue]];
        }
    }

    /// <summary>Where a plane's row starts in the tensor, and how far its elements are apart.</summary>
    private (int Start, int Step) Place(int plane, int y) =>
        planar ? (((plane * side) + y) * side, 1) : ((y * side * RgbImage.Channels) + plane, RgbImage.Channels);

    private Span<float> Plane(Span<float> floats, int plane, int y) => floats.Slice(((plane * side) + y) * side, side);

    private static T Convert(float value)
    {
        if (typeof(T) == typeof(float))
        {
            return (T)(object)value;
        }

        return (T)(object)(Half)value;
    }
}

/// <summary>Rows of bytes that are mirrored, or go to planes.</summary>
internal readonly ref struct PixelTargetRows(Span<byte> pixels, int side, TensorLayout layout, bool flip, Span<byte> scratch) : IRowTarget
{
    private readonly Span<byte> pixels = pixels;
    private readonly Span<byte> row = scratch[..(side * RgbImage.Channels)];

    public Span<byte> Begin(int y) => row;

    public void End(int y)
    {
        if (flip)
        {
            Mirror();
        }

        if (layout == TensorLayout.Nhwc)
        {
            row.CopyTo(pixels[(y * row.Length)..]);
            return;
        }

        var plane = side * side;
        Interleaving.ToPlanes(row, pixels.Slice(y * side, side), pixels.Slice(plane + (y * side), side), pixels.Slice((2 * plane) + (y * side), side));
    }

    private void Mirror()
    {
        for (int left = 0, right = row.Length - RgbImage.Channels; left < right; left += RgbImage.Channels, right -= RgbImage.Channels)
        {
            for (var c = 0; c < RgbImage.Channels; c++)
            {
                (row[left + c], row[right + c]) = (row[right + c], row[left + c]);
            }
        }
    }
}
