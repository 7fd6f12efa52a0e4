using AlexNetMl.Onnx;
using AlexNetMl.Scoring;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Compares a network in torch with an ONNX file of it on ONNX Runtime.</summary>
public static class OnnxVerifier
{
    /// <summary>
    /// Runs the same random batch (uniform over ±128) through both and compares the logits and every named layer, each against its own
    /// largest magnitude; then checks that the file as it stands, with ONNX Runtime's optimisations, gives the same <c>Score</c>. The
    /// file is not changed.
    /// </summary>
    /// <param name="network">The network; it runs in evaluation mode, weights and modes are afterwards what they were.</param>
    /// <param name="onnxPath">A file that <see cref="OnnxExporter"/> wrote of it.</param>
    /// <param name="inputShape">One row's shape, [channels, height, width].</param>
    /// <param name="rows">Rows of the batch, 1 to 256.</param>
    /// <param name="seed">Seed of the batch.</param>
    /// <param name="tolerance">How far a tensor may differ, relative to its largest magnitude.</param>
    /// <param name="handlers">The registry the file was exported with. Default: <see cref="OnnxHandlerRegistry.Default"/>.</param>
    /// <param name="cancellationToken">Stops the comparison between two layers.</param>
    /// <returns>Every tensor's difference.</returns>
    /// <exception cref="ArgumentException">An argument is outside its range.</exception>
    /// <exception cref="OnnxVerificationException">
    /// A tensor is missing, has another shape, holds NaN or infinity, or differs by more than the tolerance; or ONNX Runtime refuses the
    /// file.
    /// </exception>
    /// <exception cref="OnnxFormatException">Not an ONNX file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static OnnxVerification Verify(
        nn.Module<Tensor, Tensor> network,
        string onnxPath,
        long[] inputShape,
        int rows = 4,
        long seed = 1,
        double tolerance = 1e-5,
        OnnxHandlerRegistry? handlers = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentException.ThrowIfNullOrEmpty(onnxPath);
        ArgumentNullException.ThrowIfNull(inputShape);
        if (inputShape.Length == 0 || inputShape.Any(length => length is < 1 or > 1 << 16) || inputShape.Aggregate(1.0, (a, b) => a * b) > 1 << 28)
        {
            throw new ArgumentException(
                $"The input shape is [{string.Join(", ", inputShape)}]; axes are 1 to 65536 long and a row has at most 2^28 numbers.", nameof(inputShape));
        }

        if (rows is < 1 or > 256)
        {
            throw new ArgumentOutOfRangeException(nameof(rows), rows, "A verification takes 1 to 256 rows.");
        }

        if (!(tolerance > 0 && tolerance < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, "The tolerance is above 0 and below 1; 1e-5 suits float32.");
        }

        return Verify(network, onnxPath, onnxPath, [rows, .. inputShape], seed, tolerance, handlers ?? OnnxHandlerRegistry.Default, cancellationToken);
    }

    /// <summary>The comparison of a file that is called by another name in messages.</summary>
    internal static OnnxVerification Verify(
        nn.Module<Tensor, Tensor> network,
        string path,
        string displayName,
        long[] shape,
        long seed,
        double tolerance,
        OnnxHandlerRegistry handlers,
        CancellationToken cancellationToken)
    {
        var run = new VerificationRun(network, handlers, path, displayName, shape, seed, tolerance);
        try
        {
            return run.Compare(cancellationToken);
        }
        catch (Exception e) when (e is OnnxRuntimeException or OnnxScoringException)
        {
            throw new OnnxVerificationException(
                $"ONNX Runtime cannot run '{displayName}': {e.Message.Replace(path, displayName, StringComparison.Ordinal)}", e);
        }
    }
}
