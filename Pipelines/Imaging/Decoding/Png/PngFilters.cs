using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AlexNetMl.Imaging;

/// <summary>PNG's five row filters (ISO/IEC 15948, section 9).</summary>
internal static class PngFilters
{
    internal const byte None = 0;
    internal const byte Sub = 1;
    internal const byte Up = 2;
    internal const byte Average = 3;
    internal const byte Paeth = 4;

    /// <summary>Turns a filtered row into its pixels, in place.</summary>
    internal static void Undo(byte filter, Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes)
    {
        switch (filter)
        {
            case None:
                break;
            case Sub:
                UndoSub(row, pixelBytes);
                break;
            case Up:
                UndoUp(row, above);
                break;
            case Average:
                UndoAverage(row, above, pixelBytes);
                break;
            case Paeth when pixelBytes is 3 or 4 && Vector128.IsHardwareAccelerated:
                UndoPaethByPixels(row, above, pixelBytes);
                break;
            case Paeth:
                UndoPaeth(row, above, pixelBytes, 0);
                break;
            default:
                throw new ImageFormatException($"PNG data cannot be decoded: row filter {filter} does not exist");
        }
    }

    private static void UndoSub(Span<byte> row, int pixelBytes)
    {
        for (var i = pixelBytes; i < row.Length; i++)
        {
            row[i] += row[i - pixelBytes];
        }
    }

    private static void UndoUp(Span<byte> row, ReadOnlySpan<byte> above)
    {
        var i = 0;
        for (; i <= row.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            (Vector128.Create((ReadOnlySpan<byte>)row[i..]) + Vector128.Create(above[i..])).CopyTo(row[i..]);
        }

        for (; i < row.Length; i++)
        {
            row[i] += above[i];
        }
    }

    private static void UndoAverage(Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes)
    {
        for (var i = 0; i < row.Length; i++)
        {
            row[i] += (byte)(((i >= pixelBytes ? row[i - pixelBytes] : 0) + above[i]) / 2);
        }
    }

    private static void UndoPaeth(Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes, int start)
    {
        for (var i = start; i < row.Length; i++)
        {
            int left = i >= pixelBytes ? row[i - pixelBytes] : 0;
            int corner = i >= pixelBytes ? above[i - pixelBytes] : 0;
            row[i] += (byte)Predict(left, above[i], corner);
        }
    }

    // Each byte depends on the pixel to the left, so a pixel's bytes are all that can be computed at once.
    private static void UndoPaethByPixels(Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes)
    {
        ref var current = ref MemoryMarshal.GetReference(row);
        ref var upper = ref MemoryMarshal.GetReference(above);
        Vector128<short> left = default, corner = default;
        var end = row.Length - sizeof(uint);
        var i = 0;
        for (; i <= end; i += pixelBytes)
        {
            var up = Load(ref Unsafe.Add(ref upper, i));
            var toLeft = Vector128.Abs(up - corner);
            var toUp = Vector128.Abs(left - corner);
            var toCorner = Vector128.Abs(left + up - corner - corner);
            var useLeft = Vector128.LessThanOrEqual(toLeft, toUp) & Vector128.LessThanOrEqual(toLeft, toCorner);
            var prediction = Vector128.ConditionalSelect(useLeft, left, Vector128.ConditionalSelect(Vector128.LessThanOrEqual(toUp, toCorner), up, corner));
            left = (Load(ref Unsafe.Add(ref current, i)) + prediction) & Vector128.Create((short)0xff);
            corner = up;
            var pixel = Vector128.Narrow(left, left).AsUInt32().ToScalar();
            if (pixelBytes == sizeof(uint))
            {
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref current, i), pixel);
            }
            else
            {
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref current, i), (ushort)pixel);
                Unsafe.Add(ref current, i + 2) = (byte)(pixel >> 16);
            }
        }

        UndoPaeth(row, above, pixelBytes, i);
    }

    private static Vector128<short> Load(ref byte pixel) =>
        Vector128.WidenLower(Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(ref pixel)).AsByte()).AsInt16();

    private static int Predict(int left, int above, int corner)
    {
        var toLeft = Math.Abs(above - corner);
        var toAbove = Math.Abs(left - corner);
        var toCorner = Math.Abs(left + above - (2 * corner));
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }
}
