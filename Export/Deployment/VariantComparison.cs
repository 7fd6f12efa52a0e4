using System.Diagnostics;
using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using AlexNetMl.Scoring;

namespace AlexNetMl.Deployment;

/// <summary>A variant of a network beside the float32 file that it was made of, on this machine's processor.</summary>
/// <param name="Rate">Pictures a second of the variant, preprocessing apart.</param>
/// <param name="SourceRate">Those of the float32 file, measured in turns.</param>
/// <param name="Batch">Pictures at once.</param>
/// <param name="Bytes">The variant's length.</param>
/// <param name="SourceBytes">The float32 file's length.</param>
/// <param name="Pictures">Pictures on which the two were compared; 0 where there were none.</param>
/// <param name="SameFirst">How many of them both give the same first label.</param>
public sealed record VariantComparison(double Rate, double SourceRate, int Batch, long Bytes, long SourceBytes, int Pictures, int SameFirst)
{
    private const int Rounds = 7;

    /// <summary>The variant's rate over the float32 file's.</summary>
    public double Speedup => Rate / SourceRate;

    /// <summary>Measures.</summary>
    /// <param name="source">The float32 file, which takes normalised floats.</param>
    /// <param name="variant">A file made of it.</param>
    /// <param name="pictures">Pictures to compare first labels on; null for none.</param>
    /// <param name="batch">Pictures at once.</param>
    /// <param name="threads">Threads of ONNX Runtime; 0: one per core.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="OnnxScoringException">One of the files cannot be used.</exception>
    public static VariantComparison Measure(
        string source, string variant, IEnumerable<RgbImage>? pictures = null, int batch = 32, int threads = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        var options = new OnnxImageScorerOptions { RuntimeThreads = threads, CheckGoldenRows = false };
        using OnnxImageNetwork before = OnnxImageNetwork.Load(source, options), after = OnnxImageNetwork.Load(variant, options);
        RgbImage[] noise = [.. Enumerable.Range(0, batch).Select(seed => Noise(before.Preprocessing.ShorterSide, seed))];
        Func<float[]> first = Scores(before, noise, cancellationToken), second = Scores(after, noise, cancellationToken);
        first();
        second();
        var times = new (double Before, double After)[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            times[i] = (Seconds(first), Seconds(second));
        }

        int seen = 0, same = 0;
        foreach (RgbImage[] rows in (pictures ?? []).Chunk(batch))
        {
            cancellationToken.ThrowIfCancellationRequested();
            float[] expected = Scores(before, rows, cancellationToken)(), found = Scores(after, rows, cancellationToken)();
            int classes = before.Labels.Count;
            for (int row = 0; row < rows.Length; row++)
            {
                same += First(expected.AsSpan(row * classes, classes)) == First(found.AsSpan(row * classes, classes)) ? 1 : 0;
            }

            seen += rows.Length;
        }

        return new VariantComparison(
            batch / Median(times.Select(t => t.After)), batch / Median(times.Select(t => t.Before)), batch, new FileInfo(variant).Length, new FileInfo(source).Length, seen, same);
    }

    private static Func<float[]> Scores(OnnxImageNetwork network, RgbImage[] rows, CancellationToken cancellationToken)
    {
        ImagePreprocessing preprocessing = network.Preprocessing;
        int side = network.InputForm is OnnxInputForm.Square or OnnxInputForm.TenCrop ? preprocessing.ShorterSide : preprocessing.CropSide, length = RgbImage.Channels * side * side;
        if (network.InputForm == OnnxInputForm.Tensor)
        {
            float[] floats = new float[rows.Length * length];
            for (int i = 0; i < rows.Length; i++)
            {
                preprocessing.ToTensor(rows[i], floats.AsSpan(i * length, length));
            }

            return () => network.Score(floats, rows.Length, cancellationToken);
        }

        byte[] bytes = new byte[rows.Length * length];
        for (int i = 0; i < rows.Length; i++)
        {
            preprocessing.ToPixels(rows[i], side, bytes.AsSpan(i * length, length));
        }

        return () => network.Score(bytes, rows.Length, cancellationToken);
    }

    // What is in a picture makes no difference to the time.
    private static RgbImage Noise(int side, int seed)
    {
        var image = new RgbImage(side, side);
        new Random(seed).NextBytes(image.Pixels);
        return image;
    }

    private static double Seconds(Func<float[]> run)
    {
        var clock = Stopwatch.StartNew();
        run();
        return clock.Elapsed.TotalSeconds;
    }

    private static int First(ReadOnlySpan<float> scores)
    {
        int first = 0;
        for (int i = 1; i < scores.Length; i++)
        {
            first = scores[i] > scores[first] ? i : first;
        }

        return first;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
