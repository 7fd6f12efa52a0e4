using System.Globalization;
using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Export;

/// <summary>
/// x / (k + α/n Σ x²)^β, as OnnxExporter writes it: over channels, where the sum is a 1×1 convolution with a banded matrix, or over positions
/// of a map, where it is an average pooling.
/// </summary>
internal static class ResponseNormPattern
{
    public static NodeProto? Find(NodeProto div, GraphIndex index)
    {
        string x = div.Input[0];
        foreach ((string sums, double beta, int uses) in Powers(div.Input[1], index))
        {
            NodeProto? found = AcrossChannels(div, x, sums, beta, uses, index) ?? WithinMaps(div, x, sums, beta, uses, index);
            if (found is not null)
                return found;
        }

        return null;
    }

    // What the divisor may be a power of: itself, a root, the product of a root and its root, or any power.
    private static IEnumerable<(string Sums, double Beta, int Uses)> Powers(string divisor, GraphIndex index)
    {
        if (index.Producer(divisor, "Pow") is { } pow && index.Number(pow.Input[1]) is { } exponent)
            yield return (pow.Input[0], exponent, 1);
        if (index.Producer(divisor, "Sqrt") is { } half)
            yield return (half.Input[0], 0.5, 1);
        if (index.Producer(divisor, "Mul") is { } mul)
        {
            foreach ((string root, string quarter) in new[] { (mul.Input[0], mul.Input[1]), (mul.Input[1], mul.Input[0]) })
            {
                if (index.Producer(root, "Sqrt", uses: 2) is { } first && index.Producer(quarter, "Sqrt") is { } second && second.Input[0] == root)
                    yield return (first.Input[0], 0.75, 1);
            }
        }

        yield return (divisor, 1, 1);
    }

    private static NodeProto? AcrossChannels(NodeProto div, string x, string sums, double beta, int uses, GraphIndex index)
    {
        if (index.Producer(sums, "Conv", uses) is not { Input.Count: 2 or 3 } conv || !AreSquares(conv.Input[0], x, index))
            return null;
        long groups = conv.Attribute.FirstOrDefault(attribute => attribute.Name == "group")?.I ?? 1;
        if (!GraphIndex.Has(conv, ("kernel_shape", [1, 1], true), ("strides", [1, 1], true), ("dilations", [1, 1], true), ("pads", [0, 0, 0, 0], true), ("group", [groups], true)))
            return null;
        if (index.Stored(conv.Input[1])?.Dims is not [long channels, long members, 1, 1] || groups < 1 || channels != members * groups
            || index.Floats(conv.Input[1]) is not { } matrix)
            return null;
        if (Band(matrix, channels, members) is not (long size, float each))
            return null;
        double k = 0;
        if (conv.Input.Count == 3)
        {
            if (index.Floats(conv.Input[2]) is not { Length: > 0 } offsets || Array.Exists(offsets, offset => offset != offsets[0]))
                return null;
            k = OnnxNodeImport.Decimal(offsets[0]);
        }

        NodeProto layer = GraphPatterns.Layer("LocalResponse", div, x);
        layer.Attribute.Add(OnnxAttribute.Int("size", size));
        layer.Attribute.Add(OnnxAttribute.Int("groups", groups));
        layer.Attribute.Add(GraphPatterns.Exact("alpha", Factor(each, size)));
        layer.Attribute.Add(GraphPatterns.Exact("beta", beta));
        layer.Attribute.Add(GraphPatterns.Exact("k", k));
        return layer;
    }

    private static NodeProto? WithinMaps(NodeProto div, string x, string sums, double beta, int uses, GraphIndex index)
    {
        if (index.Producer(sums, "Add", uses) is not { } add || index.Number(add.Input[1]) is not { } k
            || index.Producer(add.Input[0], "Mul") is not { } mul || index.Number(mul.Input[1]) is not { } alpha
            || index.Producer(mul.Input[0], "AveragePool") is not { } pool || !AreSquares(pool.Input[0], x, index))
            return null;
        if (pool.Attribute.FirstOrDefault(attribute => attribute.Name == "kernel_shape")?.Ints is not [long size, long width] || size != width || size % 2 == 0)
            return null;
        long border = size / 2;
        if (!GraphIndex.Has(
            pool, ("kernel_shape", [size, size], false), ("strides", [1, 1], true), ("pads", [border, border, border, border], border == 0), ("count_include_pad", [1], border == 0)))
            return null;
        NodeProto layer = GraphPatterns.Layer("SpatialResponse", div, x);
        layer.Attribute.Add(OnnxAttribute.Int("size", size));
        layer.Attribute.Add(GraphPatterns.Exact("alpha", alpha));
        layer.Attribute.Add(GraphPatterns.Exact("beta", beta));
        layer.Attribute.Add(GraphPatterns.Exact("k", k));
        return layer;
    }

    private static bool AreSquares(string name, string x, GraphIndex index)
        => index.Producer(name, "Mul") is { } mul
            ? mul.Input[0] == x && mul.Input[1] == x
            : index.Producer(name, "Pow") is { } pow && pow.Input[0] == x && index.Number(pow.Input[1]) == 2;

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
    private static double Factor(float each, long size)
    {
        double exact = (double)each * size;
        for (int digits = 1; digits < 17; digits++)
        {
            double rounded = double.Parse(exact.ToString($"E{digits - 1}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            if ((float)(rounded / size) == each)
                return rounded;
        }

        return exact;
    }
}
