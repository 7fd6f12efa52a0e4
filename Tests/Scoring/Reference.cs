using AlexNetMl.Imaging;
using Microsoft.ML.OnnxRuntime;

namespace AlexNetMl.Scoring.Tests;

/// <summary>ONNX Runtime called plainly, by its own API, on the same pixels.</summary>
internal sealed class Reference : IDisposable
{
    private readonly InferenceSession _session;

    public Reference(string model)
    {
        _session = new InferenceSession(model);
    }

    /// <summary>One call for all pictures; a picture that is null is a row of zeros, its result is of no interest.</summary>
    public float[][] OneCall(IReadOnlyList<byte[]?> pictures)
    {
        if (pictures.Count == 0)
        {
            return [];
        }

        const int Length = 3 * TestModel.Side * TestModel.Side;
        float[] pixels = new float[pictures.Count * Length];
        for (int i = 0; i < pictures.Count; i++)
        {
            if (pictures[i] is { } picture)
            {
                TestModel.Preprocessing.ToTensor(ImageDecoders.Default.Decode(picture), pixels.AsSpan(i * Length, Length));
            }
        }

        using OrtValue input = OrtValue.CreateTensorValueFromMemory(pixels, [pictures.Count, 3, TestModel.Side, TestModel.Side]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(options, ["input"], [input], ["Score"]);
        return [.. outputs[0].GetTensorDataAsSpan<float>().ToArray().Chunk(TestModel.Classes)];
    }

    /// <summary>The same cut into calls of <paramref name="batch"/>.</summary>
    public float[][] Batches(IReadOnlyList<byte[]?> pictures, int batch) => [.. pictures.Chunk(batch).SelectMany(OneCall)];

    public void Dispose() => _session.Dispose();
}
