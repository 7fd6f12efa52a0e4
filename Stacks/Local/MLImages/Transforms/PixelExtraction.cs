using System.Numerics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

/// <summary>Which colours of an image, in which order and as which numbers: (value − offset) × scale for floats, the bytes themselves otherwise.</summary>
internal sealed record PixelExtraction(
    ImagePixelExtractingEstimator.ColorBits Colors,
    ImagePixelExtractingEstimator.ColorsOrder Order,
    bool Interleave,
    float Offset,
    float Scale,
    bool AsFloats)
{
    internal int Planes => BitOperations.PopCount((uint)(Colors & ImagePixelExtractingEstimator.ColorBits.All));

    internal PixelExtraction Checked()
    {
        Errors.Require(Planes > 0, "colorsToExtract", "Need to use at least one color plane.");
        PixelExtraction effective = AsFloats ? this : this with { Offset = 0, Scale = 1 };
        Errors.Require(float.IsFinite(effective.Offset), "offsetImage");
        Errors.Require(float.IsFinite(effective.Scale) && effective.Scale != 0, "scaleImage");
        return effective;
    }

    internal void ToBytes(MLImage image, Span<byte> result)
    {
        ReadOnlySpan<byte> pixels = image.Pixels;
        int count = pixels.Length / PixelData.Channels;
        int[] sources = Sources(image.PixelFormat);
        for (int p = 0; p < sources.Length; p++)
        {
            (int at, int step) = Interleave ? (p, sources.Length) : (p * count, 1);
            for (int from = sources[p]; from < pixels.Length; from += PixelData.Channels, at += step)
            {
                result[at] = pixels[from];
            }
        }
    }

    internal void ToFloats(MLImage image, Span<float> result)
    {
        // 256 values need 256 subtractions and products, whatever the picture's size.
        Span<float> values = stackalloc float[byte.MaxValue + 1];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (i - Offset) * Scale;
        }
        ReadOnlySpan<byte> pixels = image.Pixels;
        int count = pixels.Length / PixelData.Channels;
        int[] sources = Sources(image.PixelFormat);
        for (int p = 0; p < sources.Length; p++)
        {
            (int at, int step) = Interleave ? (p, sources.Length) : (p * count, 1);
            for (int from = sources[p]; from < pixels.Length; from += PixelData.Channels, at += step)
            {
                result[at] = values[pixels[from]];
            }
        }
    }

    /// <summary>Where in a pixel each plane's byte lies.</summary>
    private int[] Sources(MLPixelFormat format)
    {
        var sources = new List<int>();
        foreach (char letter in Order.ToString())
        {
            (ImagePixelExtractingEstimator.ColorBits bit, int place) = letter switch
            {
                'A' => (ImagePixelExtractingEstimator.ColorBits.Alpha, 3),
                'R' => (ImagePixelExtractingEstimator.ColorBits.Red, format == MLPixelFormat.Rgba32 ? 0 : 2),
                'G' => (ImagePixelExtractingEstimator.ColorBits.Green, 1),
                _ => (ImagePixelExtractingEstimator.ColorBits.Blue, format == MLPixelFormat.Rgba32 ? 2 : 0),
            };
            if (Colors.HasFlag(bit))
            {
                sources.Add(place);
            }
        }
        return [.. sources];
    }
}
