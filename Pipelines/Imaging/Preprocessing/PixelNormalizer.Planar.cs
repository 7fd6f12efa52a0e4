using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AlexNetMl.Imaging;

/// <summary>What colour noise does to all pixels of a picture, between the mean and the deviation: (pixel + shift) / divisor.</summary>
/// <param name="Red">Added to red, in units of rescaled pixels.</param>
/// <param name="Green">Added to green.</param>
/// <param name="Blue">Added to blue.</param>
/// <param name="Divisor">Divided by then, above 0.</param>
internal readonly record struct ColorShift(float Red, float Green, float Blue, float Divisor);

internal readonly partial struct PixelNormalizer
{
    /// <summary>One window of a planar square of <see cref="ImagePreprocessing.ShorterSide"/>, the form in which training keeps pictures.</summary>
    /// <param name="planes">[3, ShorterSide, ShorterSide] bytes: R, G, B.</param>
    /// <param name="left">First column of the window.</param>
    /// <param name="top">First row of the window.</param>
    /// <param name="flip">Mirrors left and right, after the mean image is subtracted.</param>
    /// <param name="chw">Receives three planes of CropSide × CropSide.</param>
    /// <param name="noise">Colour noise; null for none.</param>
    /// <param name="vectorized">False: the plain loop.</param>
    internal void RunPlanes(
        ReadOnlySpan<byte> planes, int left, int top, bool flip, Span<float> chw, ColorShift? noise = null, bool vectorized = true)
    {
        if (noise is { } n)
        {
            RunPlane(planes, 0, left, top, new Channel(red, n.Red, n.Divisor), flip, chw, vectorized);
            RunPlane(planes, 1, left, top, new Channel(green, n.Green, n.Divisor), flip, chw, vectorized);
            RunPlane(planes, 2, left, top, new Channel(blue, n.Blue, n.Divisor), flip, chw, vectorized);
            return;
        }

        RunPlane(planes, 0, left, top, red, flip, chw, vectorized);
        RunPlane(planes, 1, left, top, green, flip, chw, vectorized);
        RunPlane(planes, 2, left, top, blue, flip, chw, vectorized);
    }

    private void RunPlane(ReadOnlySpan<byte> planes, int plane, int left, int top, in Channel channel, bool flip, Span<float> chw, bool vectorized)
    {
        vectorized &= Vector128.IsHardwareAccelerated && side >= PixelsAtOnce;
        var lanes = new Lanes(channel);
        for (var y = 0; y < side; y++)
        {
            var samples = planes.Slice((((plane * square) + top + y) * square) + left, side);
            var means = Means(plane, top + y, left);
            var output = Output(chw, swap ? 2 - plane : plane, y);
            if (vectorized)
            {
                RunPlaneRow(samples, lanes, means, flip, output);
            }
            else
            {
                RunPlain(samples, 1, channel, means, flip, output);
            }
        }
    }

    private void RunPlaneRow(ReadOnlySpan<byte> samples, in Lanes lanes, ReadOnlySpan<float> means, bool flip, Span<float> output)
    {
        ref var source = ref MemoryMarshal.GetReference(samples);
        ref var target = ref MemoryMarshal.GetReference(output);
        var scale = Vector256.Create(rescale);
        var last = output.Length - PixelsAtOnce;
        for (var x = 0; x < output.Length; x += PixelsAtOnce)
        {
            var pixel = Math.Min(x, last);
            Write(Vector128.LoadUnsafe(ref source, (nuint)pixel), scale, lanes, means, pixel, flip, ref Unsafe.Add(ref target, flip ? last - pixel : pixel));
        }
    }
}
