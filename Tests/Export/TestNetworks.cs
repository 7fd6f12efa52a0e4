using System.Runtime.InteropServices;
using AlexNetMl.Imaging;
using AlexNetMl.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export.Tests;

internal static class TestNetworks
{
    /// <summary>An AlexNet with He's weights and, unlike a fresh one, biases that matter.</summary>
    public static AlexNet AlexNet(int side, double width = 0.125, int classes = 10, bool grouped = true)
    {
        var network = new AlexNet(new AlexNetOptions
        {
            Classes = classes,
            Side = side,
            Width = width,
            Grouped = grouped,
            Initialization = AlexNetInitialization.He,
        });
        RandomizeBiases(network, seed: 5);
        return network;
    }

    public static void RandomizeBiases(nn.Module network, int seed)
    {
        var random = new Random(seed);
        foreach ((string name, Parameter parameter) in network.named_parameters())
        {
            if (name.EndsWith("bias", StringComparison.Ordinal))
            {
                foreach (ref float value in MemoryMarshal.Cast<byte, float>(parameter.bytes))
                {
                    value = (random.NextSingle() - 0.5f) * 20;
                }
            }
        }
    }

    /// <summary>Normalisations begin with ones and zeros, or with whatever was in memory; here they get numbers that matter.</summary>
    public static void Settle(nn.Module network)
    {
        using var noGradients = no_grad();
        manual_seed(3);
        foreach (nn.Module module in network.modules().Where(m => m is BatchNorm or LayerNorm or GroupNorm or PReLU))
        {
            foreach (Parameter parameter in module.parameters())
            {
                nn.init.uniform_(parameter, -2, 2);
            }

            foreach ((_, Tensor statistics) in module.named_buffers().Where(b => b.buffer.dtype == ScalarType.Float32))
            {
                nn.init.uniform_(statistics, 0.5, 30);
            }
        }
    }

    public static OnnxExportOptions Options(int side, int classes = 10) => new()
    {
        Preprocessing = new ImagePreprocessing { ShorterSide = side, CropSide = side },
        Labels = [.. Enumerable.Range(0, classes).Select(i => $"class {i}")],
        Decoder = "test decoder 1.0",
    };

    public static Dictionary<string, byte[]> Weights(nn.Module network)
        => network.named_parameters().Select(p => (p.name, (Tensor)p.parameter)).Concat(network.named_buffers().Select(b => (b.name, b.buffer)))
            .ToDictionary(p => p.Item1, p => p.Item2.bytes.ToArray());
}

/// <summary>A user's module that the exporter does not know.</summary>
internal sealed class Twice() : nn.Module<Tensor, Tensor>(nameof(Twice))
{
    public override Tensor forward(Tensor input) => input * 2;
}

/// <summary>A user's Sequential that computes something else than its members.</summary>
internal sealed class Residual(params (string, nn.Module<Tensor, Tensor>)[] modules) : Sequential(modules)
{
    public override Tensor forward(Tensor input)
    {
        using Tensor branch = base.forward(input);
        return input + branch;
    }
}
