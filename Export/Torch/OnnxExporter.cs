using System.Diagnostics;
using AlexNetMl.Onnx;
using AlexNetMl.Scoring;
using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Writes torch networks as ONNX files.</summary>
public static class OnnxExporter
{
    /// <summary>
    /// Writes a network as an ONNX file: input <c>input</c> of shape [batch, 3, side, side], output <c>Score</c> of shape [batch,
    /// classes] (probabilities), one named tensor per module. The file is compared with the network on ONNX Runtime, layer by layer,
    /// before it gets its name. A file that was there before stays as it was unless everything succeeds.
    /// </summary>
    /// <param name="network">
    /// A module of a registered type, or a <see cref="TorchSharp.Modules.Sequential"/> tree of such modules, float32, on any device. Its
    /// output is taken as logits [batch, classes], unless its last module is a Softmax. It runs in evaluation mode; weights and modes are
    /// afterwards what they were. A <see cref="TwoTowerAlexNet"/> is exported as the network in one piece that it equals.
    /// </param>
    /// <param name="path">The file; its folder exists. Replaced where it exists.</param>
    /// <param name="options">Labels, preprocessing and the rest.</param>
    /// <param name="finish">
    /// Changes the verified file, whose path it is given, before it gets its name and its golden rows: a variant of it, for example. Throwing leaves no file.
    /// </param>
    /// <param name="cancellationToken">Stops the export; no file is left.</param>
    /// <returns>What was written and how close it is.</returns>
    /// <exception cref="ArgumentException">An option is missing or outside its range.</exception>
    /// <exception cref="OnnxExportException">
    /// The network cannot be expressed, the labels do not fit, or the file cannot be written.
    /// </exception>
    /// <exception cref="OnnxVerificationException">ONNX Runtime computes something else from the file than torch does.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static OnnxExportReport Export(
        nn.Module<Tensor, Tensor> network, string path, OnnxExportOptions options, Action<string>? finish = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (network is TwoTowerAlexNet towers)
        {
            using AlexNet single = towers.ToSingle();
            return Export(single, path, options, finish, cancellationToken);
        }

        OnnxVerification? verification = null;
        var clock = Stopwatch.StartNew();
        TimeSpan verifying = default;
        int side = options.Preprocessing.CropSide;
        using (new EvaluationMode(network))
        {
            Write(
                network,
                path,
                options,
                temporary =>
                {
                    var verifyingClock = Stopwatch.StartNew();
                    verification = OnnxVerifier.Verify(
                        network,
                        temporary,
                        path,
                        [options.VerificationRows, 3, side, side],
                        options.VerificationSeed,
                        options.Tolerance,
                        options.Handlers,
                        cancellationToken);
                    finish?.Invoke(temporary);
                    if (options.GoldenRows >= 0)
                    {
                        OnnxFile.AppendMetadata(temporary, new Dictionary<string, string> { [OnnxImageModelMetadata.GoldenRowsKey] = GoldenRows.Compute(temporary, options.GoldenRows) });
                    }

                    verifying = verifyingClock.Elapsed;
                },
                cancellationToken);
        }

        string full = Path.GetFullPath(path);
        return new OnnxExportReport(full, new FileInfo(full).Length, verification!, clock.Elapsed - verifying, verifying);
    }

    /// <summary>The export with any check, or none, of the finished temporary file.</summary>
    internal static void Write(
        nn.Module<Tensor, Tensor> network, string path, OnnxExportOptions options, Action<string>? check, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        OnnxModel model = OnnxGraphWriter.Build(network, options, cancellationToken);
        try
        {
            OnnxFile.Write(model, path, check);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OnnxFormatException)
        {
            throw new OnnxExportException($"'{path}' cannot be written: {e.Message}", e);
        }
    }
}
