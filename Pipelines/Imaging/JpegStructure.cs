using System.Buffers.Binary;

namespace AlexNetMl.Imaging;

/// <summary>
/// The segments of a JPEG file (ITU-T T.81, Annex B), walked without decoding. Codecs disagree about files that end early (some paint the
/// rest
/// gray and say nothing), so the end is looked for here, before any of them runs.
/// </summary>
internal static class JpegStructure
{
    private const string EndsEarly = "JPEG data ends early";
    private const byte StartOfImage = 0xd8;
    private const byte EndOfImage = 0xd9;
    private const byte StartOfScan = 0xda;

    internal static bool IsJpeg(ReadOnlySpan<byte> encoded) =>
        encoded.Length >= 3 && encoded[0] == 0xff && encoded[1] == StartOfImage && encoded[2] == 0xff;

    /// <summary>Reads the frame header (T.81, B.2.2).</summary>
    internal static ImageHeader ReadHeader(ReadOnlySpan<byte> encoded)
    {
        var position = 2;
        while (true)
        {
            var marker = NextMarker(encoded, ref position);
            if (marker is EndOfImage or StartOfScan)
            {
                throw new ImageFormatException("JPEG data has no frame header (SOF) before its picture data");
            }

            if (IsStandalone(marker))
            {
                continue;
            }

            var segment = ReadSegment(encoded, ref position);
            if (IsFrame(marker))
            {
                return ParseFrame(marker, segment);
            }
        }
    }

    /// <summary>Makes sure that at least one scan and the end marker are there.</summary>
    internal static void RequireEnd(ReadOnlySpan<byte> encoded)
    {
        var position = 2;
        var scans = 0;
        while (true)
        {
            var marker = NextMarker(encoded, ref position);
            if (marker == EndOfImage)
            {
                if (scans == 0)
                {
                    throw new ImageFormatException("JPEG data holds no scan (SOS): there is a header but no picture");
                }

                return;
            }

            if (IsStandalone(marker))
            {
                continue;
            }

            ReadSegment(encoded, ref position);
            if (marker == StartOfScan)
            {
                scans++;
                SkipEntropyCodedData(encoded, ref position);
            }
        }
    }

    private static ImageHeader ParseFrame(byte marker, ReadOnlySpan<byte> segment)
    {
        if (marker is not (0xc0 or 0xc1 or 0xc2 or 0xc9 or 0xca))
        {
            throw new ImageFormatException(
                $"JPEG coding process SOF{marker - 0xc0} is not supported: "
                + "only baseline, extended and progressive Huffman or arithmetic coding are");
        }

        if (segment.Length < 6)
        {
            throw new ImageFormatException($"JPEG frame header holds {segment.Length} bytes; at least 6 are needed");
        }

        int precision = segment[0];
        int height = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]);
        int width = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        int components = segment[5];
        if (precision != 8)
        {
            throw new ImageFormatException($"JPEG samples of {precision} bits are not supported: only 8 bits are");
        }

        if (width == 0 || height == 0)
        {
            throw new ImageFormatException($"JPEG header says {width} x {height} pixels: both sides must be at least 1");
        }

        if (components is not (1 or 3 or 4))
        {
            throw new ImageFormatException(
                $"JPEG with {components} components is not supported: only gray (1), colour (3) and CMYK (4) are");
        }

        return new ImageHeader(EncodedFormat.Jpeg, width, height, components, precision);
    }

    private static bool IsFrame(byte marker) => marker is >= 0xc0 and <= 0xcf and not (0xc4 or 0xc8 or 0xcc);

    private static bool IsStandalone(byte marker) => marker is 0x01 or (>= 0xd0 and <= 0xd8);

    // Bytes between segments are skipped as libjpeg skips them: files with such padding are common and whole.
    private static byte NextMarker(ReadOnlySpan<byte> encoded, ref int position)
    {
        while (true)
        {
            var offset = encoded[position..].IndexOf((byte)0xff);
            if (offset < 0)
            {
                throw new ImageFormatException(EndsEarly);
            }

            position += offset;
            while (position < encoded.Length && encoded[position] == 0xff)
            {
                position++;
            }

            if (position == encoded.Length)
            {
                throw new ImageFormatException(EndsEarly);
            }

            var marker = encoded[position++];
            if (marker != 0)
            {
                return marker;
            }
        }
    }

    private static ReadOnlySpan<byte> ReadSegment(ReadOnlySpan<byte> encoded, ref int position)
    {
        if (encoded.Length - position < 2)
        {
            throw new ImageFormatException(EndsEarly);
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(encoded[position..]);
        if (length < 2)
        {
            throw new ImageFormatException($"JPEG segment at byte {position} says it has {length} bytes; at least 2 are needed");
        }

        if (encoded.Length - position < length)
        {
            throw new ImageFormatException(EndsEarly);
        }

        var segment = encoded.Slice(position + 2, length - 2);
        position += length;
        return segment;
    }

    // Within a scan only stuffed zeros and restart markers may follow 0xff (T.81, B.1.1.5); anything else ends it.
    private static void SkipEntropyCodedData(ReadOnlySpan<byte> encoded, ref int position)
    {
        while (true)
        {
            var offset = encoded[position..].IndexOf((byte)0xff);
            if (offset < 0 || position + offset + 1 >= encoded.Length)
            {
                throw new ImageFormatException(EndsEarly);
            }

            position += offset;
            var next = encoded[position + 1];
            if (next is 0 or (>= 0xd0 and <= 0xd7))
            {
                position += 2;
            }
            else if (next == 0xff)
            {
                position++;
            }
            else
            {
                return;
            }
        }
    }
}
