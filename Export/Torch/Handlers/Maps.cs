namespace AlexNetMl.Export;

/// <summary>Batches of feature maps: signals [batch, channels, length], pictures with two axes behind the channels, volumes with three.</summary>
internal static class Maps
{
    private static readonly string[] Kinds =
        ["signals of shape [batch, channels, length]", "pictures of shape [batch, channels, height, width]",
        "volumes of shape [batch, channels, depth, height, width]"];

    /// <summary>The lengths of the axes behind the channels.</summary>
    /// <param name="input">A module's input.</param>
    /// <param name="axes">How many the module works on, 1 to 3.</param>
    /// <param name="context">Makes the error.</param>
    /// <exception cref="OnnxExportException">The input has another number of axes.</exception>
    public static long[] Lengths(OnnxValue input, int axes, OnnxModuleContext context) => input.RowShape.Count == axes + 1
        ? [.. input.RowShape.Skip(1)]
        : throw context.Refuse($"it takes {Kinds[axes - 1]}, but receives {input}");

    /// <summary>One value for every axis: torch's layers hold null for a default and accept one number for all axes.</summary>
    public static long[] Each(long[]? values, int axes, long otherwise) => Each(values, [.. Enumerable.Repeat(otherwise, axes)]);

    /// <inheritdoc cref="Each(long[], int, long)"/>
    public static long[] Each(long[]? values, long[] otherwise) => values switch
    {
        null or [] => otherwise,
        [long all] => [.. Enumerable.Repeat(all, otherwise.Length)],
        _ => values,
    };
}
