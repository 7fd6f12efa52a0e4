using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// The networks of Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2014 (ICLR 2015): 3×3 convolutions only.
/// 138,357,544 parameters with 16 layers.
/// </summary>
/// <remarks>Input <c>[N, 3, side, side]</c>, output <c>[N, classes]</c>: logits. Layers are named conv1_1, relu1_1, …, pool5, fc6, fc7, fc8.</remarks>
public sealed class Vgg : GraphNetwork, IImageNetwork, IForeignNames
{
    private readonly Dictionary<string, string> _torchvision;

    /// <summary>A network of the given size and variant.</summary>
    /// <param name="options">Size and variant.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public Vgg(VggOptions options)
        : this(options, device: null)
    {
    }

    internal Vgg(VggOptions options, Device? device)
        : base(nameof(Vgg), [LayerList.Input], Layers(NetworkDefinition.Checked(options), device), "fc8")
    {
        Options = options;
        _torchvision = TorchvisionNames(options);
        if (device is null)
            InitialWeights.Fill(this, options.Seed, (path, fanIn, fanOut) => options.Initialization == VggInitialization.Paper ? Math.Sqrt(2 / (fanIn + fanOut)) : path == "fc8" ? 0.01 : Math.Sqrt(2 / fanIn));
    }

    /// <summary>The size and variant it was made with.</summary>
    public VggOptions Options { get; }

    NetworkOptions IImageNetwork.Options => Options;

    /// <summary>Our name of a torchvision parameter: features.0.weight is conv1_1.weight, classifier.0.weight is fc6.weight.</summary>
    /// <param name="foreign">torchvision's name.</param>
    public string OwnName(string foreign)
    {
        ArgumentNullException.ThrowIfNull(foreign);
        int dot = foreign.LastIndexOf('.');
        return dot > 0 && _torchvision.TryGetValue(foreign[..dot], out string? own) ? own + foreign[dot..] : foreign;
    }

    // Table 1: how many convolutions each of the five blocks has. Sizes are those of one 224×224 picture.
    private static int[] Blocks(int depth) => depth switch
    {
        11 => [1, 1, 2, 2, 2],                                                          // A
        13 => [2, 2, 2, 2, 2],                                                          // B
        16 => [2, 2, 3, 3, 3],                                                          // D
        _ => [2, 2, 4, 4, 4],                                                           // E
    };

    private static IReadOnlyList<GraphNode> Layers(VggOptions options, Device? device)
    {
        var layers = new LayerList(options.Side, device);
        long[] channels = [64, 128, 256, 512, 512];
        int[] blocks = Blocks(options.Depth);
        string x = LayerList.Input;
        for (int block = 1; block <= 5; block++)
        {
            for (int i = 1; i <= blocks[block - 1]; i++)
            {
                x = layers.Conv($"conv{block}_{i}", x, options.Channels(channels[block - 1]), kernel: 3, padding: 1, bias: true);
                if (options.BatchNorm)
                    x = layers.BatchNorm($"bn{block}_{i}", x);
                x = layers.ReLU($"relu{block}_{i}", x);
            }
            if (block > 1 || !options.SmallStem)
                x = layers.MaxPool($"pool{block}", x, kernel: 2, stride: 2);            // 112, 56, 28, 14, 7
        }

        if (layers.Side(x) > 7)
            x = layers.AdaptiveAveragePool("pool6", x, 7);                              // of larger pictures; torchvision has it throughout
        x = layers.Flatten("flatten", x);                                               // 25088
        for (int fc = 6; fc <= 7; fc++)
        {
            x = layers.Linear($"fc{fc}", x, options.Channels(4096));
            x = layers.ReLU($"relu{fc}", x);
            x = layers.Dropout($"drop{fc}", x, options.Dropout);
        }
        layers.Linear("fc8", x, options.Classes);                                       // softmax is the loss's and the exporter's
        return layers.Nodes;
    }

    // torchvision numbers the members of two sequences, ReLU, pooling and dropout included.
    private static Dictionary<string, string> TorchvisionNames(VggOptions options)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal) { ["classifier.0"] = "fc6", ["classifier.3"] = "fc7", ["classifier.6"] = "fc8" };
        int index = 0;
        for (int block = 1; block <= 5; block++)
        {
            for (int i = 1; i <= Blocks(options.Depth)[block - 1]; i++)
            {
                names.Add($"features.{index++}", $"conv{block}_{i}");
                if (options.BatchNorm)
                    names.Add($"features.{index++}", $"bn{block}_{i}");
                index++;
            }
            index++;
        }
        return names;
    }
}
