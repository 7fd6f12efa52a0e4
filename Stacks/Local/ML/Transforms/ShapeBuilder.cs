namespace Microsoft.ML.Transforms;

/// <summary>A schema shape being extended: columns keep their places, new ones go to the end.</summary>
internal sealed class ShapeBuilder(SchemaShape input)
{
    private readonly List<SchemaShape.Column> _columns = [.. input];

    /// <summary>A column of the input shape, or the complaint that it is missing.</summary>
    internal SchemaShape.Column Input(string name)
        => input.TryFind(name, out SchemaShape.Column column) ? column : throw Errors.NoColumn("inputSchema", "input", name);

    internal void Set(SchemaShape.Column column)
    {
        int index = _columns.FindIndex(c => c.Name == column.Name);
        if (index >= 0)
        {
            _columns[index] = column;
        }
        else
        {
            _columns.Add(column);
        }
    }

    internal SchemaShape ToShape() => new(_columns);
}
