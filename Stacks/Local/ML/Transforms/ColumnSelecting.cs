using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>Keeps or drops columns by name.</summary>
public sealed class ColumnSelectingEstimator : TrivialEstimator<ColumnSelectingTransformer>
{
    internal ColumnSelectingEstimator(string[] keep, string[] drop, bool keepHidden)
        : base(new ColumnSelectingTransformer(keep, drop, keepHidden))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Errors.NotNull(inputSchema, nameof(inputSchema));
        Transformer.CheckPresent(inputSchema.Select(column => column.Name), nameof(inputSchema));
        return new SchemaShape(inputSchema.Where(column => Transformer.Keeps(column.Name)));
    }
}

public sealed class ColumnSelectingTransformer : ITransformer
{
    private readonly string[] _names;
    private readonly bool _keep;
    private readonly bool _keepHidden;

    internal ColumnSelectingTransformer(string[] keep, string[] drop, bool keepHidden)
    {
        bool hasKeep = keep is { Length: > 0 };
        Errors.Check(hasKeep != drop is { Length: > 0 }, "Columns to keep or columns to drop must be given: one of the two, and at least one column.");
        _names = hasKeep ? keep : drop;
        _keep = hasKeep;
        _keepHidden = keepHidden;
    }

    bool ITransformer.IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema, nameof(inputSchema)).OutputSchema;

    public IDataView Transform(IDataView input)
    {
        Errors.NotNull(input, nameof(input));
        return new View(input, Bind(input.Schema, nameof(input)));
    }

    internal bool Keeps(string name) => _names.Contains(name) == _keep;

    internal void CheckPresent(IEnumerable<string> present, string parameter)
    {
        string[] missing = [.. _names.Except(present)];
        if (missing.Length > 0)
        {
            throw Errors.NoColumn(parameter, "input", string.Join(",", missing));
        }
    }

    internal static ColumnSelectingTransformer Load(ModelReader reader)
    {
        string[] names = reader.Texts();
        bool keep = reader.Flag();
        return new ColumnSelectingTransformer(keep ? names : null, keep ? null : names, reader.Flag());
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        Errors.NotNull(ctx, nameof(ctx));
        ctx.Component(SavedComponents.Select, writer =>
        {
            writer.Texts(_names);
            writer.Flag(_keep);
            writer.Flag(_keepHidden);
        });
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Bind(inputSchema, nameof(inputSchema));

    private Binding Bind(DataViewSchema schema, string parameter)
    {
        Errors.NotNull(schema, parameter);
        CheckPresent(schema.Select(column => column.Name), parameter);

        // Kept columns come in the order they were named, and without the hidden ones of their name unless asked for;
        // dropping leaves the order as it is, and hidden columns of other names in place.
        IEnumerable<DataViewSchema.Column> chosen = _keep
            ? _names.SelectMany(name => schema.Where(column => column.Name == name && (_keepHidden || !column.IsHidden)))
            : schema.Where(column => Keeps(column.Name));
        return new Binding(schema, [.. chosen]);
    }

    private sealed class Binding(DataViewSchema input, DataViewSchema.Column[] chosen) : IRowToRowMapper
    {
        public DataViewSchema InputSchema => input;

        public DataViewSchema OutputSchema { get; } = DataViewSchema.Of(chosen.Select(column => new DataViewSchema.DetachedColumn(column)));

        public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
        {
            bool[] active = Activity.Of(dependingColumns, OutputSchema);
            return chosen.Where((_, i) => active[i]);
        }

        public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
        {
            Errors.NotNull(input, nameof(input));
            Errors.NotNull(activeColumns, nameof(activeColumns));
            return new Row(input, this, Activity.Of(activeColumns, OutputSchema));
        }

        internal DataViewSchema.Column Source(DataViewSchema.Column column)
        {
            Errors.Check(column.Index < chosen.Length, $"The column {column} is not part of this row's schema");
            return chosen[column.Index];
        }
    }

    private sealed class View(IDataView source, Binding binding) : IDataView
    {
        public bool CanShuffle => source.CanShuffle;

        public DataViewSchema Schema => binding.OutputSchema;

        public long? GetRowCount() => source.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
        {
            bool[] active = Activity.Of(columnsNeeded, Schema);
            return new Cursor(source.GetRowCursor(binding.GetDependencies(Schema.Where(c => active[c.Index])), rand), binding, active);
        }

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        {
            bool[] active = Activity.Of(columnsNeeded, Schema);
            DataViewRowCursor[] inputs = source.GetRowCursorSet(binding.GetDependencies(Schema.Where(c => active[c.Index])), n, rand);
            return Array.ConvertAll(inputs, DataViewRowCursor (input) => new Cursor(input, binding, active));
        }
    }

    private sealed class Cursor(DataViewRowCursor input, Binding binding, bool[] active) : DataViewRowCursor
    {
        private readonly Row _row = new(input, binding, active);

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override DataViewSchema Schema => binding.OutputSchema;

        public override bool MoveNext() => input.MoveNext();

        public override bool IsColumnActive(DataViewSchema.Column column) => _row.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _row.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            _row.Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class Row(DataViewRow input, Binding binding, bool[] active) : DataViewRow
    {
        private bool _disposed;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override DataViewSchema Schema => binding.OutputSchema;

        public override bool IsColumnActive(DataViewSchema.Column column)
        {
            binding.Source(column);
            return active[column.Index];
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Errors.Check(IsColumnActive(column), $"The column {column.Name} was not asked for when this row was made");
            return input.GetGetter<TValue>(binding.Source(column));
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_disposed)
            {
                _disposed = true;
                input.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
