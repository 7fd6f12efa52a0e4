namespace AlexNetMl.Export;

/// <summary>Lengths of axes during an import, some of which are <see cref="OnnxImportValue.Unknown"/>.</summary>
internal static class Shapes
{
    private const long Unknown = OnnxImportValue.Unknown;

    public static bool IsKnown(IEnumerable<long> lengths) => lengths.All(length => length != Unknown);

    /// <summary>Their product, or Unknown.</summary>
    public static long Product(IEnumerable<long> lengths)
    {
        long product = 1;
        foreach (long length in lengths)
        {
            if (length == Unknown)
                return Unknown;
            product = checked(product * length);
        }

        return product;
    }

    /// <summary>An axis counted from the front.</summary>
    public static int Axis(long axis, int rank, OnnxNodeImport node)
        => axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : throw node.Refuse($"its axis {axis} is none of {rank}");

    /// <summary>Axes counted from the front; each once.</summary>
    public static long[] Axes(IEnumerable<long> axes, int rank, OnnxNodeImport node)
    {
        long[] found = [.. axes.Select(axis => (long)Axis(axis, rank, node))];
        return found.Distinct().Count() == found.Length ? found : throw node.Refuse($"its axes [{string.Join(", ", found)}] name one twice");
    }

    /// <summary>The common shape of two tensors that are combined value by value.</summary>
    public static long[] Broadcast(IReadOnlyList<long> a, IReadOnlyList<long> b, OnnxNodeImport node)
    {
        int rank = Math.Max(a.Count, b.Count);
        long[] shape = new long[rank];
        for (int back = 1; back <= rank; back++)
        {
            long first = back <= a.Count ? a[^back] : 1;
            long second = back <= b.Count ? b[^back] : 1;
            shape[^back] = (first, second) switch
            {
                _ when first == second => first,
                (1, _) => second,
                (_, 1) => first,
                (Unknown, _) => second,
                (_, Unknown) => first,
                _ => throw node.Refuse($"it combines [{string.Join(", ", a)}] and [{string.Join(", ", b)}], which do not fit"),
            };
        }

        return shape;
    }
}
