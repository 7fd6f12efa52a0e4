using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// The networks of Huang, Liu, van der Maaten and Weinberger, "Densely Connected Convolutional Networks", 2016 (CVPR 2017): each layer reads what all layers before
/// it in its block made. DenseNet-BC, 7,978,856 parameters with 121 layers.
/// </summary>
/// <remarks>
/// Input <c>[N, 3, side, side]</c>, output <c>[N, classes]</c>: logits. Parameters bear torchvision's names: features.conv0, features.denseblock1.denselayer1.conv1, …,
/// classifier.
/// </remarks>
public sealed partial class DenseNet : GraphNetwork, IImageNetwork, IForeignNames
{
    private const string Classifier = "classifier";

    /// <summary>A network of the given size and variant.</summary>
    /// <param name="options">Size and variant.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public DenseNet(DenseNetOptions options)
        : this(options, device: null)
    {
    }

    // Section 4.2: the initial weights of He et al. 2015.
    internal DenseNet(DenseNetOptions options, Device? device)
        : base(nameof(DenseNet), [LayerList.Input], Layers(NetworkDefinition.Checked(options), device), Classifier)
    {
        Options = options;
        if (device is null)
            InitialWeights.Fill(this, options.Seed, (path, fanIn, _) => path == Classifier ? 0.01 : Math.Sqrt(2 / fanIn));
    }

    /// <summary>The size and variant it was made with.</summary>
    public DenseNetOptions Options { get; }

    NetworkOptions IImageNetwork.Options => Options;

    /// <summary>Our name of a torchvision parameter: its oldest files write norm.1 for norm1.</summary>
    /// <param name="foreign">torchvision's name.</param>
    public string OwnName(string foreign) => Numbered().Replace(foreign, "$1$2");

    // Table 1: layers in each block. Sizes are those of one 224×224 picture.
    private static IReadOnlyList<GraphNode> Layers(DenseNetOptions options, Device? device)
    {
        var layers = new LayerList(options.Side, device);
        int[] blocks = options.Depth switch { 121 => [6, 12, 24, 16], 169 => [6, 12, 32, 32], _ => [6, 12, 48, 32] };
        long growth = options.ScaledGrowth;

        string x = options.SmallStem
            ? layers.Conv("features.conv0", LayerList.Input, 2 * growth, kernel: 3, padding: 1)
            : layers.Conv("features.conv0", LayerList.Input, 2 * growth, kernel: 7, stride: 2, padding: 3);      // 64 × 112 × 112
        x = Activated(layers, "features.{0}0", x);
        if (!options.SmallStem)
            x = layers.MaxPool("features.pool0", x, kernel: 3, stride: 2, padding: 1);                           // 64 × 56 × 56
        for (int block = 1; block <= 4; block++)
        {
            x = DenseBlock(layers, $"features.denseblock{block}", x, blocks[block - 1], growth, options.Dropout);
            if (block < 4)
                x = Transition(layers, $"features.transition{block}", x);                                        // 28, 14, 7
        }
        x = Activated(layers, "features.{0}5", x);
        x = layers.AdaptiveAveragePool("avgpool", x, 1);
        x = layers.Flatten("flatten", x);                                                                        // 1024, 1664 or 1920
        layers.Linear(Classifier, x, options.Classes);
        return layers.Nodes;
    }

    // Equation 2: layer l reads [x0, x1, …, x(l - 1)]. Bottleneck layers ("B" in section 3): a 1×1 makes 4k maps of them, the 3×3 k.
    private static string DenseBlock(LayerList layers, string path, string x, int count, long growth, double dropout)
    {
        List<string> made = [x];
        for (int i = 1; i <= count; i++)
        {
            string layer = $"{path}.denselayer{i}";
            string y = made.Count == 1 ? x : layers.Concatenate($"{layer}.concat", made);
            y = Activated(layers, $"{layer}.{{0}}1", y);
            y = layers.Conv($"{layer}.conv1", y, 4 * growth, kernel: 1);
            y = Activated(layers, $"{layer}.{{0}}2", y);
            y = layers.Conv($"{layer}.conv2", y, growth, kernel: 3, padding: 1);
            made.Add(dropout > 0 ? layers.Dropout($"{layer}.drop", y, dropout) : y);
        }
        return layers.Concatenate($"{path}.concat", made);
    }

    // Half as many maps ("C" in section 3, θ = 0.5) of half the side.
    private static string Transition(LayerList layers, string path, string x)
    {
        string y = Activated(layers, $"{path}.{{0}}", x);
        y = layers.Conv($"{path}.conv", y, layers.Channels(x) / 2, kernel: 1);
        return layers.AveragePool($"{path}.pool", y, kernel: 2, stride: 2);
    }

    private static string Activated(LayerList layers, string path, string x) =>
        layers.ReLU(path.Replace("{0}", "relu", StringComparison.Ordinal), layers.BatchNorm(path.Replace("{0}", "norm", StringComparison.Ordinal), x));

    [GeneratedRegex(@"(denselayer\d+\.(?:norm|conv))\.([12])(?=\.)")]
    private static partial Regex Numbered();
}
