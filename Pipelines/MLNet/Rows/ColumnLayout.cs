using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>The columns of a transformer's output: which pass through, which are added.</summary>
internal sealed class ColumnLayout
{
    private readonly List<(int Added, int Input)> _origins = [];

    public ColumnLayout(DataViewSchema input, IReadOnlyList<AddedColumn> added)
    {
        Input = input;

        // ML.NET's order: a new name goes to the end, one that is there already right behind the column that it hides.
        List<DataViewSchema.DetachedColumn> columns = [];
        foreach (DataViewSchema.Column column in input)
        {
            Add(-1, column.Index, new(column));
            for (int i = 0; i < added.Count; i++)
            {
                if (added[i].Name == column.Name && !column.IsHidden)
                {
                    Add(i, -1, added[i].ToColumn());
                }
            }
        }

        for (int i = 0; i < added.Count; i++)
        {
            if (input.GetColumnOrNull(added[i].Name) is null)
            {
                Add(i, -1, added[i].ToColumn());
            }
        }

        DataViewSchema.Builder builder = new();
        builder.AddColumns(columns);
        Output = builder.ToSchema();

        void Add(int addedIndex, int inputIndex, DataViewSchema.DetachedColumn column)
        {
            _origins.Add((addedIndex, inputIndex));
            columns.Add(column);
        }
    }

    public DataViewSchema Input { get; }

    public DataViewSchema Output { get; }

    /// <summary>The added column behind an output column, or −1 for one that passes through.</summary>
    public int Added(int outputIndex) => _origins[outputIndex].Added;

    /// <summary>The input's column behind an output column that passes through.</summary>
    public DataViewSchema.Column InputColumn(int outputIndex) => Input[_origins[outputIndex].Input];

    /// <summary>Which of the output's columns are asked for, and what that means for the input.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is not one of the output's.</exception>
    public ActiveColumns Activate(IEnumerable<DataViewSchema.Column> columnsNeeded)
    {
        ArgumentNullException.ThrowIfNull(columnsNeeded);
        bool[] active = new bool[Output.Count];
        foreach (DataViewSchema.Column column in columnsNeeded)
        {
            // ML.NET takes columns by index, so equal schemas' columns do as well.
            if (column.Index >= active.Length)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(columnsNeeded),
                    $"The requested column '{column.Name}' (index {column.Index}) is not one of this data view's {active.Length} columns.");
            }

            active[column.Index] = true;
        }

        return new ActiveColumns(this, active);
    }
}

/// <summary>The columns that a cursor or row was asked for.</summary>
internal sealed class ActiveColumns
{
    private readonly bool[] _active;

    public ActiveColumns(ColumnLayout layout, bool[] active)
    {
        _active = active;
        Layout = layout;
        int[] wanted = [.. Enumerable.Range(0, active.Length).Where(index => active[index])];
        Scores = wanted.Any(index => layout.Added(index) >= 0);
        Passed = [.. wanted.Where(index => layout.Added(index) < 0).Select(layout.InputColumn)];
    }

    public ColumnLayout Layout { get; }

    /// <summary>Whether an added column is among them, so that the model has to run.</summary>
    public bool Scores { get; }

    /// <summary>The input's columns that pass through.</summary>
    public IReadOnlyList<DataViewSchema.Column> Passed { get; }

    /// <exception cref="InvalidOperationException">The column is of another schema.</exception>
    public bool Contains(DataViewSchema.Column column) => column.Index < _active.Length
        ? _active[column.Index]
        : throw new InvalidOperationException($"Column '{column.Name}' (index {column.Index}) is not one of this cursor's {_active.Length} columns.");

    /// <exception cref="InvalidOperationException">The column was not asked for.</exception>
    public void Require(DataViewSchema.Column column)
    {
        if (!Contains(column))
        {
            throw new InvalidOperationException(
                $"Column '{column.Name}' is not active in this cursor: name it among the columns that the cursor is asked for.");
        }
    }

    /// <summary>A getter as the type that was asked for.</summary>
    /// <exception cref="InvalidOperationException">The column's values are of another type.</exception>
    public ValueGetter<TValue> As<TValue>(DataViewSchema.Column column, Delegate getter) => getter as ValueGetter<TValue>
        ?? throw new InvalidOperationException(
            $"Column '{column.Name}' gives values of type '{Layout.Output[column.Index].Type.RawType}', not '{typeof(TValue)}'.");
}
