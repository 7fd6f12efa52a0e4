using System.Reflection;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.Data;

/// <summary>Which transformers can be in a file, by name. The list is closed: a file cannot name code to run.</summary>
internal static class SavedComponents
{
    internal const string Chain = "TransformerChain";
    internal const string Copy = "CopyColumns";
    internal const string Select = "SelectColumns";
    internal const string Concatenate = "Concatenate";
    internal const string KeyToValue = "MapKeyToValue";
    internal const string ValueToKey = "MapValueToKey";
    internal const string Multiclass = "MulticlassPrediction";
    internal const string LoadImages = "LoadImages";
    internal const string ResizeImages = "ResizeImages";
    internal const string ExtractPixels = "ExtractPixels";
    internal const string Onnx = "ApplyOnnxModel";

    internal static ITransformer Load(string kind, ModelReader reader)
        => kind switch
        {
            Chain => TransformerChain<ITransformer>.Load(reader),
            Copy => new ColumnCopyingTransformer(reader.Pairs()),
            Select => ColumnSelectingTransformer.Load(reader),
            Concatenate => new ColumnConcatenatingTransformer(reader.Text(), reader.Texts()),
            KeyToValue => new KeyToValueMappingTransformer(reader.Pairs()),
            ValueToKey => new ValueToKeyMappingTransformer(reader),
            Multiclass => LoadMulticlass(reader),
            LoadImages => Elsewhere("Microsoft.ML.ImageAnalytics", "Microsoft.ML.Data.ImageLoadingTransformer", reader),
            ResizeImages => Elsewhere("Microsoft.ML.ImageAnalytics", "Microsoft.ML.Transforms.Image.ImageResizingTransformer", reader),
            ExtractPixels => Elsewhere("Microsoft.ML.ImageAnalytics", "Microsoft.ML.Transforms.Image.ImagePixelExtractingTransformer", reader),
            Onnx => Elsewhere("Microsoft.ML.OnnxTransformer", "Microsoft.ML.Transforms.Onnx.OnnxTransformer", reader),
            _ => throw ModelReader.Damaged($"it has a transformer of the unknown kind '{kind}'"),
        };

    private static MulticlassPredictionTransformer<MaximumEntropyModelParameters> LoadMulticlass(ModelReader reader)
    {
        string features = reader.Text();
        DataViewType type = reader.ReadType();
        DataViewSchema label = reader.ReadSchema();
        int classes = reader.Number();
        int inputs = reader.Number();
        return new(new MaximumEntropyModelParameters(reader.Values<float>(), classes, inputs), features, type, label);
    }

    private static ITransformer Elsewhere(string assembly, string type, ModelReader reader)
    {
        MethodInfo load = Type.GetType($"{type}, {assembly}", throwOnError: false)?.GetMethod("Load", BindingFlags.Static | BindingFlags.NonPublic)
            ?? throw Errors.Invalid($"The model needs {assembly}, which this program does not have: add that package to it.");
        return load.CreateDelegate<Func<ModelReader, ITransformer>>()(reader);
    }
}
