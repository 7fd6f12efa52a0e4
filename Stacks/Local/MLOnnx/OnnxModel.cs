using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Transforms.Onnx;

/// <summary>An input or output of a model. Dimensions that are not known are negative.</summary>
internal sealed record OnnxVariable(string Name, int[] Shape, VectorDataViewType Type);

/// <summary>An ONNX model on ONNX Runtime, with what its file alone tells. Sessions run from several threads.</summary>
internal sealed class OnnxModel : IDisposable
{
    private static readonly Dictionary<Type, PrimitiveDataViewType> Types = new()
    {
        [typeof(float)] = NumberDataViewType.Single,
        [typeof(double)] = NumberDataViewType.Double,
        [typeof(sbyte)] = NumberDataViewType.SByte,
        [typeof(byte)] = NumberDataViewType.Byte,
        [typeof(short)] = NumberDataViewType.Int16,
        [typeof(ushort)] = NumberDataViewType.UInt16,
        [typeof(int)] = NumberDataViewType.Int32,
        [typeof(uint)] = NumberDataViewType.UInt32,
        [typeof(long)] = NumberDataViewType.Int64,
        [typeof(ulong)] = NumberDataViewType.UInt64,
        [typeof(bool)] = BooleanDataViewType.Instance,
        [typeof(string)] = TextDataViewType.Instance,
    };

    internal OnnxModel(byte[] bytes, string file, OnnxSettings settings)
    {
        Bytes = bytes;
        Session = Open(bytes, file, settings);
        try
        {
            File = new OnnxFile(bytes);
            Inputs = Variables(Session.InputMetadata, settings.Shapes);
            Outputs = Variables(Session.OutputMetadata, settings.Shapes);
        }
        catch
        {
            Session.Dispose();
            throw;
        }
    }

    internal byte[] Bytes { get; }

    internal InferenceSession Session { get; }

    internal OnnxFile File { get; }

    internal OnnxVariable[] Inputs { get; }

    internal OnnxVariable[] Outputs { get; }

    public void Dispose() => Session.Dispose();

    internal OnnxVariable Input(string name)
        => Array.Find(Inputs, input => input.Name == name) ?? throw Errors.Argument(nameof(name),
            $"Input tensor, {name}, does not exist in the ONNX model. Available input names are [{string.Join(",", Inputs.Select(input => input.Name))}].");

    internal OnnxVariable Output(string name)
        => Array.Find(Outputs, output => output.Name == name) ?? throw Errors.Argument(nameof(name),
            $"Ouput tensor, {name}, does not exist in the ONNX model. Available output names are [{string.Join(",", Outputs.Select(output => output.Name))}].");

    /// <summary>From the file where there is one, since weights may lie in files beside it.</summary>
    private static InferenceSession Open(byte[] bytes, string file, OnnxSettings settings)
    {
        if (settings.GpuDeviceId is { } device)
        {
            try
            {
                using SessionOptions cuda = SessionOptions.MakeSessionOptionWithCudaProvider(device);
                return Start(cuda);
            }
            catch (OnnxRuntimeException) when (settings.FallbackToCpu)
            {
                // Asked for: the processor instead. A library that lacks CUDA altogether throws EntryPointNotFoundException, in the real package too.
            }
        }
        using var options = new SessionOptions();
        return Start(options);

        InferenceSession Start(SessionOptions chosen)
        {
            chosen.InterOpNumThreads = settings.InterOpNumThreads ?? 0;
            chosen.IntraOpNumThreads = settings.IntraOpNumThreads ?? 0;
            return file is null ? new InferenceSession(bytes, chosen) : new InferenceSession(file, chosen);
        }
    }

    private static OnnxVariable[] Variables(IReadOnlyDictionary<string, NodeMetadata> all, IReadOnlyDictionary<string, int[]> shapes)
        => [.. all
            .Where(pair => !(pair.Key.StartsWith("mlnet.", StringComparison.Ordinal)
                && (pair.Key.EndsWith(".unusedInput", StringComparison.Ordinal) || pair.Key.EndsWith(".unusedOutput", StringComparison.Ordinal))))
            .Select(pair => Variable(pair.Key, pair.Value, shapes.GetValueOrDefault(pair.Key)))];

    private static OnnxVariable Variable(string name, NodeMetadata metadata, int[] asked)
    {
        if (!metadata.IsTensor)
        {
            throw new NotSupportedException($"'{name}' is no tensor: the Local stack applies tensor models only.");
        }
        if (!Types.TryGetValue(metadata.ElementType, out PrimitiveDataViewType item))
        {
            throw OnnxFile.Unsupported(metadata.ElementDataType.ToString());
        }
        int[] shape = metadata.Dimensions;
        if (asked is not null)
        {
            bool fits = asked.Length == shape.Length && asked.Zip(shape).All(pair => pair.First == pair.Second || pair.First <= 0 || pair.Second <= 0);
            Errors.Require(fits, "shapeDictionary",
                $"The specified shape {string.Join(",", asked)} is not compatible with the shape {string.Join(",", shape)} loaded from the ONNX model file. "
                + "Only unknown dimension can replace or be replaced by another dimension.");
            shape = [.. asked];
        }

        // ML.NET's reading of a shape: a free first dimension is one row, any other free one makes a vector of any length.
        int[] ofOneRow = [.. shape.Select((size, axis) => axis == 0 && size < 0 ? 1 : size)];
        VectorDataViewType type = ofOneRow.Length == 0 ? new VectorDataViewType(item, 1)
            : Array.TrueForAll(ofOneRow, size => size > 0) ? new VectorDataViewType(item, ofOneRow)
            : new VectorDataViewType(item);
        return new OnnxVariable(name, shape, type);
    }
}

/// <summary>How a model is run; nothing of it but the shapes is saved.</summary>
internal sealed record OnnxSettings
{
    internal int? GpuDeviceId { get; init; }

    internal bool FallbackToCpu { get; init; }

    internal IReadOnlyDictionary<string, int[]> Shapes { get; init; } = new Dictionary<string, int[]>();

    internal int? InterOpNumThreads { get; init; }

    internal int? IntraOpNumThreads { get; init; }

    internal int RecursionLimit { get; init; } = 100;
}
