namespace Microsoft.ML.Data;

/// <summary>Row-to-row transformers whose every output column comes from one input column.</summary>
public abstract class OneToOneTransformerBase : RowToRowTransformerBase
{
    internal readonly (string Output, string Input)[] ColumnPairs;

    private protected OneToOneTransformerBase((string Output, string Input)[] columns)
    {
        Errors.NotNull(columns, nameof(columns));
        var names = new HashSet<string>();
        foreach ((string output, string input) in columns)
        {
            Errors.NotEmpty(input, nameof(columns));
            Errors.NotEmpty(output, nameof(columns));
            Errors.Require(names.Add(output), nameof(columns), $"Name of the result column '{output}' specified multiple times");
        }
        ColumnPairs = columns;
    }

    /// <summary>The input column of each pair, or the complaint that it is missing.</summary>
    private protected DataViewSchema.Column[] InputsIn(DataViewSchema schema)
        => [.. ColumnPairs.Select(pair => schema.GetColumnOrNull(pair.Input) ?? throw Errors.NoColumn("inputSchema", "input", pair.Input))];

    private protected abstract class OneToOneMapping(OneToOneTransformerBase parent, DataViewSchema inputSchema) : RowMapping(inputSchema)
    {
        protected DataViewSchema.Column[] Inputs { get; } = parent.InputsIn(inputSchema);

        internal sealed override IEnumerable<int> InputsOf(Func<int, bool> activeOutput)
            => Enumerable.Range(0, Inputs.Length).Where(activeOutput).Select(i => Inputs[i].Index);

        internal sealed override Delegate[] MakeGetters(DataViewRow input, Func<int, bool> activeOutput)
            => MakeGetters(input, activeOutput, out _);

        internal sealed override Delegate[] MakeGetters(DataViewRow input, Func<int, bool> activeOutput, out Action release)
        {
            var getters = new Delegate[Inputs.Length];
            Action all = null;
            for (int i = 0; i < getters.Length; i++)
            {
                if (activeOutput(i))
                {
                    getters[i] = MakeGetter(input, i, out Action one);
                    all += one;
                }
            }
            release = all;
            return getters;
        }

        protected virtual Delegate MakeGetter(DataViewRow input, int pair) => throw new NotSupportedException();

        protected virtual Delegate MakeGetter(DataViewRow input, int pair, out Action release)
        {
            release = null;
            return MakeGetter(input, pair);
        }

        protected abstract DataViewSchema.DetachedColumn MakeOutput(string name, int pair);

        protected sealed override DataViewSchema.DetachedColumn[] MakeOutputs() => [.. parent.ColumnPairs.Select((pair, i) => MakeOutput(pair.Output, i))];
    }
}
