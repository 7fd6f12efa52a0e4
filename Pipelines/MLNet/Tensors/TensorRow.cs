namespace AlexNetMl.Pipelines;

/// <summary>A row of a batch's outputs.</summary>
/// <param name="Outputs">The whole batch's arrays, one for each output.</param>
/// <param name="Index">The row's place in the batch.</param>
/// <param name="Rows">Rows in the batch.</param>
internal sealed record TensorRow(Array[] Outputs, int Index, int Rows)
{
    /// <summary>The row's elements of an output.</summary>
    public ReadOnlySpan<T> Row<T>(int output)
    {
        T[] values = (T[])Outputs[output];
        int length = values.Length / Rows;
        return values.AsSpan(Index * length, length);
    }
}
