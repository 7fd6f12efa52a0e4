namespace AlexNetMl.Training.Tests;

/// <summary>Both response normalizations and their derivatives as float64 loops over [N, C, H, W], written from their formulas.</summary>
internal static class ResponseNormReference
{
    /// <summary>Over channels: b_c = a_c / (k + factor · Σ a_j²)^β, the window of <paramref name="size"/> channels cut off at the group's ends.</summary>
    public static (double[] Output, double[] Gradient) AcrossMaps(Maps a, double[] g, int size, double factor, double beta, double k, int groups) =>
        Normalize(a, g, factor, beta, k, (n, c, h, w) =>
        {
            int part = a.C / groups, first = c / part * part;
            return from j in Enumerable.Range(c - size / 2, size) where j >= first && j < first + part select (n, j, h, w);
        });

    /// <summary>Over positions of one map, <paramref name="size"/>×<paramref name="size"/> of them.</summary>
    public static (double[] Output, double[] Gradient) WithinMap(Maps a, double[] g, int size, double factor, double beta, double k) =>
        Normalize(a, g, factor, beta, k, (n, c, h, w) =>
            from i in Enumerable.Range(h - size / 2, size)
            from j in Enumerable.Range(w - size / 2, size)
            where i >= 0 && i < a.H && j >= 0 && j < a.W
            select (n, c, i, j));

    private static (double[] Output, double[] Gradient) Normalize(
        Maps a, double[] g, double factor, double beta, double k, Func<int, int, int, int, IEnumerable<(int, int, int, int)>> neighbours)
    {
        Maps output = new(a.N, a.C, a.H, a.W), gradient = new(a.N, a.C, a.H, a.W), upper = a with { Values = g };
        for (int n = 0; n < a.N; n++)
        for (int c = 0; c < a.C; c++)
        for (int h = 0; h < a.H; h++)
        for (int w = 0; w < a.W; w++)
        {
            double s = k, here = a[n, c, h, w], from = upper[n, c, h, w];
            foreach ((int i, int j, int y, int x) in neighbours(n, c, h, w))
                s += factor * a[i, j, y, x] * a[i, j, y, x];
            output[n, c, h, w] = here * Math.Pow(s, -beta);
            gradient[n, c, h, w] += from * Math.Pow(s, -beta);
            foreach ((int i, int j, int y, int x) in neighbours(n, c, h, w))
                gradient[i, j, y, x] += from * here * -beta * Math.Pow(s, -beta - 1) * 2 * factor * a[i, j, y, x];
        }
        return (output.Values, gradient.Values);
    }
}
