namespace AlexNetMl.Scoring;

/// <summary>How a golden output is kept.</summary>
internal enum GoldenForm
{
    /// <summary>Centred log-probabilities are compared: the logits up to a constant. A softmax that is nearly uniform hides no error so.</summary>
    Probabilities,

    /// <summary>The numbers themselves.</summary>
    Values,

    /// <summary>Sixteen projections of a row onto seeded signs: a change anywhere in the row shows in them.</summary>
    Projections,
}

/// <summary>One output of a file on its golden rows.</summary>
/// <param name="Name">The output.</param>
/// <param name="Form">What <paramref name="Values"/> are.</param>
/// <param name="Length">Numbers that the output has in a row.</param>
/// <param name="Values">Row after row.</param>
internal sealed record GoldenOutput(string Name, GoldenForm Form, int Length, float[] Values)
{
    private const int LongestKept = 1024;
    private const int Projections = 16;
    private const double SmallestProbability = 1e-30;

    // What is smaller than this counts absolutely: a softmax's float32 has a rounding of 6e-8 about its logarithm.
    private const double SmallestScale = 1e-2;

    public int KeptLength => Kept(Form, Length);

    public static int Kept(GoldenForm form, int length) => form == GoldenForm.Projections ? Projections : length;

    /// <summary>Keeps an output's rows.</summary>
    /// <exception cref="OnnxScoringException">A number is not finite.</exception>
    public static GoldenOutput Make(string name, ReadOnlySpan<float> values, int rows)
    {
        int length = values.Length / rows;
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
            {
                throw new OnnxScoringException($"The output '{name}' is {value} on a golden row; a network whose outputs are not finite cannot be proven.");
            }
        }

        GoldenForm form = AreProbabilities(values, length) ? GoldenForm.Probabilities
            : length <= LongestKept ? GoldenForm.Values : GoldenForm.Projections;
        return new GoldenOutput(name, form, length, form == GoldenForm.Projections ? Project(values, length) : values.ToArray());
    }

    /// <summary>The largest difference on any of the rows given, the first ones, relative to the row's largest magnitude; not finite where the numbers are not.</summary>
    public double Difference(ReadOnlySpan<float> actual)
    {
        ReadOnlySpan<float> kept = Form == GoldenForm.Projections ? Project(actual, Length) : actual;
        double worst = 0;
        for (int start = 0; start < kept.Length; start += KeptLength)
        {
            double[] expected = Comparable(Values.AsSpan(start, KeptLength)), found = Comparable(kept.Slice(start, KeptLength));
            double scale = expected.Max(Math.Abs), difference = 0;
            for (int i = 0; i < expected.Length; i++)
            {
                difference = Math.Max(difference, Math.Abs(expected[i] - found[i]));
            }

            worst = Math.Max(worst, difference / Math.Max(scale, Form == GoldenForm.Probabilities ? SmallestScale : double.Epsilon));
        }

        return worst;
    }

    private static bool AreProbabilities(ReadOnlySpan<float> values, int length)
    {
        for (int start = 0; start < values.Length; start += length)
        {
            double sum = 0;
            foreach (float value in values.Slice(start, length))
            {
                if (value is < 0 or > 1)
                {
                    return false;
                }

                sum += value;
            }

            if (Math.Abs(sum - 1) > 1e-3)
            {
                return false;
            }
        }

        return true;
    }

    private double[] Comparable(ReadOnlySpan<float> row)
    {
        var result = new double[row.Length];
        double sum = 0;
        for (int i = 0; i < row.Length; i++)
        {
            result[i] = Form == GoldenForm.Probabilities ? Math.Log(Math.Max(row[i], SmallestProbability)) : row[i];
            sum += result[i];
        }

        if (Form == GoldenForm.Probabilities)
        {
            double mean = sum / row.Length;
            for (int i = 0; i < row.Length; i++)
            {
                result[i] -= mean;
            }
        }

        return result;
    }

    // Divided by the root of the length, a projection is as large as the row's root mean square.
    private static float[] Project(ReadOnlySpan<float> values, int length)
    {
        int rows = values.Length / length;
        float[] kept = new float[rows * Projections];
        double scale = 1 / Math.Sqrt(length);
        for (int row = 0; row < rows; row++)
        {
            for (int p = 0; p < Projections; p++)
            {
                double sum = 0;
                for (int i = 0; i < length; i++)
                {
                    float value = values[(row * length) + i];
                    sum += GoldenPicture.Random(p, 0, i) < 128 ? value : -value;
                }

                kept[(row * Projections) + p] = (float)(sum * scale);
            }
        }

        return kept;
    }
}
