using System.Runtime.ExceptionServices;
using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>A tensor model over columns of its inputs' names.</summary>
internal sealed class TensorModel(OnnxTensorModel model, TensorColumns columns, int batchSize) : BatchedModel<TensorRow>
{
    private bool _disposed;

    public override IReadOnlyList<AddedColumn> Columns => columns.Added;

    public override IReadOnlyList<DataViewSchema.Column> FindInputs(DataViewSchema schema, string parameter) => columns.FindInputs(schema, parameter);

    /// <summary>While a batch runs, the next one is read; then they change places.</summary>
    public override IEnumerable<TensorRow> Score(DataViewRow row, Func<bool> next)
    {
        RowTensor[] running = Tensors(row, batchSize), reading = Tensors(row, batchSize);
        using var second = new SecondThread();
        ExceptionDispatchInfo? failure = null;
        int rows = Read(running);
        while (rows > 0)
        {
            Array[] outputs = [];
            int count = rows;
            RowTensor[] batch = running;
            second.Start(() => outputs = model.Run([.. batch.Select(tensor => tensor.Values)], count));
            rows = Read(reading);
            second.Wait();
            (running, reading) = (reading, running);
            for (int i = 0; i < count; i++)
            {
                yield return new TensorRow(outputs, i, count);
            }
        }

        failure?.Throw();

        // An exception of the input waits until the rows before it have been delivered.
        int Read(RowTensor[] tensors)
        {
            int read = 0;
            try
            {
                while (failure is null && read < batchSize && next())
                {
                    Array.ForEach(tensors, tensor => tensor.Read(read));
                    read++;
                }
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }

            return read;
        }
    }

    public override Func<TensorRow> ScoreOne(DataViewRow row)
    {
        RowTensor[] tensors = Tensors(row, rows: 1);
        Array[] values = [.. tensors.Select(tensor => tensor.Values)];
        return () =>
        {
            Array.ForEach(tensors, tensor => tensor.Read(0));
            return new TensorRow(model.Run(values, rows: 1), 0, 1);
        };
    }

    public override Delegate Getter(int added, Func<TensorRow> current)
    {
        Type element = model.Outputs[added].ElementType;
        return element == typeof(string) ? Texts(added, current)
            : element == typeof(float) ? Numbers<float>(added, current)
            : element == typeof(double) ? Numbers<double>(added, current)
            : element == typeof(sbyte) ? Numbers<sbyte>(added, current)
            : element == typeof(byte) ? Numbers<byte>(added, current)
            : element == typeof(short) ? Numbers<short>(added, current)
            : element == typeof(ushort) ? Numbers<ushort>(added, current)
            : element == typeof(int) ? Numbers<int>(added, current)
            : element == typeof(uint) ? Numbers<uint>(added, current)
            : element == typeof(long) ? Numbers<long>(added, current)
            : element == typeof(ulong) ? Numbers<ulong>(added, current)
            : Numbers<bool>(added, current);
    }

    public override void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, typeof(BatchedOnnxTransformer));

    public override void Dispose()
    {
        _disposed = true;
        model.Dispose();
    }

    private RowTensor[] Tensors(DataViewRow row, int rows)
        => [.. model.Inputs.Select(port => RowTensor.Create(port, row, row.Schema[port.Name], rows))];

    private static ValueGetter<VBuffer<T>> Numbers<T>(int output, Func<TensorRow> current) => (ref VBuffer<T> value) =>
    {
        ReadOnlySpan<T> row = current().Row<T>(output);
        VBufferEditor<T> editor = VBufferEditor.Create(ref value, row.Length);
        row.CopyTo(editor.Values);
        value = editor.Commit();
    };

    private static ValueGetter<VBuffer<ReadOnlyMemory<char>>> Texts(int output, Func<TensorRow> current) => (ref VBuffer<ReadOnlyMemory<char>> value) =>
    {
        ReadOnlySpan<string> row = current().Row<string>(output);
        VBufferEditor<ReadOnlyMemory<char>> editor = VBufferEditor.Create(ref value, row.Length);
        for (int i = 0; i < row.Length; i++)
        {
            editor.Values[i] = row[i].AsMemory();
        }

        value = editor.Commit();
    };
}
