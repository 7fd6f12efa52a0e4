using AlexNetMl.Scoring;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Whether torch computes of a file what ONNX Runtime does.</summary>
internal static class OnnxRunCheck
{
    /// <summary>The worst difference on random rows, of the largest magnitude of the first output.</summary>
    /// <exception cref="OnnxScoringException">ONNX Runtime does not run the file.</exception>
    public static double Compare(string path, int side)
    {
        using ImportedNetwork imported = OnnxImporter.Import(path);
        imported.Network.eval();
        long rows = imported.InputShapes[0][0] > 0 ? imported.InputShapes[0][0] : 2;
        var random = new Random(1);
        float[] pixels = [.. Enumerable.Range(0, checked((int)(rows * 3 * side * side))).Select(_ => (random.NextSingle() * 4) - 2)];
        using InferenceSession session = OnnxSessions.Create(path);
        using var run = new RunOptions();
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(pixels, [rows, 3, side, side]);
        try
        {
            using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, imported.InputNames, [input], [imported.OutputName]);
            using var scope = NewDisposeScope();
            using IDisposable noGradients = no_grad();
            float[] own = [.. imported.Network.call(tensor(pixels, [rows, 3, side, side])).data<float>()];
            return Comparison.Of(results[0].GetTensorDataAsSpan<float>(), own).RelativeDifference;
        }
        catch (OnnxRuntimeException e)
        {
            throw new OnnxScoringException($"ONNX Runtime does not run '{path}': {e.Message}", e);
        }
    }
}
