using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>Where the weights of a new <see cref="FourLayerNet"/> come from. Biases are 0.</summary>
public enum FourLayerInitialization
{
    /// <summary>N(0, 2 / fan-in) with ReLU, N(0, 1 / fan-in) with tanh; the last layer N(0, 0.01²). For inputs of about unit size.</summary>
    FanIn,

    /// <summary>The released code's: N(0, 0.0001²) in conv1, N(0, 0.01²) elsewhere. For inputs of 0 to 255 less a mean image.</summary>
    Original,
}

/// <summary>Size and variant of a <see cref="FourLayerNet"/>.</summary>
public sealed record FourLayerOptions
{
    /// <summary>Number of outputs, at least 1. Default 10.</summary>
    public int Classes { get; init; } = 10;

    /// <summary>Side of the square input in pixels, 8 to 512. Default 32, CIFAR-10's; Fashion-MNIST has 28.</summary>
    public int Side { get; init; } = 32;

    /// <summary>The nonlinearity. Default <see cref="AlexNetActivation.ReLU"/>.</summary>
    public AlexNetActivation Activation { get; init; } = AlexNetActivation.ReLU;

    /// <summary>Whether response normalization follows the first two poolings, as in the released code; figure 1's network has none of the kind. Default false.</summary>
    public bool ResponseNorm { get; init; }

    /// <summary>The initial weights. Default <see cref="FourLayerInitialization.FanIn"/>.</summary>
    public FourLayerInitialization Initialization { get; init; } = FourLayerInitialization.FanIn;

    /// <summary>Seed of the initial weights. Default 1.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public void Validate()
    {
        if (Classes < 1)
            throw new ArgumentOutOfRangeException(nameof(Classes), $"{Classes} classes: a network needs at least 1.");
        if (Side is < 8 or > 512)
            throw new ArgumentOutOfRangeException(nameof(Side), $"Side {Side} is outside 8 to 512: 32 is CIFAR-10's.");
        if (!Enum.IsDefined(Activation))
            throw new ArgumentOutOfRangeException(nameof(Activation), $"{Activation} is none of ReLU, Tanh.");
        if (!Enum.IsDefined(Initialization))
            throw new ArgumentOutOfRangeException(nameof(Initialization), $"{Initialization} is none of FanIn, Original.");
    }
}

/// <summary>
/// The four-layer network of figure 1 (section 3.1), with which the paper compares ReLU and tanh on CIFAR-10: three convolutions of 5×5 and one fully connected
/// layer, as the released code's layers-18pct.cfg defines them.
/// </summary>
/// <remarks>Input <c>[N, 3, side, side]</c>, output <c>[N, classes]</c>: logits.</remarks>
public sealed class FourLayerNet : Sequential
{
    private static readonly string[] Layers = ["conv1", "conv2", "conv3", "fc4"];

    /// <summary>A network of the given size and variant.</summary>
    /// <param name="options">Size and variant.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public FourLayerNet(FourLayerOptions options)
        : base([.. Members(options)])
    {
        Options = options;
        for (int layer = 0; layer < Layers.Length; layer++)
            Fill(Layers[layer], layer);
    }

    /// <summary>The size and variant it was made with.</summary>
    public FourLayerOptions Options { get; }

    // Sizes beside the layers are those of CIFAR-10. Windows that hang over the edge are cut off there, as in the released code.
    private static IEnumerable<(string, Module<Tensor, Tensor>)> Members(FourLayerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        yield return ("conv1", Conv2d(3, 32, kernel_size: 5, padding: 2));              // 32 × 32 × 32
        yield return ("pool1", MaxPool2d(kernel_size: 3, stride: 2, ceil_mode: true));  // 32 × 16 × 16
        yield return Activation(1);
        if (options.ResponseNorm)
            yield return ("rnorm1", Norm());
        yield return ("conv2", Conv2d(32, 32, kernel_size: 5, padding: 2));             // 32 × 16 × 16
        yield return Activation(2);
        yield return ("pool2", AvgPool2d(kernel_size: 3, stride: 2, ceil_mode: true));  // 32 × 8 × 8
        if (options.ResponseNorm)
            yield return ("rnorm2", Norm());
        yield return ("conv3", Conv2d(32, 64, kernel_size: 5, padding: 2));             // 64 × 8 × 8
        yield return Activation(3);
        yield return ("pool3", AvgPool2d(kernel_size: 3, stride: 2, ceil_mode: true));  // 64 × 4 × 4
        yield return ("flatten", Flatten());                                            // 1024
        long side = options.Side;
        for (int pooling = 0; pooling < 3; pooling++)
            side = (side - 2) / 2 + 1;                                                  // 1 + ⌈(side − 3) / 2⌉
        yield return ("fc4", Linear(64 * side * side, options.Classes));

        (string, Module<Tensor, Tensor>) Activation(int layer) =>
            options.Activation == AlexNetActivation.ReLU ? ($"relu{layer}", ReLU()) : ($"tanh{layer}", Tanh());

        static Module<Tensor, Tensor> Norm() => new SpatialResponseNorm(size: 3, alpha: 5e-5, beta: 0.75, k: 1);
    }

    private void Fill(string name, int layer)
    {
        Module module = named_children().Single(child => child.Item1 == name).Item2;
        Tensor weight = (module as Conv2d)?.weight ?? ((Linear)module).weight;
        Tensor bias = (module as Conv2d)?.bias ?? ((Linear)module).bias!;
        double fanIn = (double)weight.NumberOfElements / weight.shape[0];
        double deviation = Options.Initialization == FourLayerInitialization.Original ? (name == "conv1" ? 1e-4 : 0.01)
            : name == "fc4" ? 0.01
            : Math.Sqrt((Options.Activation == AlexNetActivation.ReLU ? 2 : 1) / fanIn);
        InitialWeights.Fill(weight, bias, deviation, 0, Options.Seed, layer);
    }
}
