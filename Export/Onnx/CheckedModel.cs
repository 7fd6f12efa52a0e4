using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Onnx;

/// <summary>
/// A whole model that holds together: every name is there once, every node takes what an input, an initializer or an earlier node
/// provides, every tensor is as long as its shape says, and files beside the model lie in its folder. For importing and editing, and
/// before a file of unknown origin goes to a runtime.
/// </summary>
public sealed class CheckedModel
{
    private readonly ExternalData _external;
    private readonly Dictionary<string, TensorProto> _initializers;

    private CheckedModel(ModelProto model, string source, string? folder)
    {
        Proto = model;
        Source = source;
        _external = new ExternalData(folder, source);
        GraphCheck.Check(model, _external, source);
        Opset = (int)(model.OpsetImport.FirstOrDefault(set => set.Domain is "" or "ai.onnx")?.Version ?? 1);
        _initializers = model.Graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        Inputs = [.. model.Graph.Input.Where(input => !_initializers.ContainsKey(input.Name))];
    }

    /// <summary>The message. A change to it is not checked; check the changed message anew.</summary>
    public ModelProto Proto { get; }

    /// <summary>What errors call the model: its path.</summary>
    public string Source { get; }

    /// <summary>The version of the standard operator set.</summary>
    public int Opset { get; }

    /// <summary>What the graph takes; inputs that an initializer gives a default are left out.</summary>
    public IReadOnlyList<ValueInfoProto> Inputs { get; }

    /// <summary>Reads and checks a model.</summary>
    /// <param name="path">The file; weights may lie in files beside it.</param>
    /// <param name="maxBytes">The longest file to read; memory use is bounded by the file's length, never by lengths claimed inside it.</param>
    /// <exception cref="OnnxFormatException">
    /// Not an ONNX model, damaged, cut short, longer than <paramref name="maxBytes"/>, or it does not hold together; the message says what is wrong.
    /// </exception>
    /// <exception cref="IOException">The file cannot be opened (<see cref="FileNotFoundException"/>: it does not exist).</exception>
    public static CheckedModel Read(string path, long maxBytes = OnnxFile.MaxBytes)
        => new(OnnxFile.Read(path, maxBytes), path, Path.GetDirectoryName(Path.GetFullPath(path)));

    /// <summary>Checks a model that is in memory.</summary>
    /// <param name="model">The model; it is kept, not copied.</param>
    /// <param name="source">What errors call it.</param>
    /// <param name="folder">Where files with its weights lie; null for none.</param>
    /// <exception cref="OnnxFormatException">It does not hold together; the message says what is wrong.</exception>
    public static CheckedModel Check(ModelProto model, string source, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(source);
        return model.Graph is null ? throw new OnnxFormatException($"'{source}' is not an ONNX model: it has no graph.") : new CheckedModel(model, source, folder);
    }

    /// <summary>The initializer of a name, or null.</summary>
    /// <param name="name">A tensor's name.</param>
    public TensorProto? Initializer(string name) => _initializers.GetValueOrDefault(name);

    /// <summary>How many elements a tensor of the model has.</summary>
    /// <param name="tensor">An initializer or an attribute's value.</param>
    public static long ElementCount(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor.Dims.Aggregate(1L, (a, b) => checked(a * b));
    }

    /// <summary>Copies a tensor's elements, wherever they lie, as float32; narrower and wider numbers are converted.</summary>
    /// <param name="tensor">An initializer or an attribute's value of this model.</param>
    /// <param name="destination">Takes them, row-major; exactly as many as the tensor has.</param>
    /// <exception cref="OnnxFormatException">The tensor holds texts or complex numbers, or its file has changed.</exception>
    public void Read(TensorProto tensor, Span<float> destination) => TensorValues.Read(Fitting(tensor, destination.Length), _external, destination);

    /// <summary>Copies a tensor's elements, wherever they lie, as int64.</summary>
    /// <param name="tensor">An initializer or an attribute's value of this model.</param>
    /// <param name="destination">Takes them, row-major; exactly as many as the tensor has.</param>
    /// <exception cref="OnnxFormatException">The tensor holds something other than whole numbers or booleans, or its file has changed.</exception>
    public void Read(TensorProto tensor, Span<long> destination) => TensorValues.Read(Fitting(tensor, destination.Length), _external, destination);

    private static TensorProto Fitting(TensorProto tensor, int room)
    {
        long count = ElementCount(tensor);
        return count == room ? tensor : throw new ArgumentException($"The tensor '{tensor.Name}' has {count} elements, but there is room for {room}.", nameof(tensor));
    }
}
