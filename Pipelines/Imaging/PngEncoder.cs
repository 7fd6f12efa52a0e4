using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace AlexNetMl.Imaging;

/// <summary>Writes pictures as PNG (ISO/IEC 15948): 8 bits, RGB or gray, no ancillary chunks.</summary>
public static class PngEncoder
{
    private const byte Gray = 0;
    private const byte Rgb = 2;
    private const int HeaderBytes = 13;

    /// <summary>Encodes a colour picture.</summary>
    /// <param name="image">The pixels.</param>
    /// <returns>A PNG file; decoding it gives the same pixels.</returns>
    public static byte[] Encode(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Encode(image.Width, image.Height, image.Pixels, Rgb, RgbImage.Channels);
    }

    /// <summary>Encodes a gray picture.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels">width × height bytes, rows from top to bottom.</param>
    /// <returns>A PNG file; decoding it gives every sample three times.</returns>
    /// <exception cref="ArgumentException">A side is not positive or <paramref name="pixels"/> has another length.</exception>
    public static byte[] EncodeGray(int width, int height, ReadOnlySpan<byte> pixels)
    {
        if (width < 1 || height < 1 || pixels.Length != (long)width * height)
        {
            throw new ArgumentException(
                $"{pixels.Length} bytes were given for {width} x {height} gray pixels; "
                + "sides must be at least 1 and every pixel takes one byte.",
                nameof(pixels));
        }

        return Encode(width, height, pixels, Gray, 1);
    }

    private static byte[] Encode(int width, int height, ReadOnlySpan<byte> pixels, byte colorType, int pixelBytes)
    {
        var rowBytes = width * pixelBytes;
        var length = checked((rowBytes + 1) * height);
        var filtered = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            Filter(pixels, rowBytes, pixelBytes, filtered.AsSpan(0, length));
            using var output = new MemoryStream((length / 2) + 128);
            output.Write(PngStructure.Signature);
            Span<byte> header = [0, 0, 0, 0, 0, 0, 0, 0, 8, colorType, 0, 0, 0];
            BinaryPrimitives.WriteInt32BigEndian(header, width);
            BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
            WriteChunk(output, PngStructure.HeaderChunk, header);
            WriteData(output, filtered.AsSpan(0, length));
            WriteChunk(output, PngStructure.EndChunk, default);
            return output.ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(filtered);
        }
    }

    /// <summary>
    /// Chooses each row's filter by the smallest sum of absolute differences (section 12.8). Rows of small pictures rarely differ enough
    /// to be worth more than these three filters.
    /// </summary>
    private static void Filter(ReadOnlySpan<byte> pixels, int rowBytes, int pixelBytes, Span<byte> filtered)
    {
        for (int y = 0, position = 0; position < pixels.Length; y++, position += rowBytes)
        {
            var row = pixels.Slice(position, rowBytes);
            var above = y > 0 ? pixels.Slice(position - rowBytes, rowBytes) : default;
            var output = filtered.Slice(y * (rowBytes + 1), rowBytes + 1);
            var best = Choose(row, above, pixelBytes);
            output[0] = best;
            var body = output[1..];
            row.CopyTo(body);
            if (best == PngFilters.Sub)
            {
                Subtract(body[pixelBytes..], row[pixelBytes..], row[..^pixelBytes]);
            }
            else if (best == PngFilters.Up)
            {
                Subtract(body, row, above);
            }
        }
    }

    private static byte Choose(ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int pixelBytes)
    {
        var none = SumOfMagnitudes(row, default);
        var sub = SumOfMagnitudes(row[..pixelBytes], default) + SumOfMagnitudes(row[pixelBytes..], row[..^pixelBytes]);
        var up = above.IsEmpty ? long.MaxValue : SumOfMagnitudes(row, above);
        return up <= sub && up <= none ? PngFilters.Up : sub <= none ? PngFilters.Sub : PngFilters.None;
    }

    // Written so that the compiler's vectors and the reader both can follow: differences count as signed bytes.
    private static long SumOfMagnitudes(ReadOnlySpan<byte> row, ReadOnlySpan<byte> reference)
    {
        long sum = 0;
        if (reference.IsEmpty)
        {
            foreach (var value in row)
            {
                sum += Math.Abs((int)(sbyte)value);
            }

            return sum;
        }

        for (var i = 0; i < row.Length && i < reference.Length; i++)
        {
            sum += Math.Abs((int)(sbyte)(row[i] - reference[i]));
        }

        return sum;
    }

    private static void Subtract(Span<byte> result, ReadOnlySpan<byte> row, ReadOnlySpan<byte> reference)
    {
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = (byte)(row[i] - reference[i]);
        }
    }

    // The chunk's length stands before its data, so it is filled in afterwards.
    private static void WriteData(MemoryStream output, ReadOnlySpan<byte> filtered)
    {
        var start = (int)output.Position;
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(number[4..], PngStructure.DataChunk);
        output.Write(number);
        using (var zlib = new ZLibStream(output, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(filtered);
        }

        var chunk = output.GetBuffer().AsSpan(start, (int)output.Position - start);
        BinaryPrimitives.WriteInt32BigEndian(chunk, chunk.Length - 8);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Compute(chunk[4..]));
        output.Write(number[..4]);
    }

    private static void WriteChunk(MemoryStream output, uint type, ReadOnlySpan<byte> data)
    {
        Span<byte> chunk = stackalloc byte[PngStructure.ChunkOverhead + HeaderBytes];
        chunk = chunk[..(PngStructure.ChunkOverhead + data.Length)];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(chunk[4..], type);
        data.CopyTo(chunk[8..]);
        BinaryPrimitives.WriteUInt32BigEndian(chunk[^4..], Crc32.Compute(chunk[4..^4]));
        output.Write(chunk);
    }
}
