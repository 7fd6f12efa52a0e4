using System.Runtime.InteropServices;
using AlexNetMl.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Export.Tests;

/// <summary>Random Sequential trees over every layer that can be exported. Torch itself decides which choices fit.</summary>
internal sealed class RandomTrees(int seed)
{
    private readonly Random _random = new(seed);

    public static IReadOnlyList<string> PictureLayers { get; } =
    [
        "conv", "conv same", "conv valid", "conv reflect", "grouped", "depthwise", "relu", "relu in place", "lrn", "even lrn", "fused lrn", "batch norm", "plain batch norm",
        "max pool", "odd max pool", "dilated max pool", "average pool", "odd average pool", "adaptive identity", "adaptive", "zero pad", "dropout", "dropout2d",
        "identity", "tanh", "sigmoid", "softmax", "log softmax", "leaky relu", "relu6", "elu", "prelu", "silu", "gelu", "hardswish", "hardsigmoid", "group norm", "layer norm",
        "adaptive max", "uneven adaptive", "constant pad", "conv1d", "max pool1d", "average pool1d", "batch norm1d", "conv3d", "max pool3d", "average pool3d", "batch norm3d",
        "residual", "concatenation", "gate", "nested",
    ];

    public HashSet<string> Used { get; } = [];

    public (Sequential Network, int Side, int Classes) Create()
    {
        torch.manual_seed(seed);
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        int side = _random.Next(7, 26);
        int classes = _random.Next(2, 12);
        var layers = new List<(string, nn.Module<Tensor, Tensor>)>();
        Tensor x = rand(1, 3, side, side) * 256 - 128;
        int count = _random.Next(3, 9);
        for (int i = 0; i < count; i++)
        {
            x = Grow(layers, x, depth: 0);
        }

        if (_random.Next(4) == 0)
        {
            layers.Add(("global", nn.AdaptiveAvgPool2d(1)));
            x = x.mean([2, 3], keepdim: true);
        }

        layers.Add(("flatten", nn.Flatten()));
        long features = x.shape[1] * x.shape[2] * x.shape[3];
        if (_random.Next(2) == 0)
        {
            layers.Add(("hidden", nn.Linear(features, 20, hasBias: _random.Next(2) == 0)));
            layers.Add(("relu", nn.ReLU(inplace: _random.Next(2) == 0)));
            layers.Add(("drop", nn.Dropout()));
            features = 20;
        }

        layers.Add(("fc", nn.Linear(features, classes)));
        if (_random.Next(3) == 0)
        {
            layers.Add(("softmax", nn.Softmax(_random.Next(2) == 0 ? 1 : -1)));
            layers.Add(("last", nn.Identity()));
            Used.Add("final softmax");
        }

        return (nn.Sequential(layers), side, classes);
    }

    private Tensor Grow(List<(string, nn.Module<Tensor, Tensor>)> layers, Tensor x, int depth)
    {
        while (true)
        {
            string kind = PictureLayers[_random.Next(PictureLayers.Count)];
            if (kind == "nested")
            {
                if (depth == 2)
                {
                    continue;
                }

                var members = new List<(string, nn.Module<Tensor, Tensor>)>();
                for (int i = _random.Next(0, 4); i > 0; i--)
                {
                    x = Grow(members, x, depth + 1);
                }

                layers.Add(($"block{layers.Count}", nn.Sequential(members)));
                Used.Add(kind);
                return x;
            }

            nn.Module<Tensor, Tensor>? layer = null;
            try
            {
                layer = Make(kind, x.shape[1], x.shape[2], x.shape[3]);
                layer.eval();
                Tensor y = layer.call(x.clone());
                if (y.NumberOfElements is > 0 and < 40_000 && Array.TrueForAll(y.contiguous().data<float>().ToArray(), float.IsFinite) && IsCalm(layer, x, y))
                {
                    layers.Add(($"{kind.Replace(' ', '_')}{layers.Count}", layer));
                    Used.Add(kind);
                    return y;
                }
            }
            catch (Exception e) when (e is ExternalException or ArgumentException or InvalidOperationException)
            {
                // Too big a window, too much padding: another choice.
            }

            layer?.Dispose();
        }
    }

