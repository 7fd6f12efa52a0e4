using Microsoft.ML.Transforms.Onnx;

namespace AlexNetMl.Pipelines;

/// <summary>The ONNX files inside a model that the Local stack saved: its own transformer keeps them.</summary>
internal static class StackModels
{
    /// <summary>Hands each transformer's ONNX file over, in the order in which they stand in the model.</summary>
    public static void ReadOnnxFiles(Stream model, IReadOnlyList<OnnxTransformer> transformers, Action<OnnxTransformer, Stream> read)
    {
        foreach (OnnxTransformer transformer in transformers)
        {
            using var content = new MemoryStream(transformer.Model.Bytes, writable: false);
            read(transformer, content);
        }
    }
}
