using Microsoft.ML;
using Microsoft.ML.Data;
using AlexNetMl.Scoring;

namespace AlexNetMl.Pipelines;

/// <summary>One input column on its way into a batch.</summary>
internal abstract class RowTensor
{
    /// <summary>The batch.</summary>
    public abstract Array Values { get; }

    /// <summary>Copies the row as it stands into its place in the batch.</summary>
    public abstract void Read(int slot);

    /// <summary>The ML.NET type of a tensor's elements.</summary>
    public static PrimitiveDataViewType ItemType(Type element) => element switch
    {
        _ when element == typeof(float) => NumberDataViewType.Single,
        _ when element == typeof(double) => NumberDataViewType.Double,
        _ when element == typeof(sbyte) => NumberDataViewType.SByte,
        _ when element == typeof(byte) => NumberDataViewType.Byte,
        _ when element == typeof(short) => NumberDataViewType.Int16,
        _ when element == typeof(ushort) => NumberDataViewType.UInt16,
        _ when element == typeof(int) => NumberDataViewType.Int32,
        _ when element == typeof(uint) => NumberDataViewType.UInt32,
        _ when element == typeof(long) => NumberDataViewType.Int64,
        _ when element == typeof(ulong) => NumberDataViewType.UInt64,
        _ when element == typeof(bool) => BooleanDataViewType.Instance,
        _ => TextDataViewType.Instance,
    };

    public static RowTensor Create(TensorPort port, DataViewRow row, DataViewSchema.Column column, int rows)
    {
        Type item = ItemType(port.ElementType).RawType;
        return item == typeof(ReadOnlyMemory<char>)
            ? new RowTensor<ReadOnlyMemory<char>, string>(port, row, column, rows, from => from.ToString())
            : (RowTensor)Activator.CreateInstance(typeof(NumberTensor<>).MakeGenericType(item), port, row, column, rows)!;
    }

    private sealed class NumberTensor<T>(TensorPort port, DataViewRow row, DataViewSchema.Column column, int rows) : RowTensor<T, T>(port, row, column, rows, convert: null)
        where T : unmanaged;
}

/// <inheritdoc/>
/// <typeparam name="TColumn">The column's elements.</typeparam>
/// <typeparam name="TTensor">The tensor's: the same but for texts.</typeparam>
internal class RowTensor<TColumn, TTensor> : RowTensor
{
    private readonly TensorPort _port;
    private readonly DataViewRow _row;
    private readonly string _column;
    private readonly Func<TColumn, TTensor>? _convert;
    private readonly TTensor[] _values;
    private readonly ValueGetter<TColumn>? _scalar;
    private readonly ValueGetter<VBuffer<TColumn>>? _vector;
    private readonly TColumn[] _dense;
    private VBuffer<TColumn> _buffer;

    public RowTensor(TensorPort port, DataViewRow row, DataViewSchema.Column column, int rows, Func<TColumn, TTensor>? convert)
    {
        _port = port;
        _row = row;
        _column = column.Name;
        _convert = convert;
        _values = new TTensor[checked(rows * port.RowLength)];
        _dense = new TColumn[convert is null ? 0 : port.RowLength];
        if (column.Type is VectorDataViewType)
        {
            _vector = row.GetGetter<VBuffer<TColumn>>(column);
        }
        else
        {
            _scalar = row.GetGetter<TColumn>(column);
        }
    }

    public override Array Values => _values;

    public override void Read(int slot)
    {
        int start = slot * _port.RowLength;
        if (_scalar is not null)
        {
            TColumn value = default!;
            _scalar(ref value);
            _values[start] = _convert is null ? (TTensor)(object)value! : _convert(value);
            return;
        }

        _vector!(ref _buffer);
        if (_buffer.Length != _port.RowLength)
        {
            throw new InvalidOperationException(
                $"Input shape mismatch: row {_row.Position} of column '{_column}' has {_buffer.Length} values; the input '{_port.Name}' takes {_port.RowLength} a row.");
        }

        if (_convert is null)
        {
            _buffer.CopyTo((TColumn[])(object)_values, start);
            return;
        }

        _buffer.CopyTo(_dense);
        for (int i = 0; i < _dense.Length; i++)
        {
            _values[start + i] = _convert(_dense[i]);
        }
    }
}
