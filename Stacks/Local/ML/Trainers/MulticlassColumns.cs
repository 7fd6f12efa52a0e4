using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>The columns that a multiclass model adds, with the annotations that evaluators and users look for.</summary>
internal static class MulticlassColumns
{
    internal const string PredictedLabel = "PredictedLabel";
    internal const string Score = "Score";

    private const string SetId = "ScoreColumnSetId";
    private const string ColumnKind = "ScoreColumnKind";
    private const string ValueKind = "ScoreValueKind";
    private const string TrainingLabelValues = "TrainingLabelValues";
    private const string Multiclass = "MulticlassClassification";

    private static readonly KeyDataViewType SetIdType = new(typeof(uint), int.MaxValue);

    /// <summary>The label column alone: its keys and what they stand for.</summary>
    internal static DataViewSchema LabelSchema(DataViewSchema.Column label)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(label.Annotations, kind => kind == Annotation.KeyValues);
        return DataViewSchema.Of([new("Label", label.Type, annotations.ToAnnotations())]);
    }

    internal static IEnumerable<SchemaShape.Column> Shapes(SchemaShape.Column label)
    {
        SchemaShape.Column[] common =
        [
            new(SetId, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true),
            new(ColumnKind, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, isKey: false),
            new(ValueKind, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, isKey: false),
        ];
        SchemaShape.Column[] names = [];
        SchemaShape.Column[] slots = [];
        if (label.Annotations.TryFind(Annotation.KeyValues, out SchemaShape.Column values) && values.Kind == SchemaShape.Column.VectorKind.Vector)
        {
            names = [values];
            slots = [.. values.ItemType is TextDataViewType ? [Renamed(values, Annotation.SlotNames)] : Array.Empty<SchemaShape.Column>(), Renamed(values, TrainingLabelValues)];
        }
        yield return new(Score, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false, new SchemaShape([.. slots, .. common]));
        yield return new(PredictedLabel, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true, new SchemaShape([.. names, .. common]));
    }

    internal static DataViewSchema.DetachedColumn[] Columns(DataViewSchema input, DataViewSchema.Column label)
    {
        uint id = NextSetId(input);
        var type = new KeyDataViewType(typeof(uint), label.Type.KeyCountAsInt32());
        var predicted = new DataViewSchema.Annotations.Builder();
        AddKind(predicted, ColumnKind, Multiclass);
        AddKind(predicted, ValueKind, PredictedLabel);
        predicted.Add(label.Annotations, kind => kind == Annotation.KeyValues);
        predicted.AddPrimitiveValue(SetId, SetIdType, id);
        var score = new DataViewSchema.Annotations.Builder();
        AddKind(score, ColumnKind, Multiclass);
        score.AddPrimitiveValue(SetId, SetIdType, id);
        AddKind(score, ValueKind, Score);
        if (label.Annotations.Schema.GetColumnOrNull(Annotation.KeyValues) is { Type: VectorDataViewType values })
        {
            Generic.Call<bool>(() => AddLabels<int>(null, default, null), [values.ItemType.RawType], score, label, values);
        }
        return [new(PredictedLabel, type, predicted.ToAnnotations()), new(Score, new VectorDataViewType(NumberDataViewType.Single, (int)type.Count), score.ToAnnotations())];
    }

    private static bool AddLabels<T>(DataViewSchema.Annotations.Builder score, DataViewSchema.Column label, VectorDataViewType type)
    {
        void Get(ref VBuffer<T> values) => label.GetKeyValues(ref values);
        score.Add<VBuffer<T>>(TrainingLabelValues, type, Get);
        if (type.ItemType is TextDataViewType)
        {
            score.Add<VBuffer<T>>(Annotation.SlotNames, type, Get);
        }
        return true;
    }

    private static void AddKind(DataViewSchema.Annotations.Builder annotations, string kind, string value)
        => annotations.AddPrimitiveValue(kind, TextDataViewType.Instance, value.AsMemory());

    private static uint NextSetId(DataViewSchema schema)
    {
        uint most = 0;
        foreach (DataViewSchema.Column column in schema)
        {
            uint id = 0;
            if (column.Annotations.Schema.GetColumnOrNull(SetId)?.Type is KeyDataViewType { RawType: var raw } && raw == typeof(uint))
            {
                column.Annotations.GetValue(SetId, ref id);
            }
            most = Math.Max(most, id);
        }
        return most + 1;
    }

    private static SchemaShape.Column Renamed(SchemaShape.Column column, string name) => new(name, column.Kind, column.ItemType, column.IsKey);
}
