using System.Runtime.CompilerServices;

namespace AlexNetMl.Imaging;

/// <summary>
/// GIF's first frame on its canvas, as Pillow shows it: around a smaller frame lies the transparent colour, or colour 0, and nothing is blended.
/// </summary>
internal static class GifReader
{
    private const int LargestCode = 12;
    private const int TableSize = 1 << LargestCode;

    internal static void Decode(ReadOnlySpan<byte> encoded, in ImageHeader header, in GifFrame frame, Span<byte> rgb)
    {
        Span<byte> palette = stackalloc byte[256 * RgbImage.Channels];
        FillPalette(encoded, frame.Palette, palette);
        if (frame.Width != header.Width || frame.Height != header.Height)
        {
            Palettes.Fill(palette, frame.Background, rgb);
        }

        Unpack(encoded, frame, new Canvas(rgb, header.Width, frame, palette));
    }

    // Indices without a colour are gray, as Pillow's palettes begin.
    private static void FillPalette(ReadOnlySpan<byte> encoded, GifPalette stored, Span<byte> palette)
    {
        Palettes.FillGray(palette);
        encoded.Slice(stored.Start, stored.Colors * RgbImage.Channels).CopyTo(palette);
    }

    // LZW with growing codes, appendix F. Every string is an earlier one and a byte more, so it is written from its end.
    [SkipLocalsInit]
    private static void Unpack(ReadOnlySpan<byte> encoded, in GifFrame frame, Canvas canvas)
    {
        Span<ushort> prefixes = stackalloc ushort[TableSize];
        Span<byte> suffixes = stackalloc byte[TableSize];
        Span<ushort> lengths = stackalloc ushort[TableSize];
        Span<byte> text = stackalloc byte[TableSize + 1];
        var clear = 1 << frame.CodeSize;
        for (var i = 0; i < clear; i++)
        {
            (suffixes[i], lengths[i]) = ((byte)i, 1);
        }

        var codes = new CodeReader(encoded, frame.Data);
        int size = frame.CodeSize + 1, next = clear + 2, previous = -1;
        while (!canvas.IsFull)
        {
            var code = codes.Read(size);
            if (code == clear)
            {
                (size, next, previous) = (frame.CodeSize + 1, clear + 2, -1);
                continue;
            }

            if (code == clear + 1 || code < 0)
            {
                throw new ImageFormatException("GIF data ends early: there are fewer pixels than the frame says");
            }

            if (code > next || (code == next && (previous < 0 || next == TableSize)) || (previous < 0 && code >= clear))
            {
                throw new ImageFormatException($"GIF data cannot be decoded: code {code} stands for nothing yet");
            }

            // The one string that is used before it is complete: the previous one and its own first byte.
            var known = code == next ? previous : code;
            int length = lengths[known];
            for (int i = length - 1, at = known; i >= 0; i--, at = prefixes[at])
            {
                text[i] = suffixes[at];
            }

            if (code == next)
            {
                text[length++] = text[0];
            }

            canvas.Write(text[..length]);
            if (previous >= 0 && next < TableSize)
            {
                (prefixes[next], suffixes[next], lengths[next]) = ((ushort)previous, text[0], (ushort)(lengths[previous] + 1));
                next++;
                size += next == 1 << size && size < LargestCode ? 1 : 0;
            }

            previous = code;
        }
    }

    /// <summary>Codes from least significant bits, across data blocks.</summary>
    private ref struct CodeReader(ReadOnlySpan<byte> encoded, int position)
    {
        private readonly ReadOnlySpan<byte> encoded = encoded;
        private ReadOnlySpan<byte> block;
        private int position = position;
        private uint bits;
        private int count;

        /// <summary>The next code; −1 behind the last.</summary>
        internal int Read(int size)
        {
            while (count < size)
            {
                if (block.IsEmpty)
                {
                    block = GifStructure.ReadBlock(encoded, ref position);
                    if (block.IsEmpty)
                    {
                        position--;
                        return -1;
                    }
                }

                bits |= (uint)block[0] << count;
                count += 8;
                block = block[1..];
            }

            var code = (int)(bits & ((1u << size) - 1));
            bits >>= size;
            count -= size;
            return code;
        }
    }

    /// <summary>Where the frame's pixels go, row by row or in the four passes of appendix E.</summary>
    private ref struct Canvas(Span<byte> rgb, int width, in GifFrame frame, ReadOnlySpan<byte> palette)
    {
        private readonly Span<byte> rgb = rgb;
        private readonly ReadOnlySpan<byte> palette = palette;
        private readonly GifFrame frame = frame;
        private int x;
        private int y;
        private int pass;

        internal bool IsFull { get; private set; }

        internal void Write(scoped ReadOnlySpan<byte> indices)
        {
            while (!indices.IsEmpty && !IsFull)
            {
                var count = Math.Min(indices.Length, frame.Width - x);
                var output = rgb[((((frame.Top + y) * width) + frame.Left + x) * RgbImage.Channels)..];
                Palettes.Expand(palette, indices[..count], output);
                indices = indices[count..];
                x += count;
                if (x == frame.Width)
                {
                    x = 0;
                    NextRow();
                }
            }
        }

        private void NextRow()
        {
            y += !frame.Interlaced ? 1 : pass == 0 ? 8 : 16 >> pass;
            while (frame.Interlaced && y >= frame.Height && pass < 3)
            {
                pass++;
                y = 8 >> pass;
            }

            IsFull = y >= frame.Height;
        }
    }
}
