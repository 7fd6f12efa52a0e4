using System.Buffers.Binary;

namespace AlexNetMl.Imaging;

/// <summary>
/// The chunks of a WebP file (Google's WebP Container Specification; RFC 9649), walked without decoding up to the first frame. Alpha stands in a chunk of its own or
/// beside the colours and is dropped like everywhere, so a decoder needs the one chunk that holds the colours.
/// </summary>
internal static class WebPStructure
{
    internal const int ChunkHeaderBytes = 8;

    private const string EndsEarly = "WebP data ends early";
    private const int FileHeaderBytes = 12;
    private const int ExtendedBytes = 10;
    private const int FrameHeaderBytes = 16;
    private const byte AlphaFlag = 0x10;

    private static ReadOnlySpan<byte> Lossy => "VP8 "u8;

    private static ReadOnlySpan<byte> Lossless => "VP8L"u8;

    internal static bool IsWebP(ReadOnlySpan<byte> encoded) =>
        encoded.Length >= FileHeaderBytes && encoded.StartsWith("RIFF"u8) && encoded[8..].StartsWith("WEBP"u8);

    /// <summary>Canvas and format.</summary>
    internal static ImageHeader ReadHeader(ReadOnlySpan<byte> encoded)
    {
        var position = FileHeaderBytes;
        var chunk = NextHeader(encoded, ref position);
        var data = encoded[chunk.Start..];
        if (chunk.Is("VP8X"u8))
        {
            Require(data, ExtendedBytes);
            return new ImageHeader(EncodedFormat.WebP, 1 + Number24(data[4..]), 1 + Number24(data[7..]), (data[0] & AlphaFlag) != 0 ? 4 : 3, 8);
        }

        var (width, height, alpha) = ReadBitstreamHeader(chunk.Tag(encoded), data);
        return new ImageHeader(EncodedFormat.WebP, width, height, alpha ? 4 : 3, 8);
    }

    /// <summary>Makes sure that the first frame is all there, and finds the orientation.</summary>
    internal static WebPFrame RequireFrame(ReadOnlySpan<byte> encoded, in ImageHeader header)
    {
        var end = ReadFileEnd(encoded);
        encoded = encoded[..end];
        var position = FileHeaderBytes;
        WebPFrame? frame = null;
        var orientation = ImageOrientation.TopLeft;
        while (encoded.Length - position >= ChunkHeaderBytes)
        {
            var chunk = NextChunk(encoded, ref position);
            if (chunk.Is("EXIF"u8))
            {
                orientation = ExifOrientation.Read(chunk.Data(encoded));
            }
            else if (frame is null && chunk.Is("ANMF"u8))
            {
                frame = ReadAnimationFrame(encoded, chunk, header);
            }
            else if (frame is null && IsPicture(chunk.Tag(encoded)))
            {
                frame = CheckSize(new WebPFrame(0, 0, header.Width, header.Height, chunk.Start - ChunkHeaderBytes, chunk.Length + ChunkHeaderBytes), encoded, chunk);
            }
        }

        return frame is { } found
            ? found with { Orientation = orientation }
            : throw new ImageFormatException("WebP data holds no picture (no VP8 or VP8L chunk)");
    }

    private static WebPFrame ReadAnimationFrame(ReadOnlySpan<byte> encoded, in WebPChunk animation, in ImageHeader header)
    {
        var data = animation.Data(encoded);
        Require(data, FrameHeaderBytes);
        int left = 2 * Number24(data), top = 2 * Number24(data[3..]), width = 1 + Number24(data[6..]), height = 1 + Number24(data[9..]);
        if (left + width > header.Width || top + height > header.Height)
        {
            throw new ImageFormatException($"WebP frame of {width} x {height} at column {left}, row {top} leaves its canvas of {header.Width} x {header.Height}");
        }

        var inner = encoded[..(animation.Start + animation.Length)];
        var position = animation.Start + FrameHeaderBytes;
        while (inner.Length - position >= ChunkHeaderBytes)
        {
            var chunk = NextChunk(inner, ref position);
            if (IsPicture(chunk.Tag(inner)))
            {
                return CheckSize(new WebPFrame(left, top, width, height, chunk.Start - ChunkHeaderBytes, chunk.Length + ChunkHeaderBytes), inner, chunk);
            }
        }

        throw new ImageFormatException("WebP frame holds no picture (no VP8 or VP8L chunk)");
    }

