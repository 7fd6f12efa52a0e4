namespace AlexNetMl.Scoring;

/// <summary>How a file does on its golden rows.</summary>
/// <param name="Provider">The ONNX Runtime provider that computed them.</param>
/// <param name="Rows">Rows compared.</param>
/// <param name="Output">The output that differs most.</param>
/// <param name="Difference">
/// Its largest difference from what the file promises, relative to the largest magnitude of its row. Probabilities are compared as centred
/// logarithms.
/// </param>
/// <param name="Tolerance">What may differ on this provider.</param>
public sealed record GoldenRowReport(string Provider, int Rows, string Output, double Difference, double Tolerance)
{
    /// <summary>Whether the file computes here what it was exported with.</summary>
    public bool Passed => Difference <= Tolerance;

    internal void ThrowIfFailed(string path)
    {
        if (!Passed)
        {
            throw new OnnxScoringException(FormattableString.Invariant(
                $"The model '{path}' computes something else on {Provider} than when it was exported: its output '{Output}' is off by {Difference:g3} on a golden row, ")
                + FormattableString.Invariant(
                    $"and {Tolerance:g3} is allowed; the file or this ONNX Runtime is damaged, or set {nameof(OnnxImageScorerOptions.CheckGoldenRows)} to false."));
        }
    }
}
