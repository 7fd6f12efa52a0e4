namespace Microsoft.ML.Data;

/// <summary>What a transformer adds to each row, bound to one input schema.</summary>
internal abstract class RowMapping
{
    private DataViewSchema.DetachedColumn[] _outputs;

    protected RowMapping(DataViewSchema inputSchema) => InputSchema = inputSchema;

    internal DataViewSchema InputSchema { get; }

    internal DataViewSchema.DetachedColumn[] Outputs => _outputs ??= MakeOutputs();

    /// <summary>Indices of the input columns that the active outputs are computed from.</summary>
    internal abstract IEnumerable<int> InputsOf(Func<int, bool> activeOutput);

    /// <summary>One getter per output, null where the output is not active. Getters read the row the input stands on each time they are called.</summary>
    internal abstract Delegate[] MakeGetters(DataViewRow input, Func<int, bool> activeOutput);

    /// <summary>As the other overload, for mappings whose getters hold something that a cursor releases when it is disposed.</summary>
    internal virtual Delegate[] MakeGetters(DataViewRow input, Func<int, bool> activeOutput, out Action release)
    {
        release = null;
        return MakeGetters(input, activeOutput);
    }

    protected abstract DataViewSchema.DetachedColumn[] MakeOutputs();
}
