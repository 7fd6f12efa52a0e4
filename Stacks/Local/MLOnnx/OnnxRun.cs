using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.Transforms.Onnx;

/// <summary>The model's results for the row that its input stands on: one run per row, shared by all outputs.</summary>
internal sealed class OnnxRun(InferenceSession session, DataViewRow input, Func<NamedOnnxValue>[] feeds, string[] outputs) : IDisposable
{
    private IDisposableReadOnlyCollection<DisposableNamedOnnxValue> _results;
    private long _position = -1;

    internal NamedOnnxValue Result(string name)
    {
        if (_position != input.Position)
        {
            NamedOnnxValue[] values = Array.ConvertAll(feeds, feed => feed());
            Dispose();
            _results = session.Run(values, outputs);
            _position = input.Position;
        }
        return (_results ?? throw Errors.Invalid(Errors.NoCurrentRow)).First(result => result.Name == name);
    }

    public void Dispose()
    {
        _results?.Dispose();
        _results = null;
        _position = -1;
    }
}

/// <summary>Column values to tensors and back.</summary>
internal static class OnnxTensors
{
    internal static Func<NamedOnnxValue> Feed(DataViewRow row, DataViewSchema.Column column, string name, int[] shape)
        => column.Type is VectorDataViewType vector
            ? Generic.Call<Func<NamedOnnxValue>>(() => VectorFeed<int>(null, default, null, null), [vector.ItemType.RawType], row, column, name, shape)
            : Generic.Call<Func<NamedOnnxValue>>(() => ScalarFeed<int>(null, default, null), [column.Type.RawType], row, column, name);

    internal static Delegate Getter(OnnxRun run, string name, PrimitiveDataViewType item)
        => item is TextDataViewType ? TextGetter(run, name) : Generic.Call<Delegate>(() => Getter<int>(null, null), [item.RawType], run, name);

    private static Func<NamedOnnxValue> ScalarFeed<T>(DataViewRow row, DataViewSchema.Column column, string name)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        return () =>
        {
            T value = default;
            getter(ref value);
            return Tensor(name, [value], [1, 1]);
        };
    }

    private static Func<NamedOnnxValue> VectorFeed<T>(DataViewRow row, DataViewSchema.Column column, string name, int[] shape)
    {
        ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(column);
        int free = Array.IndexOf(shape, 0);
        int rest = shape.Where(size => size > 0).Aggregate(1, (x, y) => x * y);
        VBuffer<T> buffer = default;
        return () =>
        {
            getter(ref buffer);
            var values = new T[buffer.Length];
            buffer.CopyTo(values);
            int[] dimensions = [.. shape];
            if (free >= 0)
            {
                dimensions[free] = buffer.Length / rest;
            }
            return Tensor(name, values, dimensions);
        };
    }

    private static NamedOnnxValue Tensor<T>(string name, T[] values, int[] shape)
        => values is ReadOnlyMemory<char>[] texts
            ? NamedOnnxValue.CreateFromTensor(name, new DenseTensor<string>(Array.ConvertAll(texts, text => text.ToString()), shape))
            : NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(values, shape));

    private static ValueGetter<VBuffer<T>> Getter<T>(OnnxRun run, string name)
        => (ref VBuffer<T> value) =>
        {
            var tensor = run.Result(name).AsTensor<T>() as DenseTensor<T>;
            Errors.Check(tensor is not null, $"Output column {name} doesn't contain a DenseTensor of expected type {typeof(T)}");
            VBufferEditor<T> editor = VBufferEditor.Create(ref value, (int)tensor.Length);
            tensor.Buffer.Span.CopyTo(editor.Values);
            value = editor.Commit();
        };

    private static ValueGetter<VBuffer<ReadOnlyMemory<char>>> TextGetter(OnnxRun run, string name)
        => (ref VBuffer<ReadOnlyMemory<char>> value) =>
        {
            string[] texts = [.. run.Result(name).AsTensor<string>()];
            VBuffer<ReadOnlyMemory<char>>.Copy(Array.ConvertAll(texts, text => text.AsMemory()), 0, ref value, texts.Length);
        };
}
