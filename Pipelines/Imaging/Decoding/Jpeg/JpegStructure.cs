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
    private const byte Application1 = 0xe1;
    private const byte ArithmeticSequential = 0xc9;
    private const byte ArithmeticProgressive = 0xca;

    // libjpeg-turbo's own limit, a number of scans that no encoder writes, and pixels that take some seconds.
    private const int MostScans = 500;
    private const int ManyScans = 20;
    private const long MostScannedPixels = 2_000_000_000;

    internal static bool IsJpeg(ReadOnlySpan<byte> encoded) =>
        encoded.Length >= 3 && encoded[0] == 0xff && encoded[1] == StartOfImage && encoded[2] == 0xff;

    /// <summary>Reads the frame header (T.81, B.2.2).</summary>
    internal static ImageHeader ReadHeader(ReadOnlySpan<byte> encoded)
    {
        var marker = FindFrame(encoded, out var segment);
        return ParseFrame(marker, segment);
    }

    /// <summary>Whether the pixels are arithmetic-coded, which few decoders read.</summary>
    internal static bool IsArithmetic(ReadOnlySpan<byte> encoded) => FindFrame(encoded, out _) is ArithmeticSequential or ArithmeticProgressive;

    private static byte FindFrame(ReadOnlySpan<byte> encoded, out ReadOnlySpan<byte> segment)
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

            segment = ReadSegment(encoded, ref position);
            if (IsFrame(marker))
            {
                return marker;
            }
        }
    }

    /// <summary>Makes sure that the end marker is there and that the scans could hold the picture, and no more of them than decoding in bounded time allows.</summary>
    /// <returns>The orientation that the file's EXIF data gives.</returns>
    internal static ImageOrientation RequireEnd(ReadOnlySpan<byte> encoded, in ImageHeader header)
    {
        var position = 2;
        var scans = 0;
        var data = 0L;
        var shortest = 0L;
        ImageOrientation? orientation = null;
        while (true)
        {
            var marker = NextMarker(encoded, ref position);
            if (marker == EndOfImage)
            {
                break;
            }

            if (IsStandalone(marker))
            {
                continue;
            }

            var segment = ReadSegment(encoded, ref position);
            if (IsFrame(marker))
            {
                shortest = ShortestScan(marker, segment);
            }
            else if (marker == Application1 && orientation is null && segment.StartsWith(ExifOrientation.Prefix))
            {
                orientation = ExifOrientation.Read(segment);
            }
            else if (marker == StartOfScan)
            {
                scans++;
                RequireFewScans(scans, header);
                var start = position;
                SkipEntropyCodedData(encoded, ref position);
                data = Math.Max(data, position - start);
            }
        }

        if (scans == 0)
        {
            throw new ImageFormatException("JPEG data holds no scan (SOS): there is a header but no picture");
        }

        return data >= shortest
            ? orientation ?? ImageOrientation.TopLeft
            : throw new ImageFormatException($"{EndsEarly}: {data} bytes cannot hold {header.Width} x {header.Height} pixels");
    }

    // Every scan visits all of the picture however few bytes it has. Ten are usual; more than all of these would only keep a decoder busy.
    private static void RequireFewScans(int scans, in ImageHeader header)
    {
        if (scans > MostScans || (scans > ManyScans && (long)header.Width * header.Height * scans > MostScannedPixels))
        {
            throw new ImageFormatException(
                $"JPEG of {header.Width} x {header.Height} pixels has more than {scans - 1} scans: up to {MostScans} are decoded, "
                + $"of large pictures as many as visit {MostScannedPixels} pixels");
        }
    }

    /// <summary>
    /// The fewest bytes that the longest scan of a whole Huffman-coded picture has: a bit for every block of its first component, since each block begins with a code
    /// of its own in the scan with the block averages. Arithmetic coding needs less than a bit.
    /// </summary>
    private static long ShortestScan(byte marker, ReadOnlySpan<byte> frame)
    {
        if (marker is ArithmeticSequential or ArithmeticProgressive || frame.Length < 9 || frame.Length < 6 + (3 * frame[5]))
        {
            return 0;
        }

        int height = BinaryPrimitives.ReadUInt16BigEndian(frame[1..]);
        int width = BinaryPrimitives.ReadUInt16BigEndian(frame[3..]);
        int across = 1, down = 1;
        for (var i = 0; i < frame[5]; i++)
        {
            var sampling = frame[7 + (3 * i)];
            across = Math.Max(across, sampling >> 4);
            down = Math.Max(down, sampling & 15);
        }

        // At least one block for each unit of the coarsest sampling.
        long columns = (width + (8 * across) - 1) / (8 * across), rows = (height + (8 * down) - 1) / (8 * down);
        return columns * rows / 8;
    }

    private static ImageHeader ParseFrame(byte marker, ReadOnlySpan<byte> segment)
    {
        if (marker is not (0xc0 or 0xc1 or 0xc2 or ArithmeticSequential or ArithmeticProgressive))
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

    private static ReadOnlySpan<byte> ReadSegment(ReadOnlySpan<byte> encoded, scoped ref int position)
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
