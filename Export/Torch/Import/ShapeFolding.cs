namespace AlexNetMl.Export;

/// <summary>
/// Whole numbers that a graph computes from shapes: the targets of Reshape, for the most part. Lengths of axes that are not known go
/// through them as such, as long as nothing is calculated with them.
/// </summary>
internal static class ShapeFolding
{
    private const long Unknown = OnnxImportValue.UnknownNumber;
    private const int MaxNumbers = 4096;

    /// <summary>Computes a node over lists of whole numbers; false where it is none.</summary>
    public static bool TryFold(OnnxNodeImport node)
    {
        if (node.InputCount == 0 || !node.Has(0) || !node.Input(0).IsWhole || node.Input(0).Rank > 1 || node.OutputCount != 1
            || Enumerable.Range(0, node.InputCount).Any(i => node.Has(i) && !node.Input(i).IsConstant))
            return false;
        switch (node.OpType)
        {
            case "Gather":
                Gather(node);
                return true;
            case "Concat":
                Concatenate(node);
                return true;
            case "Slice":
                Slice(node);
                return true;
            case "Squeeze" or "Unsqueeze" or "Reshape":
                Reshape(node);
                return true;
            case "Add" or "Sub" or "Mul" or "Div":
                return Calculate(node);
            default:
                return false;
        }
    }

    private static void Gather(OnnxNodeImport node)
    {
        node.Int("axis", 0);
        long[] numbers = node.OpenLongs(node.Input(0));
        OnnxImportValue indices = node.Input(1);
        if (indices.Rank > 1)
            throw node.Refuse("it gathers whole numbers into a table");
        node.Constant([.. node.Longs(indices).Select(index => numbers[Shapes.Axis(index, numbers.Length, node)])], indices.Rank == 0);
    }

    private static void Concatenate(OnnxNodeImport node)
    {
        node.Int("axis", 0);
        long[] numbers = [.. node.Inputs().SelectMany(node.OpenLongs)];
        if (numbers.Length > MaxNumbers)
            throw node.Refuse($"it makes a list of {numbers.Length} whole numbers, but at most {MaxNumbers} are computed");
        node.Constant(numbers, scalar: false);
    }

    private static void Slice(OnnxNodeImport node)
    {
        long[] numbers = node.OpenLongs(node.Input(0));
        foreach (Training.Slice slice in SliceSettings.Read(node, rank: 1))
        {
            (long first, long count) = slice.Range(numbers.Length);
            long[] all = numbers;
            numbers = [.. Enumerable.Range(0, (int)count).Select(i => all[first + (i * slice.Step)])];
        }

        node.Constant(numbers, scalar: false);
    }

    // Between a number and a list of one; lists of lists are not needed.
    private static void Reshape(OnnxNodeImport node)
    {
        long[] numbers = node.OpenLongs(node.Input(0));
        long[] axes = node.Ints("axes") ?? (node.Has(1) ? node.Longs(node.Input(1)) : []);
        bool scalar = node.OpType switch
        {
            "Squeeze" => numbers.Length == 1,
            "Reshape" => axes.Length == 0,
            _ => false,
        };
        if (node.OpType == "Reshape")
            node.Int("allowzero", 0);
        if (node.OpType == "Unsqueeze" && (axes is not [0 or -1] || node.Input(0).Rank == 1))
            throw node.Refuse("it makes a table of whole numbers");
        if (node.OpType == "Reshape" && axes.Length > 1)
            throw node.Refuse("it makes a table of whole numbers");
        node.Constant(numbers, scalar);
    }

    private static bool Calculate(OnnxNodeImport node)
    {
        OnnxImportValue first = node.Input(0);
        OnnxImportValue second = node.Input(1);
        if (!second.IsWhole || second.Rank > 1)
            return false;
        long[] a = node.Longs(first);
        long[] b = node.Longs(second);
        int count = Math.Max(a.Length, b.Length);
        if ((a.Length != count && a.Length != 1) || (b.Length != count && b.Length != 1))
            throw node.Refuse($"it combines {a.Length} and {b.Length} whole numbers");
        long[] numbers = new long[count];
        for (int i = 0; i < count; i++)
        {
            long x = a[a.Length == 1 ? 0 : i];
            long y = b[b.Length == 1 ? 0 : i];
            numbers[i] = node.OpType switch
            {
                "Add" => checked(x + y),
                "Sub" => checked(x - y),
                "Mul" => checked(x * y),
                _ => y is 0 or -1 ? throw node.Refuse($"it divides by {y}") : x / y,
            };
        }

        if (numbers.Contains(Unknown))
            throw node.Refuse("its numbers are too large");
        node.Constant(numbers, first.Rank == 0 && second.Rank == 0);
        return true;
    }
}
