using System.Buffers.Binary;

namespace AlexNetMl.Imaging;

/// <summary>The blocks of a GIF file (GIF89a specification, sections 17 to 24) up to the end of its first frame, walked without decoding.</summary>
internal static class GifStructure
{
    private const string EndsEarly = "GIF data ends early";
    private const int ScreenBytes = 13;
    private const int DescriptorBytes = 10;
    private const byte ImageSeparator = 0x2c;
    private const byte ExtensionIntroducer = 0x21;
    private const byte GraphicControl = 0xf9;
    private const byte Trailer = 0x3b;
    private const byte HasPalette = 0x80;
    private const byte IsInterlaced = 0x40;

    // A code has at least three bits and stands for at most 4,096 pixels.
    private const long LargestExpansion = 4096 * 8 / 3;

    internal static bool IsGif(ReadOnlySpan<byte> encoded) => encoded.StartsWith("GIF87a"u8) || encoded.StartsWith("GIF89a"u8);

    /// <summary>Canvas and format. A frame that does not fit the canvas enlarges it, as in Pillow.</summary>
    internal static ImageHeader ReadHeader(ReadOnlySpan<byte> encoded)
    {
        var frame = ReadFrame(encoded);
        var (width, height) = Canvas(encoded, frame);
        return new ImageHeader(EncodedFormat.Gif, width, height, 1, 8);
    }

    /// <summary>Makes sure that the first frame's data is all there and could hold it.</summary>
    internal static GifFrame RequireFrame(ReadOnlySpan<byte> encoded)
    {
        var frame = ReadFrame(encoded);
        var position = frame.Data;
        var bytes = 0L;
        while (true)
        {
            var block = ReadBlock(encoded, ref position);
            if (block.IsEmpty)
            {
                break;
            }

            bytes += block.Length;
        }

        if (frame.CodeSize is < 1 or > 8)
        {
            throw new ImageFormatException($"GIF code size {frame.CodeSize} does not exist: 1 to 8 bits do");
        }

        return (long)frame.Width * frame.Height <= (bytes * LargestExpansion) + LargestExpansion
            ? frame
            : throw new ImageFormatException($"{EndsEarly}: {bytes} compressed bytes cannot hold {frame.Width} x {frame.Height} pixels");
    }

    /// <summary>The next block of a chain of data blocks; empty behind the last.</summary>
    internal static ReadOnlySpan<byte> ReadBlock(ReadOnlySpan<byte> encoded, scoped ref int position)
    {
        if (position >= encoded.Length || encoded.Length - position - 1 < encoded[position])
        {
            throw new ImageFormatException(EndsEarly);
        }

        int length = encoded[position];
        var block = encoded.Slice(position + 1, length);
        position += length + 1;
        return block;
    }

    private static (int Width, int Height) Canvas(ReadOnlySpan<byte> encoded, in GifFrame frame)
    {
        var width = Math.Max((int)BinaryPrimitives.ReadUInt16LittleEndian(encoded[6..]), frame.Left + frame.Width);
        var height = Math.Max((int)BinaryPrimitives.ReadUInt16LittleEndian(encoded[8..]), frame.Top + frame.Height);
        return frame.Width > 0 && frame.Height > 0
            ? (width, height)
            : throw new ImageFormatException($"GIF frame says {frame.Width} x {frame.Height} pixels: both sides must be at least 1");
    }

    private static GifFrame ReadFrame(ReadOnlySpan<byte> encoded)
    {
        Require(encoded, 0, ScreenBytes);
        var position = ScreenBytes;
        var palette = ReadPalette(encoded, encoded[10], ref position);
        var transparent = -1;
        while (true)
        {
            Require(encoded, position, 1);
            switch (encoded[position++])
            {
                case ImageSeparator:
                    return ReadDescriptor(encoded, position - 1, palette, transparent);
                case Trailer:
                    throw new ImageFormatException("GIF data holds no picture");
                case ExtensionIntroducer:
                    Require(encoded, position, 1);
                    var label = encoded[position++];
                    transparent = SkipExtension(encoded, label, transparent, ref position);
                    break;
            }
        }
    }

    private static int SkipExtension(ReadOnlySpan<byte> encoded, byte label, int transparent, ref int position)
    {
        while (true)
        {
            var block = ReadBlock(encoded, ref position);
            if (block.IsEmpty)
            {
                return transparent;
            }

            if (label == GraphicControl && block.Length >= 4)
            {
                transparent = (block[0] & 1) != 0 ? block[3] : -1;
            }
        }
    }

    private static GifFrame ReadDescriptor(ReadOnlySpan<byte> encoded, int position, GifPalette palette, int transparent)
    {
        Require(encoded, position, DescriptorBytes);
        var descriptor = encoded.Slice(position, DescriptorBytes);
        position += DescriptorBytes;
        var flags = descriptor[9];
        var local = ReadPalette(encoded, flags, ref position);
        Require(encoded, position, 1);
        return new GifFrame(
            BinaryPrimitives.ReadUInt16LittleEndian(descriptor[1..]),
            BinaryPrimitives.ReadUInt16LittleEndian(descriptor[3..]),
            BinaryPrimitives.ReadUInt16LittleEndian(descriptor[5..]),
            BinaryPrimitives.ReadUInt16LittleEndian(descriptor[7..]),
            (flags & IsInterlaced) != 0,
            local.Colors > 0 ? local : palette,
            Math.Max(transparent, 0),
            encoded[position],
            position + 1);
    }

    private static GifPalette ReadPalette(ReadOnlySpan<byte> encoded, byte flags, ref int position)
    {
        if ((flags & HasPalette) == 0)
        {
            return default;
        }

        var palette = new GifPalette(position, 2 << (flags & 7));
        Require(encoded, position, palette.Colors * RgbImage.Channels);
        position += palette.Colors * RgbImage.Channels;
        return palette;
    }

    private static void Require(ReadOnlySpan<byte> encoded, int position, int bytes)
    {
        if (encoded.Length - position < bytes)
        {
            throw new ImageFormatException(EndsEarly);
        }
    }
}

/// <summary>Where a palette stands; without colours there is none.</summary>
internal readonly record struct GifPalette(int Start, int Colors);

/// <summary>One frame: its place on the canvas, its palette, the index that the canvas around it has, the first code's size less one, and where its data blocks stand.</summary>
internal readonly record struct GifFrame(
    int Left, int Top, int Width, int Height, bool Interlaced, GifPalette Palette, int Background, int CodeSize, int Data);
