using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using AlexNetMl.Training;
using Google.Protobuf;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>
/// Runs whose network is an ONNX file's: the file lies in the run's folder as network.onnx, which is the run's architecture, and the run can be
/// evaluated, trained on and exported like any other.
/// </summary>
public static class OnnxRuns
{
    /// <summary>The file's name in a run, and the run's architecture.</summary>
    public const string NetworkFile = "network.onnx";

    private const string WeightsFile = "weights.safetensors";
    private const double Tolerance = 1e-4;

    /// <summary>A catalogue with the network of a run's own file, where it has one: for <see cref="TrainingRequest.Networks"/> and <see cref="TrainedNetwork.Load"/>.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="networks">The catalogue to add to; null for <see cref="NetworkCatalog.Default"/>.</param>
    /// <exception cref="OnnxFormatException">The file is damaged.</exception>
    /// <exception cref="OnnxImportException">The file holds what is not supported.</exception>
    public static NetworkCatalog Networks(string folder, NetworkCatalog? networks = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        networks ??= NetworkCatalog.Default;
        string path = Path.Combine(folder, NetworkFile);
        return File.Exists(path) ? networks.With(Definition(NetworkFile, path)) : networks;
    }

    /// <summary>A file's network for a catalogue. It starts with the file's weights; for another number of classes its classifier starts anew.</summary>
    /// <param name="name">What the catalogue calls it.</param>
    /// <param name="path">The file, one whose input is float32 [batch, 3, side, side].</param>
    /// <exception cref="OnnxFormatException">The file is damaged.</exception>
    /// <exception cref="OnnxImportException">It holds what is not supported, or is no image classifier; all of it is named.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static NetworkDefinition Definition(string name, string path)
    {
        using ImportedNetwork imported = OnnxImporter.Import(path, new OnnxImportOptions { Logits = true });
        long side = imported.InputShapes is [[_, 3, var height, var width]] && height == width && height > 0
            ? height
            : throw new OnnxImportException(
                $"'{path}' takes {string.Join(" and ", imported.InputShapes.Select(shape => $"[{string.Join(", ", shape)}]"))}; a run trains networks that take one [batch, 3, side, side].");
        var own = new CustomNetworkOptions { Classes = Classes(imported, side, path), Side = (int)side };
        return new NetworkDefinition(name, own, options => Create(path, own, options));
    }