    // A norm over values that are nearly equal makes whole numbers of their rounding, in every runtime others, and so does a GELU of negative
    // values alone, small differences of 1: nothing could be compared.
    private static bool IsCalm(nn.Module<Tensor, Tensor> layer, Tensor x, Tensor y)
    {
        if (layer is GELU && y.abs().max().item<float>() < 0.1f * x.abs().max().item<float>())
        {
            return false;
        }

        Tensor shaken = layer.call(x * (1 + (1e-6 * (rand_like(x) - 0.5))));
        return (shaken - y).abs().max().item<float>() <= 1e-5 * y.abs().max().item<float>();
    }

    private nn.Module<Tensor, Tensor> Make(string kind, long channels, long height, long width) => kind switch
    {
        "conv" => nn.Conv2d(
            channels, Even(), (Kernel(), Kernel()), stride: (Small(), Small()), padding: (Pad(), Pad()), dilation: (Small(), Small()), bias: Coin()),
        "conv same" => nn.Conv2d(channels, Even(), (Kernel(), Kernel()), Padding.Same, dilation: (Small(), Small()), bias: Coin()),
        "conv valid" => nn.Conv2d(channels, Even(), Kernel(), Padding.Valid, stride: Small()),
        "grouped" => nn.Conv2d(channels, 2 * channels, Kernel(), padding: Pad(), groups: channels % 2 == 0 ? 2 : 1),
        "depthwise" => nn.Conv2d(channels, channels, Kernel(), padding: Pad(), groups: channels),
        "relu" => nn.ReLU(),
        "relu in place" => nn.ReLU(inplace: true),
        "lrn" => nn.LocalResponseNorm(1 + (2 * _random.Next(4)), alpha: Alpha(), beta: Beta(), k: K()),
        "even lrn" => nn.LocalResponseNorm(2 + (2 * _random.Next(3)), alpha: Alpha(), beta: Beta(), k: K()),
        "fused lrn" => new FusedLocalResponseNorm(_random.Next(1, 7), alpha: Alpha(), beta: 0.75, k: K()),
        "batch norm" => Settled(nn.BatchNorm2d(channels, eps: 1e-3)),
        "plain batch norm" => Settled(nn.BatchNorm2d(channels, affine: false)),
        "max pool" => nn.MaxPool2d(_random.Next(2, 4), stride: Coin() ? null : Small(), padding: Coin() ? null : 1, ceil_mode: Coin()),
        "odd max pool" => nn.MaxPool2d([Kernel(), Kernel()], stride: Coin() ? null : [Small(), _random.Next(1, 4)], ceil_mode: Coin()),
        "dilated max pool" => nn.MaxPool2d((2, 3), stride: (Small(), Small()), padding: (1, 1), dilation: (_random.Next(1, 4), Small()), ceil_mode: Coin()),
        "average pool" => nn.AvgPool2d(_random.Next(2, 4), stride: Coin() ? null : Small(), padding: Coin() ? null : 1, ceil_mode: Coin(), count_include_pad: Coin()),
        "odd average pool" => nn.AvgPool2d([Kernel(), Kernel()], stride: Coin() ? null : [Small(), 3], padding: Coin() ? null : [0, 1], ceil_mode: Coin(), count_include_pad: Coin()),
        "adaptive identity" => nn.AdaptiveAvgPool2d((height, width)),
        "adaptive" => nn.AdaptiveAvgPool2d((height % 2 == 0 ? height / 2 : height, width % 3 == 0 ? width / 3 : 1)),
        "zero pad" => nn.ZeroPad2d((Pad(), Pad(), Pad(), Pad())),
        "dropout" => nn.Dropout(),
        "dropout2d" => nn.Dropout2d(),
        "identity" => nn.Identity(),
        "tanh" => nn.Tanh(),
        "sigmoid" => nn.Sigmoid(),
        "softmax" => nn.Softmax(_random.Next(1, 4)),
        "log softmax" => nn.LogSoftmax(_random.Next(1, 4)),
        "conv reflect" => nn.Conv2d(channels, Even(), 3, padding: 1, padding_mode: Coin() ? PaddingModes.Reflect : PaddingModes.Replicate),
        "leaky relu" => nn.LeakyReLU(0.01 + (0.3 * _random.NextDouble())),
        "relu6" => nn.ReLU6(),
        "elu" => nn.ELU(0.5 + _random.NextDouble()),
        "prelu" => nn.PReLU(Coin() ? 1 : channels),
        "silu" => nn.SiLU(),
        "gelu" => nn.GELU(),
        "hardswish" => nn.Hardswish(),
        "hardsigmoid" => nn.Hardsigmoid(),
        "group norm" => Settled(nn.GroupNorm(channels % 2 == 0 ? 2 : 1, channels)),
        "layer norm" => Settled(nn.LayerNorm(Coin() ? [width] : [channels, height, width])),
        "adaptive max" => nn.AdaptiveMaxPool2d([_random.Next(1, 5), _random.Next(1, 5)]),
        "uneven adaptive" => nn.AdaptiveAvgPool2d((_random.Next(1, 6), _random.Next(1, 6))),
        "constant pad" => nn.ConstantPad2d((Pad(), Pad(), Pad(), Pad()), _random.Next(-3, 4)),
        "conv1d" => Signal(nn.Conv1d(channels, channels, 3, padding: 1, groups: channels % 2 == 0 ? 2 : 1), height),
        "max pool1d" => Signal(nn.MaxPool1d(3, stride: 1, padding: 1), height),
        "average pool1d" => Signal(nn.AvgPool1d(3, stride: 1, padding: 1, count_include_pad: Coin()), height),
        "batch norm1d" => Signal(Settled(nn.BatchNorm1d(channels)), height),
        "conv3d" => Volume(nn.Conv3d(1, 2, (3, 3, 3), padding: (1, 1, 1))),
        "max pool3d" => Volume(nn.MaxPool3d((1, 2, 2), (1, Small(), Small()), ceil_mode: Coin())),
        "average pool3d" => Volume(nn.AvgPool3d(2, stride: 1, padding: 1, count_include_pad: Coin())),
        "batch norm3d" => Volume(Settled(nn.BatchNorm3d(1))),
        "residual" => new Branches(new Sum(), ("deep", nn.Sequential(("conv", nn.Conv2d(channels, channels, 3, padding: 1)), ("relu", nn.ReLU()))), ("shortcut", nn.Identity())),
        "concatenation" => new Branches(
            new Concatenation(Coin() ? 1 : 3), ("one", nn.Conv2d(channels, channels, 1)), ("pool", nn.MaxPool2d(3, stride: 1, padding: 1)), ("three", nn.Conv2d(channels, channels, 3, padding: 1))),
        "gate" => new Branches(new Product(), ("features", nn.Identity()), ("gate", nn.Sequential(("pool", nn.AdaptiveAvgPool2d(1)), ("squeeze", nn.Conv2d(channels, channels, 1)), ("scale", nn.Sigmoid())))),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown kind."),
    };

