using System.Buffers.Binary;
using System.Numerics;

namespace AlexNetMl.Imaging;

/// <summary>How a BMP file stores its pixels (Windows BITMAPINFOHEADER and its forerunners and successors, by the headers' lengths).</summary>
internal readonly record struct BmpHeader
{
    private const string EndsEarly = "BMP data ends early";
    private const int FileHeaderBytes = 14;
    private const int CoreHeaderBytes = 12;
    private const int InfoHeaderBytes = 40;

    internal int Width { get; private init; }

    internal int Height { get; private init; }

    /// <summary>Rows from top to bottom; otherwise the last row comes first.</summary>
    internal bool TopDown { get; private init; }

    /// <summary>Of one pixel.</summary>
    internal int Bits { get; private init; }

    internal BmpCompression Compression { get; private init; }

    internal int PaletteStart { get; private init; }

    internal int PaletteColors { get; private init; }

    /// <summary>Bytes of one colour: blue, green, red and, but in the oldest files, a fourth.</summary>
    internal int PaletteColorBytes { get; private init; }

    /// <summary>Which bits of a pixel are red, green and blue, where there is no palette.</summary>
    internal (uint Red, uint Green, uint Blue) Masks { get; private init; }

    internal int Data { get; private init; }

    internal bool HasPalette => Bits <= 8;

    /// <summary>Bytes of one row, which are a multiple of four.</summary>
    internal long Stride => (((long)Width * Bits) + 31) / 32 * 4;

    internal static bool IsBmp(ReadOnlySpan<byte> encoded) =>
        encoded.Length >= FileHeaderBytes + 4 && encoded.StartsWith("BM"u8) && encoded[FileHeaderBytes] is 12 or 40 or 52 or 56 or 64 or 108 or 124
        && encoded[(FileHeaderBytes + 1)..].StartsWith((ReadOnlySpan<byte>)[0, 0, 0]);

    internal static BmpHeader Read(ReadOnlySpan<byte> encoded)
    {
        int length = encoded[FileHeaderBytes];
        Require(encoded, FileHeaderBytes, length);
        var header = encoded.Slice(FileHeaderBytes, length);
        var result = length == CoreHeaderBytes ? ReadCore(header) : ReadInfo(encoded, header);
        var data = BinaryPrimitives.ReadUInt32LittleEndian(encoded[10..]);
        if (data > encoded.Length || data < FileHeaderBytes + length)
        {
            throw new ImageFormatException($"BMP header says that the pixels start at byte {data}; {FileHeaderBytes + length} to {encoded.Length} are possible");
        }

        return result with { Data = (int)data };
    }

    /// <summary>Makes sure that what is there could hold the picture, so that a header alone cannot ask for memory.</summary>
    internal void RequireData(ReadOnlySpan<byte> encoded)
    {
        if (HasPalette && PaletteColors * PaletteColorBytes > Data - PaletteStart)
        {
            throw new ImageFormatException($"BMP palette of {PaletteColors} colours does not fit before the pixels");
        }

        // Two bytes of a run are at most 255 pixels; a jump passes over 255 rows.
        var isRunLength = Compression is BmpCompression.RunLength8 or BmpCompression.RunLength4;
        var needed = isRunLength ? Height / 255 : Stride * Height;
        if (encoded.Length - Data < needed)
        {
            throw new ImageFormatException($"{EndsEarly}: {encoded.Length - Data} bytes cannot hold {Width} x {Height} pixels of {Bits} bits");
        }
    }

    private static BmpHeader ReadCore(ReadOnlySpan<byte> header)
    {
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]);
        return Check(new BmpHeader
        {
            Width = BinaryPrimitives.ReadUInt16LittleEndian(header[4..]),
            Height = BinaryPrimitives.ReadUInt16LittleEndian(header[6..]),
            Bits = bits,
            PaletteStart = FileHeaderBytes + CoreHeaderBytes,
            PaletteColors = bits <= 8 ? 1 << bits : 0,
            PaletteColorBytes = 3,
            Masks = (0xff0000, 0xff00, 0xff),
        });
    }

    private static BmpHeader ReadInfo(ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> header)
    {
        var height = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(header[14..]);
        var colors = BinaryPrimitives.ReadUInt32LittleEndian(header[32..]);
        var result = Check(new BmpHeader
        {
            Width = BinaryPrimitives.ReadInt32LittleEndian(header[4..]),
            Height = height == int.MinValue ? 0 : Math.Abs(height),
            TopDown = height < 0,
            Bits = bits,
            Compression = (BmpCompression)BinaryPrimitives.ReadUInt32LittleEndian(header[16..]),
            PaletteStart = FileHeaderBytes + header.Length,
            PaletteColorBytes = 4,
            Masks = bits == 16 ? (0x7c00u, 0x3e0u, 0x1fu) : (0xff0000u, 0xff00u, 0xffu),
        });
        if (result.HasPalette)
        {
            var most = 1u << bits;
            return result with { PaletteColors = (int)(colors == 0 ? most : Math.Min(colors, most)) };
        }

        return result.Compression == BmpCompression.BitFields ? result with { Masks = ReadMasks(encoded) } : result;
    }

    // In files with the shortest header the masks stand behind it, in others they are the next part of it: the same place.
    private static (uint Red, uint Green, uint Blue) ReadMasks(ReadOnlySpan<byte> encoded)
    {
        const int Start = FileHeaderBytes + InfoHeaderBytes;
        Require(encoded, Start, 12);
        var red = BinaryPrimitives.ReadUInt32LittleEndian(encoded[Start..]);
        var green = BinaryPrimitives.ReadUInt32LittleEndian(encoded[(Start + 4)..]);
        var blue = BinaryPrimitives.ReadUInt32LittleEndian(encoded[(Start + 8)..]);
        if ((red | green | blue) == 0)
        {
            return (0xff0000, 0xff00, 0xff);
        }

        foreach (var mask in (ReadOnlySpan<uint>)[red, green, blue])
        {
            // A mask's bits are neighbours: shifted down they are one less than a power of two.
            var shifted = mask == 0 ? 0 : mask >> BitOperations.TrailingZeroCount(mask);
            if (mask == 0 || (shifted & (shifted + 1)) != 0)
            {
                throw new ImageFormatException($"BMP colour mask {mask:x8} is not a run of bits");
            }
        }

        return (red, green, blue);
    }

    private static BmpHeader Check(in BmpHeader header)
    {
        if (header.Width < 1 || header.Height < 1)
        {
            throw new ImageFormatException($"BMP header says {header.Width} x {header.Height} pixels: both sides must be at least 1");
        }

        var fits = header.Compression switch
        {
            BmpCompression.None => header.Bits is 1 or 4 or 8 or 16 or 24 or 32,
            BmpCompression.RunLength8 => header.Bits == 8 && !header.TopDown,
            BmpCompression.RunLength4 => header.Bits == 4 && !header.TopDown,
            BmpCompression.BitFields => header.Bits is 16 or 24 or 32,
            _ => false,
        };
        return fits
            ? header
            : throw new ImageFormatException(
                $"BMP with {header.Bits} bits and compression {(uint)header.Compression} is not supported: "
                + "1, 4, 8, 16, 24 and 32 bits are, runs of 8 and 4 bits from bottom to top, and bit fields");
    }

    private static void Require(ReadOnlySpan<byte> encoded, int position, int bytes)
    {
        if (encoded.Length - position < bytes)
        {
            throw new ImageFormatException(EndsEarly);
        }
    }
}

/// <summary>The field biCompression.</summary>
internal enum BmpCompression : uint
{
    None = 0,
    RunLength8 = 1,
    RunLength4 = 2,
    BitFields = 3,
}
