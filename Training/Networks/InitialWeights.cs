using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// Fills new networks. Numbers are counter-based: weight i of layer l depends on (seed, l, i) only, not on threads, nor on
/// which torch is below.
/// </summary>
internal static class InitialWeights
{
    private const string Classifier = "fc8";
    private static readonly string[] Layers = ["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", Classifier];
    private static readonly string[] LayersWithBiasOne = ["conv2", "conv4", "conv5", "fc6", "fc7"];
    private static readonly string[] WiderIn2012 = ["conv3", "conv4", "conv5"];

    internal static void Fill(AlexNet network, AlexNetOptions options)
    {
        foreach ((string name, nn.Module module) in network.named_children())
        {
            Tensor? weight = (module as Conv2d)?.weight ?? (module as Linear)?.weight;
            Tensor? bias = (module as Conv2d)?.bias ?? (module as Linear)?.bias;
            if (weight is null || bias is null)
                continue;
            bool he = options.Initialization == AlexNetInitialization.He;
            // A weight is [out, in / groups, …]: all but its first dimension is what one output reads.
            double fanIn = (double)weight.NumberOfElements / weight.shape[0];
            double deviation = he && name != Classifier ? Math.Sqrt(2 / fanIn)
                : options.Initialization == AlexNetInitialization.Original2012 && WiderIn2012.Contains(name) ? 0.03
                : 0.01;
            Fill(weight, bias, deviation, !he && LayersWithBiasOne.Contains(name) ? 1 : 0, options.Seed, Array.IndexOf(Layers, name));
        }
    }

    /// <summary>Fills every convolution and fully connected layer of a network, numbered in the order of its definition.</summary>
    /// <param name="network">The network, on the CPU.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="deviation">Standard deviation by path, fan-in and fan-out: what one output reads, and what one input is read by.</param>
    /// <param name="bias">Biases by path; null for 0.</param>
    internal static void Fill(nn.Module network, long seed, Func<string, double, double, double> deviation, Func<string, float>? bias = null)
    {
        int layer = 0;
        foreach ((string path, nn.Module module) in network.named_modules())
        {
            if (((module as Conv2d)?.weight ?? (module as Linear)?.weight) is not { } weight)
                continue;
            double kernel = weight.shape.Skip(2).Aggregate(1.0, (product, length) => product * length);
            Normal(MemoryMarshal.Cast<byte, float>(weight.bytes), deviation(path, weight.shape[1] * kernel, weight.shape[0] * kernel), seed, layer++);
            if (((module as Conv2d)?.bias ?? (module as Linear)?.bias) is { } biases)
                MemoryMarshal.Cast<byte, float>(biases.bytes).Fill(bias?.Invoke(path) ?? 0);
        }
    }

    /// <summary>Draws a layer's weights from N(0, deviation²) and sets its biases.</summary>
    internal static void Fill(Tensor weight, Tensor bias, double deviation, float biases, long seed, int layer)
    {
        Normal(MemoryMarshal.Cast<byte, float>(weight.bytes), deviation, seed, layer);
        MemoryMarshal.Cast<byte, float>(bias.bytes).Fill(biases);
    }

    /// <summary>Draws N(0, standardDeviation²) into <paramref name="values"/>, four numbers a Philox block (Box and Muller, 1958).</summary>
    internal static unsafe void Normal(Span<float> values, double standardDeviation, long seed, int layer)
    {
        const int ChunkBlocks = 1 << 14;
        int length = values.Length;
        int blocks = (length + 3) / 4;
        fixed (float* start = values)
        {
            nint address = (nint)start;                     // a lambda cannot capture a pointer
            Parallel.For(0, (blocks + ChunkBlocks - 1) / ChunkBlocks, chunk =>
            {
                float* target = (float*)address;
                int end = Math.Min(blocks, (chunk + 1) * ChunkBlocks);
                Span<float> four = stackalloc float[4];
                for (int block = chunk * ChunkBlocks; block < end; block++)
                {
                    (uint a, uint b, uint c, uint d) = Philox.Block(seed, RandomStream.Weights, layer, block, 0);
                    (four[0], four[1]) = Pair(a, b, standardDeviation);
                    (four[2], four[3]) = Pair(c, d, standardDeviation);
                    int at = block * 4;
                    for (int i = 0; i < 4 && at + i < length; i++)
                        target[at + i] = four[i];
                }
            });
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (float, float) Pair(uint a, uint b, double standardDeviation)
    {
        const double ToUnit = 1.0 / 4294967296;
        double radius = standardDeviation * Math.Sqrt(-2 * Math.Log((a + 0.5) * ToUnit));      // + 0.5: never the logarithm of 0
        (double sine, double cosine) = Math.SinCos(2 * Math.PI * (b + 0.5) * ToUnit);
        return ((float)(radius * cosine), (float)(radius * sine));
    }
}
