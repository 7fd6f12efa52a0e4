namespace AlexNetMl.Training.Tests;

/// <summary>A block <c>[N, C, H, W]</c> of float64; fully connected layers use H = W = 1.</summary>
internal sealed record Maps(int N, int C, int H, int W)
{
    public double[] Values { get; init; } = new double[N * C * H * W];

    public double this[int n, int c, int h, int w]
    {
        get => Values[((n * C + c) * H + h) * W + w];
        set => Values[((n * C + c) * H + h) * W + w] = value;
    }
}

/// <summary>What the reference computes; the mutations are ways a port goes wrong.</summary>
internal sealed record ReferenceOptions
{
    public required bool PaperStem { get; init; }

    public bool Grouped { get; init; } = true;

    /// <summary>The printed formula's α.</summary>
    public double Alpha { get; init; } = 1e-4;

    /// <summary>Mutation: both groups read the first group's maps.</summary>
    public bool IgnoreGroupOffset { get; init; }

    /// <summary>Mutation: a true convolution instead of a correlation.</summary>
    public bool MirrorKernels { get; init; }

    /// <summary>Mutation: windows start this much further right and down.</summary>
    public int PaddingOffset { get; init; }
}

/// <summary>AlexNet as plain float64 loops written from the paper's text, sharing nothing with the library.</summary>
internal static class ReferenceNetwork
{
    /// <summary>All layers' outputs in order, by name.</summary>
    public static List<(string Name, Maps Output)> Forward(Maps input, IReadOnlyDictionary<string, double[]> weights, ReferenceOptions options)
    {
        var outputs = new List<(string, Maps)>();
        Maps x = input;
        int groups = options.Grouped ? 2 : 1;
        if (options.PaperStem)
            Keep("conv1", Convolve(x, "conv1", 11, 4, 2, 1));
        else
            Keep("conv1", Convolve(x, "conv1", 5, 1, 2, 1));
        Keep("relu1", Relu(x));
        Keep("lrn1", Normalize(x, options.Alpha));
        Keep("pool1", Pool(x));
        Keep("conv2", Convolve(x, "conv2", 5, 1, 2, groups));
        Keep("relu2", Relu(x));
        Keep("lrn2", Normalize(x, options.Alpha));
        Keep("pool2", Pool(x));
        Keep("conv3", Convolve(x, "conv3", 3, 1, 1, 1));
        Keep("relu3", Relu(x));
        Keep("conv4", Convolve(x, "conv4", 3, 1, 1, groups));
        Keep("relu4", Relu(x));
        Keep("conv5", Convolve(x, "conv5", 3, 1, 1, groups));
        Keep("relu5", Relu(x));
        Keep("pool5", Pool(x));
        Keep("flatten", new Maps(x.N, x.C * x.H * x.W, 1, 1) { Values = x.Values });
        Keep("fc6", Linear(x, "fc6"));
        Keep("relu6", Relu(x));
        Keep("drop6", x);
        Keep("fc7", Linear(x, "fc7"));
        Keep("relu7", Relu(x));
        Keep("drop7", x);
        Keep("fc8", Linear(x, "fc8"));
        return outputs;

        void Keep(string name, Maps output)
        {
            outputs.Add((name, output));
            x = output;
        }

        Maps Convolve(Maps maps, string name, int kernel, int stride, int pad, int groupCount) =>
            ReferenceNetwork.Convolve(maps, weights[name + ".weight"], weights[name + ".bias"], kernel, stride, pad, groupCount, options);

        Maps Linear(Maps maps, string name) => ReferenceNetwork.Linear(maps, weights[name + ".weight"], weights[name + ".bias"]);
    }

    private static Maps Convolve(Maps x, double[] weight, double[] bias, int kernel, int stride, int pad, int groups, ReferenceOptions options)
    {
        int outputs = bias.Length, perGroup = x.C / groups, start = pad - options.PaddingOffset;
        var y = new Maps(x.N, outputs, (x.H + 2 * pad - kernel) / stride + 1, (x.W + 2 * pad - kernel) / stride + 1);
        for (int n = 0; n < x.N; n++)
        for (int o = 0; o < outputs; o++)
        for (int h = 0; h < y.H; h++)
        for (int w = 0; w < y.W; w++)
        {
            int first = options.IgnoreGroupOffset ? 0 : o / (outputs / groups) * perGroup;
            double sum = bias[o];
            for (int c = 0; c < perGroup; c++)
            for (int i = 0; i < kernel; i++)
            for (int j = 0; j < kernel; j++)
            {
                int row = h * stride + i - start, column = w * stride + j - start;
                if (row < 0 || column < 0 || row >= x.H || column >= x.W)
                    continue;
                int tap = options.MirrorKernels ? (kernel - 1 - i) * kernel + kernel - 1 - j : i * kernel + j;
                sum += weight[(o * perGroup + c) * kernel * kernel + tap] * x[n, first + c, row, column];
            }
            y[n, o, h, w] = sum;
        }
        return y;
    }

    private static Maps Relu(Maps x) => x with { Values = [.. x.Values.Select(value => Math.Max(0, value))] };

    /// <summary>b_i = a_i / (k + α Σ a_j²)^β over j from max(0, i − n/2) to min(N − 1, i + n/2), as printed in section 3.3.</summary>
    private static Maps Normalize(Maps x, double alpha)
    {
        const int Window = 5;
        var y = new Maps(x.N, x.C, x.H, x.W);
        for (int n = 0; n < x.N; n++)
        for (int h = 0; h < x.H; h++)
        for (int w = 0; w < x.W; w++)
        for (int c = 0; c < x.C; c++)
        {
            double sum = 0;
            for (int j = Math.Max(0, c - Window / 2); j <= Math.Min(x.C - 1, c + Window / 2); j++)
                sum += x[n, j, h, w] * x[n, j, h, w];
            y[n, c, h, w] = x[n, c, h, w] / Math.Pow(2 + alpha * sum, 0.75);
        }
        return y;
    }

    private static Maps Pool(Maps x)
    {
        var y = new Maps(x.N, x.C, (x.H - 3) / 2 + 1, (x.W - 3) / 2 + 1);
        for (int n = 0; n < x.N; n++)
        for (int c = 0; c < x.C; c++)
        for (int h = 0; h < y.H; h++)
        for (int w = 0; w < y.W; w++)
        {
            double most = double.NegativeInfinity;
            for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                most = Math.Max(most, x[n, c, 2 * h + i, 2 * w + j]);
            y[n, c, h, w] = most;
        }
        return y;
    }

    private static Maps Linear(Maps x, double[] weight, double[] bias)
    {
        var y = new Maps(x.N, bias.Length, 1, 1);
        for (int n = 0; n < x.N; n++)
        for (int o = 0; o < bias.Length; o++)
        {
            double sum = bias[o];
            for (int c = 0; c < x.C; c++)
                sum += weight[o * x.C + c] * x.Values[n * x.C + c];
            y.Values[n * bias.Length + o] = sum;
        }
        return y;
    }
}
