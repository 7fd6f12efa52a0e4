using System.Runtime.CompilerServices;

namespace AlexNetMl.Imaging;

/// <summary>The transforms of RFC 9649, section 3.5, by their numbers.</summary>
internal enum LosslessTransformKind
{
    Predictor = 0,
    Color = 1,
    SubtractGreen = 2,
    Palette = 3,
}

/// <summary>What was done to a picture before it was written. <see cref="Width"/> is of the rows that come out; <see cref="Bits"/> of a block's side, or of pixels in one (palette).</summary>
internal sealed record LosslessTransform
{
    private const uint RedBlue = 0x00ff00ff;
    private const uint AlphaGreen = 0xff00ff00;

    internal required LosslessTransformKind Kind { get; init; }

    internal required int Width { get; init; }

    internal int Bits { get; init; }

    internal uint[] Data { get; init; } = [];

    private int BlockColumns => (Width + (1 << Bits) - 1) >> Bits;

    /// <summary>A palette's colours, each written as the difference from the one before.</summary>
    internal static uint[] SumColors(uint[] differences)
    {
        for (var i = 1; i < differences.Length; i++)
        {
            differences[i] = Add(differences[i], differences[i - 1]);
        }

        return differences;
    }

    /// <summary>Undoes it in place: the first pixels become <see cref="Width"/> × <paramref name="height"/>.</summary>
    internal void Undo(Span<uint> pixels, int height)
    {
        switch (Kind)
        {
            case LosslessTransformKind.Predictor:
                UndoPredictor(pixels, height);
                break;
            case LosslessTransformKind.Color:
                UndoColor(pixels, height);
                break;
            case LosslessTransformKind.SubtractGreen:
                foreach (ref var pixel in pixels[..(Width * height)])
                {
                    var green = (pixel >> 8) & 0xff;
                    pixel = (pixel & AlphaGreen) | (((pixel & RedBlue) + (green << 16) + green) & RedBlue);
                }

                break;
            default:
                UndoPalette(pixels, height);
                break;
        }
    }

    // From the last pixel to the first, since there are more pixels than were written.
    private void UndoPalette(Span<uint> pixels, int height)
    {
        var bitsEach = 8 >> Bits;
        var mask = (1u << bitsEach) - 1;
        var inOne = (1 << Bits) - 1;
        Span<uint> palette = stackalloc uint[256];
        palette.Clear();
        Data.CopyTo(palette);
        for (var y = height - 1; y >= 0; y--)
        {
            var packed = 0u;
            for (var x = Width - 1; x >= 0; x--)
            {
                if (x == Width - 1 || (x & inOne) == inOne)
                {
                    packed = (pixels[(y * BlockColumns) + (x >> Bits)] >> 8) & 0xff;
                }

                pixels[(y * Width) + x] = palette[(int)((packed >> ((x & inOne) * bitsEach)) & mask)];
            }
        }
    }

    private void UndoColor(Span<uint> pixels, int height)
    {
        for (var y = 0; y < height; y++)
        {
            var row = pixels.Slice(y * Width, Width);
            var blocks = Data.AsSpan((y >> Bits) * BlockColumns, BlockColumns);
            for (var block = 0; block < blocks.Length; block++)
            {
                var (greenToRed, greenToBlue, redToBlue) = ((sbyte)blocks[block], (sbyte)(blocks[block] >> 8), (sbyte)(blocks[block] >> 16));
                foreach (ref var pixel in row[(block << Bits)..Math.Min((block + 1) << Bits, Width)])
                {
                    var green = (sbyte)(pixel >> 8);
                    var red = (sbyte)((pixel >> 16) + (uint)((greenToRed * green) >> 5));
                    var blue = pixel + (uint)((greenToBlue * green) >> 5) + (uint)((redToBlue * red) >> 5);
                    pixel = (pixel & AlphaGreen) | ((uint)(byte)red << 16) | (blue & 0xff);
                }
            }
        }
    }

    private void UndoPredictor(Span<uint> pixels, int height)
    {
        pixels[0] = Add(pixels[0], LosslessPredictor.Black);
        for (var x = 1; x < Width; x++)
        {
            pixels[x] = Add(pixels[x], pixels[x - 1]);
        }

        for (var y = 1; y < height; y++)
        {
            // The last pixel's upper right neighbour is the first of its own row, as the rows lie in memory.
            var above = pixels.Slice((y - 1) * Width, Width + 1);
            var row = pixels.Slice(y * Width, Width);
            row[0] = Add(row[0], above[0]);
            var modes = Data.AsSpan((y >> Bits) * BlockColumns, BlockColumns);
            for (var block = 0; block < modes.Length; block++)
            {
                LosslessPredictor.Undo((int)(modes[block] >> 8) & 15, above, row, Math.Max(block << Bits, 1), Math.Min((block + 1) << Bits, Width));
            }
        }
    }

    /// <summary>Sums of each channel, modulo 256.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Add(uint a, uint b) => (((a & AlphaGreen) + (b & AlphaGreen)) & AlphaGreen) | (((a & RedBlue) + (b & RedBlue)) & RedBlue);
}
