using System.Buffers;

namespace AlexNetMl.Imaging;

/// <summary>
/// Lossless WebP pictures (RFC 9649, section 3): prefix codes, copies of earlier pixels and a cache of colours, behind transforms that are undone at the end. Memory is bounded by
/// the picture's size: 4 bytes a pixel, a sixteenth of that for each transform, and tables for at most <see cref="MostGroups"/> groups of codes, whatever the file names.
/// ImageSharp 2.1.13 allocated 1.45 GB of tables where a small file named 65,536 of them; libwebp, by its source, sets aside 0.7 GB.
/// </summary>
internal static class LosslessReader
{
    internal const int LargestCacheBits = 11;

    /// <summary>Groups of prefix codes that a picture may use. libwebp writes 2,600 at most; this many take some 80 MB.</summary>
    internal const int MostGroups = 8192;

    private const int HeaderBytes = 5;
    private const int VersionBits = 3;

    /// <summary>Decodes a picture without its alpha.</summary>
    /// <param name="data">The contents of its VP8L chunk, whose header has been checked.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="rgb">The canvas from the picture's first pixel on.</param>
    /// <param name="stride">Bytes from row to row.</param>
    internal static void Decode(ReadOnlySpan<byte> data, int width, int height, Span<byte> rgb, int stride)
    {
        var rented = ArrayPool<uint>.Shared.Rent(width * height);
        try
        {
            var pixels = rented.AsSpan(0, width * height);
            var bits = Begin(data);
            var transforms = ReadTransforms(ref bits, width, height, out var codedWidth);
            var coded = pixels[..(codedWidth * height)];
            var codes = ReadCodes(ref bits, codedWidth, height, mayVary: true);
            new LosslessPixels(codes, codedWidth).Read(ref bits, coded);
            for (var i = transforms.Count - 1; i >= 0; i--)
            {
                transforms[i].Undo(pixels, height);
            }

            for (var y = 0; y < height; y++)
            {
                Store(pixels.Slice(y * width, width), rgb.Slice(y * stride, width * RgbImage.Channels));
            }
        }
        finally
        {
            ArrayPool<uint>.Shared.Return(rented);
        }
    }

    private static LosslessBits Begin(ReadOnlySpan<byte> data)
    {
        var version = data[HeaderBytes - 1] >> (8 - VersionBits);
        return version == 0
            ? new LosslessBits(data[HeaderBytes..])
            : throw new ImageFormatException($"WebP data cannot be decoded: version {version} of lossless pictures is not known, only 0 is");
    }

    private static List<LosslessTransform> ReadTransforms(ref LosslessBits bits, int width, int height, out int codedWidth)
    {
        var transforms = new List<LosslessTransform>(4);
        codedWidth = width;
        while (bits.ReadFlag())
        {
            var kind = (LosslessTransformKind)bits.Read(2);
            if (transforms.Exists(transform => transform.Kind == kind))
            {
                throw new ImageFormatException($"WebP data cannot be decoded: its transform {(int)kind} comes twice");
            }

            var transform = new LosslessTransform { Kind = kind, Width = codedWidth };
            switch (kind)
            {
                case LosslessTransformKind.Predictor or LosslessTransformKind.Color:
                    var blockBits = 2 + bits.Read(3);
                    transform = transform with { Bits = blockBits, Data = ReadPart(ref bits, Blocks(codedWidth, blockBits), Blocks(height, blockBits)) };
                    break;
                case LosslessTransformKind.Palette:
                    var colors = 1 + bits.Read(8);
                    var packing = colors switch { <= 2 => 3, <= 4 => 2, <= 16 => 1, _ => 0 };
                    transform = transform with { Bits = packing, Data = LosslessTransform.SumColors(ReadPart(ref bits, colors, 1)) };
                    codedWidth = Blocks(codedWidth, packing);
                    break;
            }

            bits.RequireAll();
            transforms.Add(transform);
        }

        return transforms;
    }

