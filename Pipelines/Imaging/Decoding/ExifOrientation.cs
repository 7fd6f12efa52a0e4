using System.Buffers.Binary;

namespace AlexNetMl.Imaging;

/// <summary>The orientation tag in EXIF data, which is a TIFF file (TIFF 6.0, section 2; EXIF 2.32, section 4.6.4).</summary>
internal static class ExifOrientation
{
    private const int Tag = 0x0112;
    private const int HeaderBytes = 8;
    private const int EntryBytes = 12;
    private const ushort LittleEndian = 0x4949;
    private const ushort BigEndian = 0x4d4d;

    /// <summary>What stands before the TIFF header in JPEG files, and in some of the others.</summary>
    internal static ReadOnlySpan<byte> Prefix => "Exif\0\0"u8;

    /// <summary>Reads the tag of the first directory. Data that is broken, or says nothing sensible, is an upright picture: a photograph's notes must not cost the
    /// photograph.</summary>
    internal static ImageOrientation Read(ReadOnlySpan<byte> exif)
    {
        if (exif.StartsWith(Prefix))
        {
            exif = exif[Prefix.Length..];
        }

        if (exif.Length < HeaderBytes)
        {
            return ImageOrientation.TopLeft;
        }

        var order = BinaryPrimitives.ReadUInt16BigEndian(exif);
        if (order is not (LittleEndian or BigEndian))
        {
            return ImageOrientation.TopLeft;
        }

        var big = order == BigEndian;
        var directory = Number32(exif, 4, big);
        if (Number16(exif, 2, big) != 42 || directory > exif.Length - 2)
        {
            return ImageOrientation.TopLeft;
        }

        var count = Number16(exif, (int)directory, big);
        for (int i = 0, entry = (int)directory + 2; i < count && entry <= exif.Length - EntryBytes; i++, entry += EntryBytes)
        {
            if (Number16(exif, entry, big) == Tag)
            {
                return ReadValue(exif.Slice(entry, EntryBytes), big);
            }
        }

        return ImageOrientation.TopLeft;
    }

    // An entry is tag, type, count and, where it is short enough, the value itself.
    private static ImageOrientation ReadValue(ReadOnlySpan<byte> entry, bool big)
    {
        const int Value = 8;
        var number = (Number16(entry, 2, big), Number32(entry, 4, big)) switch
        {
            (1, 1) => entry[Value],
            (3, 1) => Number16(entry, Value, big),
            (4, 1) => Number32(entry, Value, big),
            _ => 0u,
        };
        return number is >= (uint)ImageOrientation.TopLeft and <= (uint)ImageOrientation.LeftBottom ? (ImageOrientation)number : ImageOrientation.TopLeft;
    }

    private static ushort Number16(ReadOnlySpan<byte> data, int position, bool big) =>
        big ? BinaryPrimitives.ReadUInt16BigEndian(data[position..]) : BinaryPrimitives.ReadUInt16LittleEndian(data[position..]);

    private static uint Number32(ReadOnlySpan<byte> data, int position, bool big) =>
        big ? BinaryPrimitives.ReadUInt32BigEndian(data[position..]) : BinaryPrimitives.ReadUInt32LittleEndian(data[position..]);
}
