using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>What a column of the output is.</summary>
internal enum ScoringColumn
{
    /// <summary>A column of the input.</summary>
    Input,

    /// <summary>The probabilities.</summary>
    Score,

    /// <summary>The most probable class.</summary>
    PredictedLabel,

    /// <summary>What was wrong with the picture.</summary>
    Error,
}

/// <summary>The output's columns, where each comes from, and which of the input's a cursor needs.</summary>
internal sealed class ScoringSchema
{
    public const string ScoreColumn = "Score";

    public const string PredictedLabelColumn = "PredictedLabel";

    public const string ErrorColumn = "Error";

    // The kinds of annotation that ML.NET looks for; its constants are internal.
    public const string SlotNames = "SlotNames";

    public const string KeyValues = "KeyValues";

    private readonly List<(ScoringColumn Kind, int InputIndex)> _origins = [];

    public ScoringSchema(
        DataViewSchema input, string inputColumn, string parameter, IReadOnlyList<string> labels, InvalidImageHandling handling)
    {
        Input = input;
        Classes = labels.Count;
        Path = TextColumn.Find(input, inputColumn, parameter, TextColumn.PathRemedy);

        VectorDataViewType score = new(NumberDataViewType.Single, labels.Count);
        KeyDataViewType key = new(typeof(uint), labels.Count);
        List<(ScoringColumn Kind, DataViewSchema.DetachedColumn Column)> added =
        [
            (ScoringColumn.Score, new(ScoreColumn, score, Names(SlotNames, labels))),
            (ScoringColumn.PredictedLabel, new(PredictedLabelColumn, key, Names(KeyValues, labels))),
        ];
        if (handling == InvalidImageHandling.Mark)
        {
            added.Add((ScoringColumn.Error, new(ErrorColumn, TextDataViewType.Instance)));
        }

        // ML.NET's order: a new name goes to the end, one that is there already right behind the column that it hides.
        List<DataViewSchema.DetachedColumn> columns = [];
        foreach (DataViewSchema.Column column in input)
        {
            Add(ScoringColumn.Input, column.Index, new(column));
            foreach ((ScoringColumn kind, DataViewSchema.DetachedColumn newer) in added)
            {
                if (newer.Name == column.Name && !column.IsHidden)
                {
                    Add(kind, -1, newer);
                }
            }
        }
        foreach ((ScoringColumn kind, DataViewSchema.DetachedColumn column) in added)
        {
            if (input.GetColumnOrNull(column.Name) is null)
            {
                Add(kind, -1, column);
            }
        }

        DataViewSchema.Builder builder = new();
        builder.AddColumns(columns);
        Output = builder.ToSchema();

        void Add(ScoringColumn kind, int inputIndex, DataViewSchema.DetachedColumn column)
        {
            _origins.Add((kind, inputIndex));
            columns.Add(column);
        }
    }

    public DataViewSchema Input { get; }

    public DataViewSchema Output { get; }

    /// <summary>The number of <c>Score</c>'s slots.</summary>
    public int Classes { get; }

    /// <summary>The input's column of picture paths.</summary>
    public DataViewSchema.Column Path { get; }

    public ScoringColumn Kind(int outputIndex) => _origins[outputIndex].Kind;

    /// <summary>The input's column behind an output column that is passed through.</summary>
    public DataViewSchema.Column InputColumn(int outputIndex) => Input[_origins[outputIndex].InputIndex];

    /// <summary>One flag per output column. ML.NET takes columns by index, so equal schemas' columns do as well.</summary>
    public bool[] Active(IEnumerable<DataViewSchema.Column> columnsNeeded)
    {
        ArgumentNullException.ThrowIfNull(columnsNeeded);
        bool[] active = new bool[Output.Count];
        foreach (DataViewSchema.Column column in columnsNeeded)
        {
            if (column.Index >= active.Length)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(columnsNeeded),
                    $"The requested column '{column.Name}' (index {column.Index}) is not one of this data view's {active.Length} columns.");
            }
            active[column.Index] = true;
        }
        return active;
    }

    private static DataViewSchema.Annotations Names(string kind, IReadOnlyList<string> labels)
    {
        ReadOnlyMemory<char>[] names = [.. labels.Select(label => label.AsMemory())];
        DataViewSchema.Annotations.Builder builder = new();
        builder.Add<VBuffer<ReadOnlyMemory<char>>>(kind, new VectorDataViewType(TextDataViewType.Instance, names.Length),
            (ref VBuffer<ReadOnlyMemory<char>> value) =>
            {
                // A copy: the caller may write into what it is given.
                VBufferEditor<ReadOnlyMemory<char>> editor = VBufferEditor.Create(ref value, names.Length);
                names.CopyTo(editor.Values);
                value = editor.Commit();
            });
        return builder.ToAnnotations();
    }
}