    // A picture that says something about blocks of another: without transforms, in one group of codes.
    private static uint[] ReadPart(ref LosslessBits bits, int width, int height)
    {
        var codes = ReadCodes(ref bits, width, height, mayVary: false);
        var pixels = new uint[width * height];
        new LosslessPixels(codes, width).Read(ref bits, pixels);
        return pixels;
    }

    private static LosslessCodes ReadCodes(ref LosslessBits bits, int width, int height, bool mayVary)
    {
        var cacheBits = ReadCacheBits(ref bits);
        var blockBits = 0;
        var (numbers, kept) = mayVary && bits.ReadFlag() ? ReadGroupNumbers(ref bits, width, height, out blockBits) : ([], 1);
        var groups = new PrefixGroup[kept];
        var tables = new uint[4096];
        if (numbers.Length == 0)
        {
            groups[0] = PrefixGroup.Read(ref bits, Size(cacheBits), ref tables, keep: true);
            return new LosslessCodes(groups, numbers, 0, 0, cacheBits);
        }

        var places = Place(numbers, out var named);
        for (var i = 0; i < named; i++)
        {
            var group = PrefixGroup.Read(ref bits, Size(cacheBits), ref tables, keep: places[i] >= 0);
            if (places[i] >= 0)
            {
                groups[places[i]] = group;
            }
        }

        foreach (ref var number in numbers.AsSpan())
        {
            number = (uint)places[(int)number];
        }

        return new LosslessCodes(groups, numbers, blockBits, Blocks(width, blockBits), cacheBits);
    }

    private static int ReadCacheBits(ref LosslessBits bits)
    {
        if (!bits.ReadFlag())
        {
            return 0;
        }

        var cacheBits = bits.Read(4);
        return cacheBits is >= 1 and <= LargestCacheBits
            ? cacheBits
            : throw new ImageFormatException($"WebP data cannot be decoded: a colour cache of {cacheBits} bits, where 1 to {LargestCacheBits} are possible");
    }

    /// <summary>The number of each block's group, and how many different ones there are.</summary>
    private static (uint[] Numbers, int Different) ReadGroupNumbers(ref LosslessBits bits, int width, int height, out int blockBits)
    {
        blockBits = 2 + bits.Read(3);
        var numbers = ReadPart(ref bits, Blocks(width, blockBits), Blocks(height, blockBits));
        bits.RequireAll();
        var seen = new bool[1 << 16];
        var different = 0;
        foreach (ref var number in numbers.AsSpan())
        {
            number = (number >> 8) & 0xffff;
            different += seen[number] ? 0 : 1;
            seen[number] = true;
        }

        return different <= MostGroups
            ? (numbers, different)
            : throw new ImageFormatException($"WebP data of {different} groups of prefix codes exceeds the limit of {MostGroups}");
    }

    // Where each named group is kept; −1 for those that no block uses.
    private static int[] Place(ReadOnlySpan<uint> numbers, out int named)
    {
        named = 0;
        foreach (var number in numbers)
        {
            named = Math.Max(named, (int)number + 1);
        }

        var places = new int[named];
        places.AsSpan().Fill(-1);
        foreach (var number in numbers)
        {
            places[(int)number] = 0;
        }

        var next = 0;
        foreach (ref var place in places.AsSpan())
        {
            place = place < 0 ? place : next++;
        }

        return places;
    }

    private static void Store(ReadOnlySpan<uint> pixels, Span<byte> rgb)
    {
        for (int i = 0, o = 0; i < pixels.Length; i++, o += RgbImage.Channels)
        {
            var pixel = pixels[i];
            (rgb[o], rgb[o + 1], rgb[o + 2]) = ((byte)(pixel >> 16), (byte)(pixel >> 8), (byte)pixel);
        }
    }

    private static int Size(int cacheBits) => cacheBits == 0 ? 0 : 1 << cacheBits;

    private static int Blocks(int pixels, int bits) => (pixels + (1 << bits) - 1) >> bits;
}

/// <summary>The codes of a picture: its groups, which of them each block of pixels is written in (none: the only one), and how large its colour cache is.</summary>
internal sealed record LosslessCodes(PrefixGroup[] Groups, uint[] Numbers, int BlockBits, int BlockColumns, int CacheBits);
