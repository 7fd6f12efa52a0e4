using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// The networks of He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2015 (CVPR 2016): blocks learn what is to be added to their input.
/// 25,557,032 parameters with 50 layers.
/// </summary>
/// <remarks>
/// Input <c>[N, 3, side, side]</c>, output <c>[N, classes]</c>: logits. Parameters bear torchvision's names: conv1, bn1, layer1.0.conv1, …, fc.
/// </remarks>
public sealed class ResNet : GraphNetwork, IImageNetwork
{
    private const string Classifier = "fc";

    /// <summary>A network of the given size and variant.</summary>
    /// <param name="options">Size and variant.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public ResNet(ResNetOptions options)
        : this(options, device: null)
    {
    }

    // Section 3.4: the initial weights of "Delving Deep into Rectifiers", He et al. 2015.
    internal ResNet(ResNetOptions options, Device? device)
        : base(nameof(ResNet), [LayerList.Input], Layers(NetworkDefinition.Checked(options), device), Classifier)
    {
        Options = options;
        if (device is null)
            InitialWeights.Fill(this, options.Seed, (path, fanIn, _) => path == Classifier ? 0.01 : Math.Sqrt(2 / fanIn));
    }

    /// <summary>The size and variant it was made with.</summary>
    public ResNetOptions Options { get; }

    NetworkOptions IImageNetwork.Options => Options;

    // Table 1: blocks in each stage, and the maps of a stage's 3×3 convolutions. Sizes are those of one 224×224 picture.
    private static IReadOnlyList<GraphNode> Layers(ResNetOptions options, Device? device)
    {
        var layers = new LayerList(options.Side, device);
        int n = (options.Depth - 2) / 6;
        int[] stages = options.Depth switch { 18 => [2, 2, 2, 2], 34 or 50 => [3, 4, 6, 3], 101 => [3, 4, 23, 3], 152 => [3, 8, 36, 3], _ => [n, n, n] };
        long maps = options.Channels(options.IsSmallKind ? 16 : 64);
        bool bottleneck = options.Depth is 50 or 101 or 152;

        string x = options.SmallStem
            ? layers.Conv("conv1", LayerList.Input, maps, kernel: 3, padding: 1)
            : layers.Conv("conv1", LayerList.Input, maps, kernel: 7, stride: 2, padding: 3);         // 64 × 112 × 112
        x = layers.BatchNorm("bn1", x);
        x = layers.ReLU("relu1", x);
        if (!options.SmallStem)
            x = layers.MaxPool("pool1", x, kernel: 3, stride: 2, padding: 1);                        // 64 × 56 × 56
        for (int stage = 0; stage < stages.Length; stage++)
        {
            for (int block = 0; block < stages[stage]; block++)
            {
                string path = $"layer{stage + 1}.{block}";
                long stride = stage > 0 && block == 0 ? 2 : 1;                                       // 56, 28, 14, 7
                x = bottleneck ? Bottleneck(layers, path, x, maps << stage, stride, options) : Basic(layers, path, x, maps << stage, stride, options);
            }
        }
        x = layers.AdaptiveAveragePool("avgpool", x, 1);
        x = layers.Flatten("flatten", x);                                                            // 512, or 2048
        layers.Linear(Classifier, x, options.Classes);
        return layers.Nodes;
    }

    // Figure 5, left.
    private static string Basic(LayerList layers, string path, string x, long maps, long stride, ResNetOptions options)
    {
        string y = layers.Conv($"{path}.conv1", x, maps, kernel: 3, stride, padding: 1);
        y = layers.BatchNorm($"{path}.bn1", y);
        y = layers.ReLU($"{path}.relu1", y);
        y = layers.Conv($"{path}.conv2", y, maps, kernel: 3, padding: 1);
        y = layers.BatchNorm($"{path}.bn2", y);
        return Joined(layers, path, x, y, stride, options);
    }

    // Figure 5, right.
    private static string Bottleneck(LayerList layers, string path, string x, long maps, long stride, ResNetOptions options)
    {
        bool first = options.Stride == BottleneckStride.OneByOne;
        string y = layers.Conv($"{path}.conv1", x, maps, kernel: 1, first ? stride : 1);
        y = layers.BatchNorm($"{path}.bn1", y);
        y = layers.ReLU($"{path}.relu1", y);
        y = layers.Conv($"{path}.conv2", y, maps, kernel: 3, first ? 1 : stride, padding: 1);
        y = layers.BatchNorm($"{path}.bn2", y);
        y = layers.ReLU($"{path}.relu2", y);
        y = layers.Conv($"{path}.conv3", y, 4 * maps, kernel: 1);
        y = layers.BatchNorm($"{path}.bn3", y);
        return Joined(layers, path, x, y, stride, options);
    }

    // Equation 1, y = F(x) + x, where the shapes are equal; equation 2, y = F(x) + W x, where they are not (option B of section 4.1).
    private static string Joined(LayerList layers, string path, string x, string y, long stride, ResNetOptions options)
    {
        if (options.Shortcuts)
        {
            if (stride != 1 || layers.Channels(x) != layers.Channels(y))
            {
                x = layers.Conv($"{path}.downsample.0", x, layers.Channels(y), kernel: 1, stride);
                x = layers.BatchNorm($"{path}.downsample.1", x);
            }
            y = layers.Sum($"{path}.sum", y, x);
        }
        return layers.ReLU($"{path}.relu", y);
    }
}
