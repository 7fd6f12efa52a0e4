using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Transforms.Onnx;

/// <summary>Runs an ONNX model over columns named as its inputs and outputs, one row per run.</summary>
public sealed class OnnxScoringEstimator : TrivialEstimator<OnnxTransformer>
{
    internal OnnxScoringEstimator(OnnxTransformer transformer)
        : base(transformer)
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Errors.NotNull(inputSchema, nameof(inputSchema));
        var result = new ShapeBuilder(inputSchema);
        foreach (string name in Transformer.Inputs)
        {
            OnnxVariable input = Transformer.Model.Input(name);
            SchemaShape.Column column = result.Input(name);
            if (!column.ItemType.Equals(input.Type.ItemType))
            {
                throw Errors.WrongType(nameof(inputSchema), "input", name, input.Type.ItemType.ToString(), column.ItemType.ToString());
            }
        }
        foreach (string name in Transformer.Outputs)
        {
            result.Set(SchemaShape.Column.Of(name, Transformer.Model.Output(name).Type));
        }
        return result.ToShape();
    }
}

public sealed class OnnxTransformer : RowToRowTransformerBase, IDisposable
{
    private const string OutputSuffix = ".output";

    private readonly OnnxSettings _settings;
    private bool _disposed;

    internal OnnxTransformer(byte[] bytes, string file, string[] outputs, string[] inputs, OnnxSettings settings)
    {
        Errors.Require(!Array.Exists(outputs, string.IsNullOrWhiteSpace), "OutputColumns", "OutputColumns cannot be null or white space");
        Errors.Require(!Array.Exists(inputs, string.IsNullOrWhiteSpace), "InputColumns", "InputColumns cannot be null or white space");
        _settings = settings;
        try
        {
            Model = new OnnxModel(bytes, file, settings);
        }
        catch (OnnxRuntimeException failure)
        {
            throw new InvalidOperationException($"Error initializing model :{failure}", failure);
        }
        try
        {
            Inputs = inputs.Length > 0 ? inputs : [.. Model.Inputs.Select(input => input.Name)];
            Outputs = outputs.Length > 0 ? outputs : [.. Model.Outputs.Select(output => output.Name)];
            foreach (string output in Outputs)
            {
                Model.Output(output);
            }
        }
        catch
        {
            Model.Dispose();
            throw;
        }
    }

    internal OnnxModel Model { get; }

    internal string[] Inputs { get; }

