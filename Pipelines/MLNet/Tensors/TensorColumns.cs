using AlexNetMl.Onnx;
using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>A tensor model's inputs and outputs as columns, of the types that ML.NET's own <c>ApplyOnnxModel</c> takes and gives.</summary>
internal sealed class TensorColumns
{
    private const string Remedy = "The model takes columns of its inputs' names; make one with CopyColumns, Concatenate or Conversion.ConvertType.";

    // ML.NET strips it.
    private const string Suffix = ".output";

    private readonly IReadOnlyList<TensorPort> _inputs;

    public TensorColumns(OnnxTensorModel model)
    {
        _inputs = model.Inputs;
        OnnxOutline outline = OnnxOutline.Read(model.ModelPath);
        Added = [.. model.Outputs.Select(port =>
        {
            string name = port.Name.EndsWith(Suffix, StringComparison.Ordinal) ? port.Name[..^Suffix.Length] : port.Name;
            PrimitiveDataViewType item = RowTensor.ItemType(port.ElementType);

            // One row is a batch of one to ML.NET.
            VectorDataViewType type = port.RowShape is { } shape ? new VectorDataViewType(item, (int[])[1, .. shape]) : new VectorDataViewType(item);
            IReadOnlyList<string>? names = SlotNames.Read(outline, name);
            return new AddedColumn(name, type, names?.Count == type.Size ? names : null);
        })];
    }

    public IReadOnlyList<AddedColumn> Added { get; }

    public IReadOnlyList<DataViewSchema.Column> FindInputs(DataViewSchema schema, string parameter)
        => [.. _inputs.Select(port => InputColumns.Find(schema, port.Name, parameter, type => Fits(port, type), Expected(port), Remedy))];

    public void Check(SchemaShape shape, string parameter)
    {
        foreach (TensorPort port in _inputs)
        {
            InputColumns.Check(
                shape,
                port.Name,
                parameter,
                column => (column.ItemType.RawType == RowTensor.ItemType(port.ElementType).RawType)
                    && (column.Kind != SchemaShape.Column.VectorKind.Scalar || port.RowLength == 1),
                Expected(port),
                Remedy);
        }
    }

    // ML.NET lets a key pass for the number that it is stored as. A vector of variable length is looked at row by row.
    private static bool Fits(TensorPort port, DataViewType type) => type is VectorDataViewType vector
        ? vector.ItemType.RawType == RowTensor.ItemType(port.ElementType).RawType && (vector.Size == 0 || vector.Size == port.RowLength)
        : type.RawType == RowTensor.ItemType(port.ElementType).RawType && port.RowLength == 1;

    private static string Expected(TensorPort port)
    {
        DataViewType item = RowTensor.ItemType(port.ElementType);
        string vector = $"Vector<{item}, {string.Join(", ", port.RowShape!)}>";
        return port.RowShape!.Count == 0 ? $"{item}" : port.RowLength == 1 ? $"{item} or {vector}" : vector;
    }
}
