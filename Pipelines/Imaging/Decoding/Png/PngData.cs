using System.Buffers;
using System.IO.Compression;

namespace AlexNetMl.Imaging;

/// <summary>The uncompressed picture data of a PNG file: all IDAT chunks are one zlib stream (ISO/IEC 15948, section 10).</summary>
internal sealed class PngData : IDisposable
{
    private readonly byte[] compressed;
    private readonly ZLibStream inflated;

    internal PngData(ReadOnlySpan<byte> encoded)
    {
        compressed = ArrayPool<byte>.Shared.Rent(encoded.Length);
        inflated = new ZLibStream(new MemoryStream(compressed, 0, Gather(encoded, compressed)), CompressionMode.Decompress);
    }

    /// <summary>Fills the whole span with the next bytes.</summary>
    /// <exception cref="ImageFormatException">The data is broken or there is less of it.</exception>
    internal void Read(Span<byte> destination)
    {
        try
        {
            inflated.ReadExactly(destination);
        }
        catch (EndOfStreamException e)
        {
            throw new ImageFormatException("PNG data ends early: there are fewer rows than the header says", e);
        }
        catch (InvalidDataException e)
        {
            throw new ImageFormatException("PNG data cannot be decoded: it is not what zlib wrote", e);
        }
    }

    public void Dispose()
    {
        inflated.Dispose();
        ArrayPool<byte>.Shared.Return(compressed);
    }

    private static int Gather(ReadOnlySpan<byte> encoded, Span<byte> destination)
    {
        var written = 0;
        var position = PngStructure.Signature.Length;
        while (position < encoded.Length)
        {
            var chunk = PngStructure.NextChunk(encoded, ref position);
            if (chunk.Type == PngStructure.DataChunk)
            {
                PngStructure.RequireChecksum(encoded, chunk, "IDAT");
                encoded.Slice(chunk.Start, chunk.Length).CopyTo(destination[written..]);
                written += chunk.Length;
            }
            else if (chunk.Type == PngStructure.EndChunk)
            {
                break;
            }
        }

        return written;
    }
}
