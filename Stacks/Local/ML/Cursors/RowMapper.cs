namespace Microsoft.ML.Data;

/// <summary>
/// The rows of one schema with a mapping's columns added. An added column of a name that is there already goes right behind the last of that name,
/// and so hides it; new names go to the end.
/// </summary>
internal sealed class RowMapper : IRowToRowMapper
{
    private readonly RowMapping _mapping;

    // Input columns as their index, added ones as the complement of theirs, in output order.
    private readonly int[] _origin;
    private readonly int[] _placeOfAdded;

    internal RowMapper(RowMapping mapping)
    {
        _mapping = mapping;
        DataViewSchema input = mapping.InputSchema;
        var origin = new List<int>(Enumerable.Range(0, input.Count));
        string NameOf(int index) => index >= 0 ? input[index].Name : mapping.Outputs[~index].Name;
        for (int i = 0; i < mapping.Outputs.Length; i++)
        {
            string name = mapping.Outputs[i].Name;
            int last = origin.FindLastIndex(index => NameOf(index) == name);
            origin.Insert(last < 0 ? origin.Count : last + 1, ~i);
        }
        _origin = [.. origin];
        _placeOfAdded = [.. Enumerable.Range(0, mapping.Outputs.Length).Select(i => Array.IndexOf(_origin, ~i))];
        OutputSchema = DataViewSchema.Of(_origin.Select(i => i >= 0 ? new DataViewSchema.DetachedColumn(input[i]) : mapping.Outputs[~i]));
    }

    public DataViewSchema InputSchema => _mapping.InputSchema;

    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        bool[] active = Activity.Of(dependingColumns, OutputSchema);
        var needed = new bool[InputSchema.Count];
        for (int i = 0; i < active.Length; i++)
        {
            if (active[i] && _origin[i] >= 0)
            {
                needed[_origin[i]] = true;
            }
        }
        foreach (int index in _mapping.InputsOf(i => active[_placeOfAdded[i]]))
        {
            needed[index] = true;
        }
        return InputSchema.Where(column => needed[column.Index]);
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        Errors.NotNull(input, nameof(input));
        Errors.NotNull(activeColumns, nameof(activeColumns));
        Errors.Check(ReferenceEquals(input.Schema, InputSchema), "Schema of input row must be the same as the schema the mapper is bound to");
        bool[] active = Activity.Of(activeColumns, OutputSchema);
        for (int i = 0; i < active.Length; i++)
        {
            // Unlike a cursor, a row hands on whatever its input offers.
            active[i] = _origin[i] >= 0 ? input.IsColumnActive(InputSchema[_origin[i]]) : active[i];
        }
        return new Row(new Getters(this, input, active), input);
    }

    /// <summary>A cursor over the mapped rows; owns <paramref name="input"/>.</summary>
    internal DataViewRowCursor GetCursor(DataViewRowCursor input, bool[] active) => new Cursor(new Getters(this, input, active), input);

    /// <summary>Finds the getter of an output column, in the input row or among those of the mapping.</summary>
    private sealed class Getters : IDisposable
    {
        private readonly RowMapper _mapper;
        private readonly DataViewRow _input;
        private readonly bool[] _active;
        private readonly Delegate[] _added;
        private readonly Action _release;

        internal Getters(RowMapper mapper, DataViewRow input, bool[] active)
        {
            _mapper = mapper;
            _input = input;
            _active = active;
            _added = mapper._mapping.MakeGetters(input, i => active[mapper._placeOfAdded[i]], out _release);
        }

        internal DataViewSchema Schema => _mapper.OutputSchema;

        public void Dispose()
        {
            _release?.Invoke();
            _input.Dispose();
        }

        internal bool IsActive(DataViewSchema.Column column)
        {
            Errors.Check(column.Index < _active.Length, $"The column {column} is not part of this row's schema");
            return _active[column.Index];
        }

        internal ValueGetter<TValue> Get<TValue>(DataViewSchema.Column column)
        {
            Errors.Check(IsActive(column), $"The column {column.Name} was not asked for when this row was made");
            int origin = _mapper._origin[column.Index];
            return origin >= 0 ? _input.GetGetter<TValue>(_input.Schema[origin]) : Activity.Typed<TValue>(_added[~origin]);
        }
    }

    private sealed class Row(Getters getters, DataViewRow input) : DataViewRow
    {
        private bool _disposed;

        public override DataViewSchema Schema => getters.Schema;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => getters.IsActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => getters.Get<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_disposed)
            {
                _disposed = true;
                getters.Dispose();
            }
            base.Dispose(disposing);
        }
    }

    private sealed class Cursor(Getters getters, DataViewRowCursor input) : DataViewRowCursor
    {
        private bool _disposed;

        public override DataViewSchema Schema => getters.Schema;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override bool MoveNext() => input.MoveNext();

        public override bool IsColumnActive(DataViewSchema.Column column) => getters.IsActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => getters.Get<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_disposed)
            {
                _disposed = true;
                getters.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
