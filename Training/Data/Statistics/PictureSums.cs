using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AlexNetMl.Training;

/// <summary>
/// Sums of pixels and of products of channels over planar squares. Whole numbers, so that neither the order nor the number of threads matters.
/// </summary>
internal sealed class PictureSums(int side)
{
    // 32 bits hold the sum of this many bytes, and a lane of 32 bits the products of this many pixels.
    private const int MostPictures = 1 << 24;
    private const int MostPixels = 1 << 18;

    private readonly int _plane = side * side;
    private readonly uint[] _recent = new uint[3 * side * side];
    private int _recentPictures;

    /// <summary>Pictures added.</summary>
    internal long Pictures { get; private set; }

    /// <summary>Sum of each pixel, [3, side, side].</summary>
    internal ulong[]? Pixels { get; private set; }

    /// <summary>Sums of RR, RG, RB, GG, GB, BB.</summary>
    internal Int128[] Products { get; } = new Int128[6];

    internal void Add(ReadOnlySpan<byte> planes)
    {
        if (_recentPictures == MostPictures)
            Fold();
        AddPixels(planes, _recent);
        ReadOnlySpan<byte> red = planes[.._plane], green = planes.Slice(_plane, _plane), blue = planes.Slice(2 * _plane, _plane);
        for (int at = 0; at < _plane; at += MostPixels)
        {
            int length = Math.Min(MostPixels, _plane - at);
            AddProducts(red.Slice(at, length), green.Slice(at, length), blue.Slice(at, length));
        }
        _recentPictures++;
        Pictures++;
    }

    /// <summary>Adds what another thread has summed.</summary>
    internal void Add(PictureSums other)
    {
        other.Fold();
        Fold();
        for (int i = 0; i < Pixels!.Length; i++)
            Pixels[i] += other.Pixels![i];
        for (int i = 0; i < Products.Length; i++)
            Products[i] += other.Products[i];
        Pictures += other.Pictures;
    }

    private void Fold()
    {
        Pixels ??= new ulong[_recent.Length];
        for (int i = 0; i < _recent.Length; i++)
            Pixels[i] += _recent[i];
        Array.Clear(_recent);
        _recentPictures = 0;
    }

    private static void AddPixels(ReadOnlySpan<byte> planes, Span<uint> sums)
    {
        int i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            ref byte source = ref MemoryMarshal.GetReference(planes);
            ref uint target = ref MemoryMarshal.GetReference(sums);
            for (; i <= planes.Length - 16; i += 16)
            {
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.LoadUnsafe(ref source, (nuint)i));
                AddEight(low, ref target, i);
                AddEight(high, ref target, i + 8);
            }
        }
        for (; i < planes.Length; i++)
            sums[i] += planes[i];

        static void AddEight(Vector128<ushort> samples, ref uint target, int at)
        {
            (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(samples);
            (Vector256.LoadUnsafe(ref target, (nuint)at) + Vector256.Create(low, high)).StoreUnsafe(ref target, (nuint)at);
        }
    }

    private void AddProducts(ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue)
    {
        Vector256<uint> rr = default, rg = default, rb = default, gg = default, gb = default, bb = default;
        int i = 0;
        for (; i <= red.Length - 16; i += 16)
        {
            Vector256<ushort> r = Load(red, i), g = Load(green, i), b = Load(blue, i);
            rr = Sum(rr, r * r);                            // 255 · 255 fits 16 bits
            rg = Sum(rg, r * g);
            rb = Sum(rb, r * b);
            gg = Sum(gg, g * g);
            gb = Sum(gb, g * b);
            bb = Sum(bb, b * b);
        }
        Span<long> rest = stackalloc long[6];
        for (; i < red.Length; i++)
        {
            int r = red[i], g = green[i], b = blue[i];
            rest[0] += r * r;
            rest[1] += r * g;
            rest[2] += r * b;
            rest[3] += g * g;
            rest[4] += g * b;
            rest[5] += b * b;
        }
        ReadOnlySpan<Vector256<uint>> sums = [rr, rg, rb, gg, gb, bb];
        for (int k = 0; k < 6; k++)
        {
            for (int lane = 0; lane < 8; lane++)
                rest[k] += sums[k][lane];
            Products[k] += rest[k];
        }

        static Vector256<ushort> Load(ReadOnlySpan<byte> plane, int at)
        {
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(plane), (nuint)at));
            return Vector256.Create(low, high);
        }

        static Vector256<uint> Sum(Vector256<uint> sum, Vector256<ushort> products)
        {
            (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(products);
            return sum + low + high;
        }
    }
}
