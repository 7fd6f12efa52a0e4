using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AlexNetMl.Imaging;

/// <summary>R, G, B in turn, and one plane for each.</summary>
internal static class Interleaving
{
    /// <summary>Interleaved pixels to planes.</summary>
    /// <param name="rgb">Pixels, three bytes each.</param>
    /// <param name="reds">Receives a byte of each.</param>
    /// <param name="greens">Receives the second byte of each.</param>
    /// <param name="blues">Receives the third byte of each.</param>
    internal static void ToPlanes(ReadOnlySpan<byte> rgb, Span<byte> reds, Span<byte> greens, Span<byte> blues)
    {
        var count = reds.Length;
        var done = 0;
        if (Vector128.IsHardwareAccelerated && rgb.Length >= count * RgbImage.Channels)
        {
            for (; done <= count - 16; done += 16)
            {
                var (r, g, b) = Split(ref Unsafe.Add(ref MemoryMarshal.GetReference(rgb), done * RgbImage.Channels));
                r.CopyTo(reds[done..]);
                g.CopyTo(greens[done..]);
                b.CopyTo(blues[done..]);
            }
        }

        for (; done < count; done++)
        {
            reds[done] = rgb[done * RgbImage.Channels];
            greens[done] = rgb[(done * RgbImage.Channels) + 1];
            blues[done] = rgb[(done * RgbImage.Channels) + 2];
        }
    }

    /// <summary>Planes to interleaved pixels.</summary>
    /// <param name="planes">count × 3 bytes.</param>
    /// <param name="rgb">Receives as many.</param>
    internal static void FromPlanes(ReadOnlySpan<byte> planes, Span<byte> rgb)
    {
        var count = planes.Length / RgbImage.Channels;
        for (var i = 0; i < count; i++)
        {
            rgb[i * RgbImage.Channels] = planes[i];
            rgb[(i * RgbImage.Channels) + 1] = planes[count + i];
            rgb[(i * RgbImage.Channels) + 2] = planes[(2 * count) + i];
        }
    }

    /// <summary>Sixteen pixels, 48 bytes, by channel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (Vector128<byte> Red, Vector128<byte> Green, Vector128<byte> Blue) Split(ref byte source)
    {
        var a = Vector128.LoadUnsafe(ref source);
        var b = Vector128.LoadUnsafe(ref source, 16);
        var c = Vector128.LoadUnsafe(ref source, 32);
        return (Reds(a, b, c), Greens(a, b, c), Blues(a, b, c));
    }

    // Shuffling with an index beyond the vector gives zero, so that the three parts can be joined.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Reds(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c) =>
        Vector128.Shuffle(a, Vector128.Create((byte)0, 3, 6, 9, 12, 15, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
        | Vector128.Shuffle(b, Vector128.Create((byte)255, 255, 255, 255, 255, 255, 2, 5, 8, 11, 14, 255, 255, 255, 255, 255))
        | Vector128.Shuffle(c, Vector128.Create((byte)255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 4, 7, 10, 13));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Greens(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c) =>
        Vector128.Shuffle(a, Vector128.Create((byte)1, 4, 7, 10, 13, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
        | Vector128.Shuffle(b, Vector128.Create((byte)255, 255, 255, 255, 255, 0, 3, 6, 9, 12, 15, 255, 255, 255, 255, 255))
        | Vector128.Shuffle(c, Vector128.Create((byte)255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2, 5, 8, 11, 14));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Blues(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c) =>
        Vector128.Shuffle(a, Vector128.Create((byte)2, 5, 8, 11, 14, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
        | Vector128.Shuffle(b, Vector128.Create((byte)255, 255, 255, 255, 255, 1, 4, 7, 10, 13, 255, 255, 255, 255, 255, 255))
        | Vector128.Shuffle(c, Vector128.Create((byte)255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 3, 6, 9, 12, 15));
}
