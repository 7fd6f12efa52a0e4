using System.Globalization;
using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Export;

/// <summary>
/// x / (k + α/n Σ x²)^β, as OnnxExporter writes it: over channels, where the sum is a 1×1 convolution with a banded matrix, or several that
/// amount to one (<see cref="ResponseNormBlocks"/>), or over positions of a map, where it is a convolution of every channel by itself with one value.
/// </summary>
internal static class ResponseNormPattern
{
    public static NodeProto? Find(NodeProto div, GraphIndex index)
    {
        string x = div.Input[0];
        foreach ((string sums, double beta) in Powers(div.Input[1], index))
        {
            NodeProto? found = AcrossChannels(div, x, sums, beta, index) ?? WithinMaps(div, x, sums, beta, index);
            if (found is not null)
                return found;
        }

        return null;
    }

    // What the divisor may be a power of: itself, a root, the product of a root and its root, or any power.
    private static IEnumerable<(string Sums, double Beta)> Powers(string divisor, GraphIndex index)
    {
        if (index.Producer(divisor, "Pow") is { } pow && index.Number(pow.Input[1]) is { } exponent)
            yield return (pow.Input[0], exponent);
        if (index.Producer(divisor, "Sqrt") is { } half)
            yield return (half.Input[0], 0.5);
        if (index.Producer(divisor, "Mul") is { } mul)
        {
            foreach ((string root, string quarter) in new[] { (mul.Input[0], mul.Input[1]), (mul.Input[1], mul.Input[0]) })
            {
                if (index.Producer(root, "Sqrt", uses: 2) is { } first && index.Producer(quarter, "Sqrt") is { } second && second.Input[0] == root)
                    yield return (first.Input[0], 0.75);
            }
        }

        yield return (divisor, 1);
    }

    private static NodeProto? AcrossChannels(NodeProto div, string x, string sums, double beta, GraphIndex index)
    {
        if ((OneMatrix(x, sums, index) ?? ResponseNormBlocks.Find(x, sums, index)) is not { } found
            || Band(found.Matrix, found.Channels, found.Members) is not (long size, float each) || Offset(found.Conv, index) is not { } k)
            return null;
        NodeProto layer = Layer("LocalResponse", div, x, size, Factor(each, size), beta, k);
        layer.Attribute.Add(OnnxAttribute.Int("groups", found.Channels / found.Members));
        return layer;
    }

    private static BandedSums? OneMatrix(string x, string sums, GraphIndex index)
        => Sums(x, sums, border: 0, index) is { } conv && index.Stored(conv.Input[1])?.Dims is [long channels, long members, 1, 1]
            && channels == members * Groups(conv) && index.Floats(conv.Input[1]) is { } matrix ? new BandedSums(conv, matrix, channels, members) : null;

    private static NodeProto? WithinMaps(NodeProto div, string x, string sums, double beta, GraphIndex index)
    {
        if (index.Producer(sums, "Conv") is not { } made || index.Stored(made.Input[1])?.Dims is not [long channels, 1, long size, long width] || size != width || size % 2 == 0
            || Sums(x, sums, size / 2, index) is not { } conv || Groups(conv) != channels || index.Floats(conv.Input[1]) is not { Length: > 0 } window
            || Array.Exists(window, value => value != window[0]) || Offset(conv, index) is not { } k)
            return null;
        return Layer("SpatialResponse", div, x, size, Factor(window[0], size * size), beta, k);
    }

    // The convolution over squares, with nothing but a border and groups.
    internal static NodeProto? Sums(string x, string sums, long border, GraphIndex index, int uses = 1)
    {
        if (index.Producer(sums, "Conv") is not { Input.Count: 2 or 3 } conv || !AreSquares(conv.Input[0], x, index, uses) || Groups(conv) < 1)
            return null;
        long side = (2 * border) + 1;
        return GraphIndex.Has(
            conv, ("kernel_shape", [side, side], true), ("strides", [1, 1], true), ("dilations", [1, 1], true), ("pads", [border, border, border, border], border == 0),
            ("group", [Groups(conv)], true)) ? conv : null;
    }

    internal static long Groups(NodeProto conv) => conv.Attribute.FirstOrDefault(attribute => attribute.Name == "group")?.I ?? 1;

    private static double? Offset(NodeProto conv, GraphIndex index)
    {
        if (conv.Input.Count == 2)
            return 0;
        return index.Floats(conv.Input[2]) is { Length: > 0 } offsets && Array.TrueForAll(offsets, offset => offset == offsets[0]) ? OnnxNodeImport.Decimal(offsets[0]) : null;
    }

    private static NodeProto Layer(string pattern, NodeProto div, string x, long size, double alpha, double beta, double k)
    {
        NodeProto layer = GraphPatterns.Layer(pattern, div, x);
        layer.Attribute.Add(OnnxAttribute.Int("size", size));
        layer.Attribute.Add(GraphPatterns.Exact("alpha", alpha));
        layer.Attribute.Add(GraphPatterns.Exact("beta", beta));
        layer.Attribute.Add(GraphPatterns.Exact("k", k));
        return layer;
    }

    private static bool AreSquares(string name, string x, GraphIndex index, int uses)
        => index.Producer(name, "Mul", uses) is { } mul
            ? mul.Input[0] == x && mul.Input[1] == x
            : index.Producer(name, "Pow", uses) is { } pow && pow.Input[0] == x && index.Number(pow.Input[1]) == 2;

    /// <summary>The window of a banded matrix, torch's size/2 channels back and (size − 1)/2 on, and the value in it.</summary>
    private static (long Size, float Value)? Band(float[] matrix, long channels, long members)
    {
        // The first channel sees as far on as a window reaches, the last one as far back, unless the group is shorter than that.
        long on = Array.FindLastIndex(matrix, (int)members - 1, (int)members, value => value != 0);
        int last = (int)(matrix.Length - members);
        long back = members - 1 - (Array.FindIndex(matrix, last, value => value != 0) - last);
        if (on < 0 || back < 0 || back >= members)
            return null;
        long size = back + on + 1;
        if (back != size / 2 || on != (size - 1) / 2)
            return null;
        float each = matrix[0];
        for (long channel = 0; channel < channels; channel++)
        {
            long own = channel % members;
            for (long other = 0; other < members; other++)
            {
                float expected = other >= own - back && other <= own + on ? each : 0;
                if (matrix[(channel * members) + other] != expected)
                    return null;
            }
        }

        return (size, each);
    }

    // The shortest alpha of which the exporter makes this value again.
    private static double Factor(float each, long count)
    {
        double exact = (double)each * count;
        for (int digits = 1; digits < 17; digits++)
        {
            double rounded = double.Parse(exact.ToString($"E{digits - 1}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            if ((float)(rounded / count) == each)
                return rounded;
        }

        return exact;
    }
}
