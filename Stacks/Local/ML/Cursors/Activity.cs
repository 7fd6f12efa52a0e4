namespace Microsoft.ML.Data;

/// <summary>Which columns of a schema were asked for.</summary>
internal static class Activity
{
    /// <exception cref="InvalidOperationException">A column lies outside the schema: it belongs to another one.</exception>
    internal static bool[] Of(IEnumerable<DataViewSchema.Column> columns, DataViewSchema schema)
    {
        Errors.NotNull(columns, nameof(columns));
        var active = new bool[schema.Count];
        foreach (DataViewSchema.Column column in columns)
        {
            Errors.Check(column.Index < active.Length, $"The requested column: {column} is not part of the sourceSchema");
            active[column.Index] = true;
        }
        return active;
    }

    /// <summary>A getter of the asked type, or ML.NET's complaint.</summary>
    internal static ValueGetter<TValue> Typed<TValue>(Delegate getter)
        => getter as ValueGetter<TValue> ?? throw Errors.WrongGetter(typeof(TValue), getter);
}
