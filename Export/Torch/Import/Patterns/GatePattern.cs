using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Export;

/// <summary>x · sigmoid(x), x · hardsigmoid(x), and x / 2 · (1 + erf(x / √2)) in any order of its factors.</summary>
internal static class GatePattern
{
    public static NodeProto? Find(NodeProto mul, GraphIndex index)
    {
        foreach ((string x, string gate) in new[] { (mul.Input[0], mul.Input[1]), (mul.Input[1], mul.Input[0]) })
        {
            if (index.Producer(gate, "Sigmoid") is { } sigmoid && sigmoid.Input[0] == x)
                return GraphPatterns.Layer("SiLU", mul, x);
            if (index.Producer(gate, "HardSigmoid") is { } hard && hard.Input[0] == x && IsTorchs(hard))
                return GraphPatterns.Layer("Hardswish", mul, x);
        }

        return Gelu(mul, index);
    }

    private static bool IsTorchs(NodeProto hard)
        => hard.Attribute.FirstOrDefault(attribute => attribute.Name == "alpha")?.F == 1f / 6 && hard.Attribute.All(attribute => attribute.Name != "beta" || attribute.F == 0.5f);

    private static NodeProto? Gelu(NodeProto mul, GraphIndex index)
    {
        List<string> factors = [.. mul.Input];
        for (int i = 0; i < 2; i++)
        {
            if (factors.Count < 3 && index.Producer(factors[i], "Mul") is { } inner)
            {
                factors.RemoveAt(i);
                factors.AddRange(inner.Input);
            }
        }

        if (factors.Count != 3 || factors.Find(factor => index.Number(factor) == 0.5) is not { } half)
            return null;
        factors.Remove(half);
        foreach ((string x, string gate) in new[] { (factors[0], factors[1]), (factors[1], factors[0]) })
        {
            if (index.Producer(gate, "Add") is { } add && Other(add, name => index.Number(name) == 1) is { } curve
                && index.Producer(curve, "Erf") is { } erf && IsScaled(erf.Input[0], x, index))
                return GraphPatterns.Layer("GELU", mul, x);
        }

        return null;
    }

    private static bool IsScaled(string scaled, string x, GraphIndex index)
    {
        if (index.Producer(scaled, "Div") is { } div)
            return div.Input[0] == x && index.Number(div.Input[1]) is { } root && (float)root == MathF.Sqrt(2);
        return index.Producer(scaled, "Mul") is { } mul && Other(mul, name => index.Number(name) is { } factor && Math.Abs(factor - Math.Sqrt(0.5)) < 1e-7) == x;
    }

    private static string? Other(NodeProto node, Func<string, bool> isFirst)
        => isFirst(node.Input[0]) ? node.Input[1] : isFirst(node.Input[1]) ? node.Input[0] : null;
}