    /// <summary>Makes a run of a file: what it holds can be evaluated and exported at once, and trained with <see cref="TrainingRequest.Resume"/>.</summary>
    /// <param name="model">The .onnx file, or a folder with model.onnx.</param>
    /// <param name="folder">The run's folder, made if it is not there; it holds no run.</param>
    /// <param name="options">What the file does not say; null where it does.</param>
    /// <param name="cancellationToken">Stops before the run is there.</param>
    /// <exception cref="RunExistsException">The folder holds a run.</exception>
    /// <exception cref="OnnxFormatException">The file is damaged.</exception>
    /// <exception cref="OnnxImportException">It holds what is not supported, all named at once; or it does not say what a run needs; or torch computes something else of it.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static OnnxRunReport Import(string model, string folder, OnnxRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new OnnxRunOptions();
        if (TrainingRun.Exists(folder))
            throw new RunExistsException($"'{folder}' holds a run already: choose another folder.");
        if (TrainingRun.LeftOver(folder, weights: true) is { } left)
            throw new RunExistsException($"'{folder}' holds '{left}' of a run whose description is gone: choose another folder.");
        string path = FileOf(model);
        NetworkDefinition definition = Definition(NetworkFile, path);
        OnnxRunFacts facts = OnnxRunFacts.Of(path, definition.Options, options);
        double difference = OnnxRunCheck.Compare(path, definition.Options.Side);
        if (!(difference <= Tolerance))
            throw new OnnxImportException($"torch computes something else of '{path}' than ONNX Runtime does: {difference:0.0e+0} of the largest output, {Tolerance:0e+0} is allowed. The file was not imported.");
        cancellationToken.ThrowIfCancellationRequested();
        string copy = Path.Combine(folder, NetworkFile), weights = Path.Combine(folder, WeightsFile);
        bool made = !Directory.Exists(folder);
        TrainingRun.RequireWritable(folder);
        Directory.CreateDirectory(folder);
        try
        {
            OnnxFile.Write(InOnePiece(path), copy);
            using nn.Module<Tensor, Tensor> network = definition.Create(definition.Options);
            SafeTensors.SaveWeights(network, weights);
            RunDescription description = new()
            {
                Architecture = NetworkFile,
                Recipe = definition.Recipe("default"),
                ShorterSide = facts.Preprocessing.ShorterSide,
                Classes = facts.Labels,
                Data = new RunData([], null, 0, 0, facts.Fingerprint),
            };
            TrainingRun.Create(folder, description, facts.Preprocessing).Dispose();
            return new OnnxRunReport(
                folder, facts.Labels, facts.Preprocessing, network.parameters().Sum(parameter => parameter.numel()), ((GraphNetwork)network).Nodes.Count, facts.Opset, difference);
        }
        catch
        {
            File.Delete(copy);
            File.Delete(weights);
            if (made && !Directory.EnumerateFileSystemEntries(folder).Any())
                Directory.Delete(folder);
            throw;
        }
    }

    /// <summary>Whether a run's network is a file's.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="model">The .onnx file, or a folder with model.onnx.</param>
    /// <exception cref="OnnxFormatException">A file is damaged.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static bool IsOf(string folder, string model)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(model);
        string own = Path.Combine(folder, NetworkFile);
        return File.Exists(own) && InOnePiece(own).Equals(InOnePiece(FileOf(model)));
    }

    /// <summary>Takes a run of a file away again that has not been trained; another is left as it is.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <exception cref="InvalidDataException">The run's files cannot be read.</exception>
    /// <exception cref="IOException">They cannot be deleted.</exception>
    public static void DeleteUntrained(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (TrainingRun.DeleteImported(folder))
            File.Delete(Path.Combine(folder, NetworkFile));
        if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
            Directory.Delete(folder);
    }

    private static string FileOf(string model) => Directory.Exists(model) ? Path.Combine(model, OnnxModelFolder.ModelFile) : model;

    private static GraphNetwork Create(string path, CustomNetworkOptions own, NetworkOptions options)
    {
        if (options.Side != own.Side || options.Width != 1 || options.Dropout != 0)
            throw new ArgumentException($"The network is that of '{path}': it takes pictures of side {own.Side}, and has no other width or dropout than its own.", nameof(options));
        return OnnxImporter.Import(path, new OnnxImportOptions { Logits = true, Classes = options.Classes, Seed = options.Seed }).Network;
    }

    private static int Classes(ImportedNetwork imported, long side, string path)
    {
        using var scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        imported.Network.eval();
        long[] shape = imported.Network.call(zeros(1, 3, side, side)).shape;
        return shape is [1, var classes] ? (int)classes
            : throw new OnnxImportException($"'{path}' computes [{string.Join(", ", shape)}] of one picture; a run trains networks that give [batch, classes].");
    }

    // Weights that lie in files beside the model come into it: a run can be moved.
    private static ModelProto InOnePiece(string path)
    {
        CheckedModel model = CheckedModel.Read(path);
        foreach (TensorProto tensor in model.Proto.Graph.Initializer.Where(tensor => tensor.DataLocation == TensorProto.Types.DataLocation.External))
        {
            if (tensor.DataType != (int)TensorProto.Types.DataType.Float)
                throw new OnnxImportException($"'{path}' has '{tensor.Name}', which is not float32, in a file beside it: write the model in one file first.");
            float[] values = new float[CheckedModel.ElementCount(tensor)];
            model.Read(tensor, values.AsSpan());
            tensor.RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
            tensor.ExternalData.Clear();
            tensor.DataLocation = TensorProto.Types.DataLocation.Default;
        }

        return model.Proto;
    }
}
