namespace AlexNetMl.Export;

/// <summary>A tensor on its way through the graph. Every such tensor has the dynamic axis <c>batch</c> in front.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="RowShape">
/// The axes after <c>batch</c>: <c>[channels, height, width]</c> of pictures, <c>[features]</c> after flattening.
/// </param>
public sealed record OnnxValue(string Name, IReadOnlyList<long> RowShape)
{
    /// <summary>The number of axes, <c>batch</c> included.</summary>
    public int Rank => RowShape.Count + 1;

    /// <summary>Name and shape, <c>conv1 [batch, 96, 55, 55]</c>.</summary>
    public override string ToString() => $"{Name} [batch, {string.Join(", ", RowShape)}]";
}
