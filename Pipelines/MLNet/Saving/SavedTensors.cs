using AlexNetMl.Onnx;
using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Onnx;
using OnnxFile = AlexNetMl.Onnx.OnnxFile;
using OnnxModel = AlexNetMl.Onnx.OnnxModel;

namespace AlexNetMl.Pipelines;

/// <summary>Writes a tensor model as plain ML.NET's <c>ApplyOnnxModel</c>, with our own options in the file's metadata.</summary>
internal static class SavedTensors
{
    public static void Save(TensorEstimation estimation, OnnxTensorModel model, ModelSaveContext context)
    {
        using TemporaryModel copy = TemporaryModel.Create(path => OnnxFile.Write(Copy(estimation, model), path));
        string[] inputs = [.. model.Inputs.Select(port => port.Name)];
        string[] outputs = [.. model.Outputs.Select(port => port.Name)];
        var shapes = estimation.Options.Shapes?.ToDictionary(shape => shape.Key, shape => (int[])[1, .. shape.Value.Skip(1)]);
        OnnxScoringEstimator plain = shapes is null
            ? estimation.Catalog.ApplyOnnxModel(outputs, inputs, copy.Path)
            : estimation.Catalog.ApplyOnnxModel(outputs, inputs, copy.Path, shapes, gpuDeviceId: null, fallbackToCpu: false);
        ITransformer transformer = plain.Fit(new EmptyView(model.Inputs.Select(
            port => (port.Name, (DataViewType)new VectorDataViewType(RowTensor.ItemType(port.ElementType), Math.Max(port.RowLength, 1))))));
        try
        {
            ((ICanSaveModel)transformer).Save(context);
        }
        finally
        {
            (transformer as IDisposable)?.Dispose();
        }
    }

    public static OnnxBatchedTransformer Load(TransformsCatalog catalog, TemporaryModel file, SavedOptions saved, OnnxDevice? device, IHost? host)
    {
        var estimation = new TensorEstimation
        {
            Catalog = catalog,
            ModelFile = file.Path,
            BatchSize = saved.BatchSize,
            File = file,
            Options = new OnnxTensorModelOptions
            {
                Inputs = saved.Inputs, Outputs = saved.Outputs, Shapes = saved.Shapes, Device = device, Threads = saved.RuntimeThreads,
            },
        };
        OnnxTensorModel model = OnnxTensorModel.Open(file.Path, estimation.Options);
        if (host is not null && model.FallbackReason is { } reason)
        {
            using IChannel channel = host.Start("LoadBatched");
            channel.Warning(MessageSensitivity.None, reason);
        }

        return new OnnxBatchedTransformer(estimation, model, new TensorColumns(model));
    }

    private static OnnxModel Copy(TensorEstimation estimation, OnnxTensorModel model)
    {
        OnnxModel copy = WideWeights.Widen(OnnxModel.FromProto(OnnxFile.Read(model.ModelPath)));
        copy.SetMetadata([new SavedOptions
        {
            Kind = SavedKind.Tensors,
            BatchSize = estimation.BatchSize,
            Inputs = [.. model.Inputs.Select(port => port.Name)],
            Outputs = [.. model.Outputs.Select(port => port.Name)],
            Shapes = estimation.Options.Shapes?.ToDictionary(),
            RuntimeThreads = estimation.Options.Threads,
        }.Entry()]);
        return copy;
    }
}