    internal string[] Outputs { get; }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Model.Dispose();
        }
    }

    /// <summary>The device is not saved with a model: it is the loading context's.</summary>
    internal static ITransformer Load(ModelReader reader)
    {
        byte[] bytes = reader.Block().ToArray();
        string[] outputs = reader.Texts();
        string[] inputs = reader.Texts();
        var shapes = new Dictionary<string, int[]>(reader.List(() => KeyValuePair.Create(reader.Text(), reader.Values<int>())));
        return new OnnxTransformer(bytes, null, outputs, inputs, new OnnxSettings
        {
            Shapes = shapes,
            RecursionLimit = reader.Number(),
            GpuDeviceId = reader.Environment.GpuDeviceId,
            FallbackToCpu = reader.Environment.FallbackToCpu,
        });
    }

    private protected override RowMapping Map(DataViewSchema inputSchema) => new Mapping(this, inputSchema);

    private protected override void SaveModel(ModelSaveContext ctx)
        => ctx.Component(SavedComponents.Onnx, writer =>
        {
            writer.Block(Model.Bytes);
            writer.Texts(Outputs);
            writer.Texts(Inputs);
            writer.List(_settings.Shapes, shape =>
            {
                writer.Text(shape.Key);
                writer.Values<int>(shape.Value);
            });
            writer.Number(_settings.RecursionLimit);
        });

    private sealed class Mapping : RowMapping
    {
        private readonly OnnxTransformer _parent;
        private readonly DataViewSchema.Column[] _columns;
        private readonly int[][] _shapes;

        internal Mapping(OnnxTransformer parent, DataViewSchema inputSchema)
            : base(inputSchema)
        {
            _parent = parent;
            _columns = new DataViewSchema.Column[parent.Inputs.Length];
            _shapes = new int[parent.Inputs.Length][];
            for (int i = 0; i < _columns.Length; i++)
            {
                OnnxVariable input = parent.Model.Input(parent.Inputs[i]);
                _shapes[i] = ShapeOfOneRow(input);
                _columns[i] = inputSchema.GetColumnOrNull(input.Name) ?? throw Errors.NoColumn(nameof(inputSchema), "input", input.Name);
                Check(input, _columns[i], _shapes[i]);
            }
        }

        internal override IEnumerable<int> InputsOf(Func<int, bool> activeOutput)
            => Enumerable.Range(0, _parent.Outputs.Length).Any(activeOutput) ? _columns.Select(column => column.Index).Distinct() : [];

        internal override Delegate[] MakeGetters(DataViewRow input, Func<int, bool> activeOutput) => MakeGetters(input, activeOutput, out _);

        internal override Delegate[] MakeGetters(DataViewRow input, Func<int, bool> activeOutput, out Action release)
        {
            string[] active = [.. _parent.Outputs.Where((_, i) => activeOutput(i))];
            release = null;
            if (active.Length == 0)
            {
                return new Delegate[_parent.Outputs.Length];
            }
            Func<NamedOnnxValue>[] feeds = [.. _columns.Select((column, i) => OnnxTensors.Feed(input, column, _parent.Inputs[i], _shapes[i]))];
            var run = new OnnxRun(_parent.Model.Session, input, feeds, active);
            release = run.Dispose;
            return [.. _parent.Outputs.Select((name, i) => activeOutput(i) ? OnnxTensors.Getter(run, name, _parent.Model.Output(name).Type.ItemType) : null)];
        }

        protected override DataViewSchema.DetachedColumn[] MakeOutputs()
            => Array.ConvertAll(_parent.Outputs, name =>
            {
                string column = name.EndsWith(OutputSuffix, StringComparison.Ordinal) ? name.Replace(OutputSuffix, string.Empty, StringComparison.Ordinal) : name;
                var annotations = new DataViewSchema.Annotations.Builder();
                if (_parent.Model.File.SlotNamesOf(column) is { Length: > 0 } names)
                {
                    ReadOnlyMemory<char>[] texts = Array.ConvertAll(names, text => text.AsMemory());
                    annotations.Add(Annotation.SlotNames, new VectorDataViewType(TextDataViewType.Instance, texts.Length),
                        (ref VBuffer<ReadOnlyMemory<char>> value) => VBuffer<ReadOnlyMemory<char>>.Copy(texts, 0, ref value, texts.Length));
                }
                return new DataViewSchema.DetachedColumn(column, _parent.Model.Output(name).Type, annotations.ToAnnotations());
            });

        /// <summary>A free first dimension is one row; one more that is free, written as 0, takes what the vector's length leaves for it.</summary>
        private static int[] ShapeOfOneRow(OnnxVariable input)
        {
            int[] shape = [.. input.Shape.Select((size, axis) => axis == 0 && size < 0 ? 1 : Math.Max(size, 0))];
            Errors.Require(shape.Count(size => size == 0) <= 1, input.Name, "Only 1 unknown dimension is allowed");
            return shape.Length > 0 ? shape : [1];
        }

        private static void Check(OnnxVariable input, DataViewSchema.Column column, int[] shape)
        {
            DataViewType item = column.Type.ItemType();
            if (!item.Equals(input.Type.ItemType) && !(item is KeyDataViewType && item.RawType == input.Type.ItemType.RawType))
            {
                throw Errors.WrongType("inputSchema", "input", input.Name, input.Type.ItemType.ToString(), column.Type.ToString());
            }
            if (!shape.Contains(0))
            {
                int length = column.Type is VectorDataViewType vector ? vector.Size : 1;
                Errors.Check(length % shape.Aggregate((x, y) => x * y) == 0,
                    $"Input shape mismatch: Input '{input.Name}' has shape {string.Join(",", shape)}, but input data is of length {length}.");
            }
        }
    }
}