    // A decoder writes by the sizes in the picture's own chunk.
    private static WebPFrame CheckSize(in WebPFrame frame, ReadOnlySpan<byte> encoded, in WebPChunk chunk)
    {
        var (width, height, _) = ReadBitstreamHeader(chunk.Tag(encoded), chunk.Data(encoded));
        return width == frame.Width && height == frame.Height
            ? frame with { IsLossless = chunk.Is(Lossless) }
            : throw new ImageFormatException($"WebP data contradicts itself: {frame.Width} x {frame.Height} pixels in one place, {width} x {height} in another");
    }

    // RFC 6386, section 9.1, and the WebP Lossless Bitstream Specification, section 3.
    private static (int Width, int Height, bool Alpha) ReadBitstreamHeader(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> data)
    {
        int width, height;
        var alpha = false;
        if (tag.SequenceEqual(Lossy))
        {
            Require(data, 10);
            if ((data[0] & 1) != 0 || data[3] != 0x9d || data[4] != 0x01 || data[5] != 0x2a)
            {
                throw new ImageFormatException("WebP data cannot be decoded: it does not start with a VP8 key frame");
            }

            width = BinaryPrimitives.ReadUInt16LittleEndian(data[6..]) & 0x3fff;
            height = BinaryPrimitives.ReadUInt16LittleEndian(data[8..]) & 0x3fff;
        }
        else if (tag.SequenceEqual(Lossless))
        {
            Require(data, 5);
            if (data[0] != 0x2f)
            {
                throw new ImageFormatException("WebP data cannot be decoded: its lossless picture has no signature");
            }

            var bits = BinaryPrimitives.ReadUInt32LittleEndian(data[1..]);
            width = 1 + (int)(bits & 0x3fff);
            height = 1 + (int)((bits >> 14) & 0x3fff);
            alpha = ((bits >> 28) & 1) != 0;
        }
        else
        {
            throw new ImageFormatException("WebP data does not start with a picture (VP8, VP8L) or an extended header (VP8X)");
        }

        return width > 0 && height > 0
            ? (width, height, alpha)
            : throw new ImageFormatException($"WebP header says {width} x {height} pixels: both sides must be at least 1");
    }

    private static bool IsPicture(ReadOnlySpan<byte> tag) => tag.SequenceEqual(Lossy) || tag.SequenceEqual(Lossless);

    private static int ReadFileEnd(ReadOnlySpan<byte> encoded)
    {
        var length = (long)BinaryPrimitives.ReadUInt32LittleEndian(encoded[4..]) + 8;
        return length <= encoded.Length ? (int)Math.Max(length, FileHeaderBytes) : throw new ImageFormatException(EndsEarly);
    }

    private static WebPChunk NextHeader(ReadOnlySpan<byte> encoded, ref int position)
    {
        if (encoded.Length - position < ChunkHeaderBytes)
        {
            throw new ImageFormatException(EndsEarly);
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(encoded[(position + 4)..]);
        var chunk = new WebPChunk(BinaryPrimitives.ReadUInt32LittleEndian(encoded[position..]), position + ChunkHeaderBytes, (int)Math.Min(length, int.MaxValue));
        position += ChunkHeaderBytes;
        return chunk;
    }

    private static WebPChunk NextChunk(ReadOnlySpan<byte> encoded, ref int position)
    {
        var chunk = NextHeader(encoded, ref position);
        if (chunk.Length > encoded.Length - position)
        {
            throw new ImageFormatException(EndsEarly);
        }

        // Chunks are padded to an even length; the last one's padding is missing now and then.
        position = Math.Min(position + chunk.Length + (chunk.Length & 1), encoded.Length);
        return chunk;
    }

    private static int Number24(ReadOnlySpan<byte> data) => data[0] | (data[1] << 8) | (data[2] << 16);

    private static void Require(ReadOnlySpan<byte> data, int bytes)
    {
        if (data.Length < bytes)
        {
            throw new ImageFormatException(EndsEarly);
        }
    }

    /// <summary>One chunk: its four letters as a little-endian number, and where its data stands.</summary>
    private readonly record struct WebPChunk(uint Type, int Start, int Length)
    {
        internal bool Is(ReadOnlySpan<byte> tag) => Type == BinaryPrimitives.ReadUInt32LittleEndian(tag);

        internal ReadOnlySpan<byte> Tag(ReadOnlySpan<byte> encoded) => encoded.Slice(Start - ChunkHeaderBytes, 4);

        internal ReadOnlySpan<byte> Data(ReadOnlySpan<byte> encoded) => encoded.Slice(Start, Length);
    }
}

/// <summary>The first frame: its place on the canvas, and where the chunk with its colours stands, header included.</summary>
internal readonly record struct WebPFrame(int Left, int Top, int Width, int Height, int Start, int Length)
{
    internal bool IsLossless { get; init; }

    internal ImageOrientation Orientation { get; init; } = ImageOrientation.TopLeft;
}
