namespace AlexNetMl.Training;

/// <summary>Adds up loss, right predictions and confusions, picture by picture.</summary>
internal sealed class ScoreCounter(int classes)
{
    private readonly long[][] _confusion = [.. Enumerable.Range(0, classes).Select(_ => new long[classes])];
    private readonly long[] _top5 = new long[classes];
    private readonly long[] _unscored = new long[classes];
    private double _loss;

    /// <summary>Pictures so far.</summary>
    internal long Images { get; private set; }

    /// <summary>The highest of the scores; of equal ones the first.</summary>
    internal static int Best(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int c = 1; c < scores.Length; c++)
        {
            if (scores[c] > scores[best])
                best = c;
        }
        return best;
    }

    /// <summary>Adds a picture. Where a network gives no numbers it has not recognised anything, and the mean loss is NaN.</summary>
    /// <param name="logProbabilities">Natural logarithms of the classes' probabilities.</param>
    /// <param name="truth">The picture's label.</param>
    internal void Add(ReadOnlySpan<float> logProbabilities, int truth)
    {
        Images++;
        if (!AreScores(logProbabilities))
        {
            _unscored[truth]++;
            _loss = double.NaN;
            return;
        }
        int above = 0;
        for (int c = 0; c < logProbabilities.Length; c++)
        {
            if (logProbabilities[c] > logProbabilities[truth] || (logProbabilities[c] == logProbabilities[truth] && c < truth))
                above++;
        }
        _loss -= logProbabilities[truth];
        _confusion[truth][Best(logProbabilities)]++;
        if (above < 5)
            _top5[truth]++;
    }

    /// <summary>The figures over all pictures added.</summary>
    /// <param name="skipped">Broken pictures left out.</param>
    /// <param name="crops">Windows that the scores are of.</param>
    internal EvaluationResult Result(int skipped, EvaluationCrops crops = EvaluationCrops.Center)
    {
        long[] taken = [.. Enumerable.Range(0, classes).Select(c => _confusion.Sum(row => row[c]))];
        ClassResult[] each = [.. Enumerable.Range(0, classes).Select(c =>
        {
            long images = _confusion[c].Sum() + _unscored[c];
            return new ClassResult(c, images, (double)_confusion[c][c] / images, (double)_top5[c] / images, (double)_confusion[c][c] / taken[c]);
        })];
        double right = Enumerable.Range(0, classes).Sum(c => _confusion[c][c]);
        return new EvaluationResult(Images, skipped, _loss / Images, right / Images, (double)_top5.Sum() / Images, _confusion, each) { UnscoredImages = _unscored.Sum(), Crops = crops };
    }

    // The logarithm of a probability of 0 is a score.
    private static bool AreScores(ReadOnlySpan<float> logProbabilities)
    {
        float highest = float.NegativeInfinity;
        foreach (float score in logProbabilities)
            highest = MathF.Max(highest, score);        // NaN where one is
        return float.IsFinite(highest);
    }
}