    // A picture's rows, one behind the other, are a signal.
    private static Sequential Signal(nn.Module<Tensor, Tensor> layer, long height)
        => nn.Sequential(("flat", nn.Flatten(2)), ("layer", layer), ("rows", nn.Unflatten(2, [height, -1])));

    // Its channels, one upon the other, a volume.
    private static Sequential Volume(nn.Module<Tensor, Tensor> layer)
        => nn.Sequential(("stack", nn.Unflatten(1, [1, -1])), ("layer", layer), ("flat", nn.Flatten(1, 2)));

    private TModule Settled<TModule>(TModule module)
        where TModule : nn.Module
    {
        foreach ((_, Tensor buffer) in module.named_buffers().Where(b => b.buffer.dtype == ScalarType.Float32))
        {
            Fill(buffer, 0.5f, 30);
        }

        foreach (Parameter parameter in module.parameters())
        {
            Fill(parameter, -2, 2);
        }

        return module;
    }

    private void Fill(Tensor tensor, float from, float to)
    {
        foreach (ref float value in MemoryMarshal.Cast<byte, float>(tensor.bytes))
        {
            value = from + (_random.NextSingle() * (to - from));
        }
    }

    private bool Coin() => _random.Next(2) == 0;

    private int Even() => 2 * _random.Next(1, 6);

    private int Kernel() => _random.Next(1, 6);

    private int Small() => _random.Next(1, 3);

    private int Pad() => _random.Next(0, 3);

    // Larger ones meet the limits of ONNX Runtime's own LRN, whose running sum loses small squares beside large ones.
    private double Alpha() => Math.Pow(10, -_random.Next(3, 6));

    private double Beta() => Coin() ? 0.75 : 0.5;

    private double K() => Coin() ? 1 : 2;
}
