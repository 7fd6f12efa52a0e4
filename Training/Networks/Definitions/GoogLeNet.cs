using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>
/// The network of Szegedy et al., "Going Deeper with Convolutions", 2014 (CVPR 2015): nine inception modules. 6,998,552 parameters, 13,378,280 with the two further
/// classifiers that train along; batch-normalized 6,624,904 and 13,004,888.
/// </summary>
/// <remarks>
/// Input <c>[N, 3, side, side]</c>, output <c>[N, classes]</c>: logits of the last classifier. Parameters bear torchvision's names: conv1.conv, inception3a.branch1.conv, …,
/// aux1.fc2, fc.
/// </remarks>
public sealed class GoogLeNet : GraphNetwork, IImageNetwork, IAuxiliaryClassifiers
{
    private const string Classifier = "fc";

    // What the further classifiers read: section 5, "on top of the output of the Inception (4a) and (4d) modules".
    private static readonly string[] Tapped = ["inception4a.concat", "inception4d.concat"];

    private readonly Sequential[] _auxiliaries;

    /// <summary>A network of the given size and variant.</summary>
    /// <param name="options">Size and variant.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public GoogLeNet(GoogLeNetOptions options)
        : this(options, device: null)
    {
    }

    internal GoogLeNet(GoogLeNetOptions options, Device? device)
        : this(options, device, Layers(NetworkDefinition.Checked(options), device))
    {
    }

    private GoogLeNet(GoogLeNetOptions options, Device? device, LayerList layers)
        : base(nameof(GoogLeNet), [LayerList.Input], layers.Nodes, Classifier)
    {
        Options = options;
        _auxiliaries = options.AuxiliaryHeads ? [.. Tapped.Select(tap => Auxiliary(layers.Channels(tap), layers.Side(tap), options, device))] : [];
        for (int i = 0; i < _auxiliaries.Length; i++)
            register_module($"aux{i + 1}", _auxiliaries[i]);
        if (device is null)
        {
            bool he = options.BatchNorm || options.Initialization == GoogLeNetInitialization.He;
            InitialWeights.Fill(this, options.Seed, (path, fanIn, _) => IsClassifier(path) ? 0.01 : Math.Sqrt((he ? 2 : 1) / fanIn), path => he || IsClassifier(path) ? 0 : 0.2f);
        }

        static bool IsClassifier(string path) => path is Classifier or "aux1.fc2" or "aux2.fc2";
    }

    /// <summary>The size and variant it was made with.</summary>
    public GoogLeNetOptions Options { get; }

    NetworkOptions IImageNetwork.Options => Options;

    /// <inheritdoc/>
    public double AuxiliaryWeight => Options.AuxiliaryWeight;

    /// <inheritdoc/>
    public IReadOnlyList<AuxiliaryClassifier> Auxiliaries => [.. _auxiliaries.Select((_, i) => new AuxiliaryClassifier($"aux{i + 1}", Tapped[i], $"aux{i + 1}.fc2"))];

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> ForwardWithAuxiliaries(Tensor input)
    {
        using var scope = NewDisposeScope();
        IReadOnlyList<Tensor> values = Run([input], [Classifier, .. Tapped.Take(_auxiliaries.Length)]);
        Tensor[] logits = [values[0], .. _auxiliaries.Zip(values.Skip(1), (head, value) => head.call(value))];
        return [.. logits.Select(value => value.MoveToOuterDisposeScope())];
    }

    // Table 1: 1×1; 3×3 reduce, 3×3; 5×5 reduce, 5×5; pool proj. Sizes are those of one 224×224 picture.
    private static LayerList Layers(GoogLeNetOptions options, Device? device)
    {
        var layers = new LayerList(options.Side, device);
        bool pools = !options.SmallStem;
        string x = pools
            ? Conv(layers, "conv1", LayerList.Input, 64, kernel: 7, options, stride: 2)                 // 64 × 112 × 112
            : Conv(layers, "conv1", LayerList.Input, 64, kernel: 3, options);
        if (pools)
            x = layers.MaxPool("maxpool1", x, kernel: 3, stride: 2, ceiling: true);                     // 64 × 56 × 56
        x = Norm("norm1", x);
        x = Conv(layers, "conv2", x, 64, kernel: 1, options);
        x = Conv(layers, "conv3", x, 192, kernel: 3, options);
        x = Norm("norm2", x);
        x = layers.MaxPool("maxpool2", x, kernel: 3, stride: 2, ceiling: true);                         // 192 × 28 × 28
        x = Inception(layers, "inception3a", x, 64, (96, 128), (16, 32), 32, options);                  // 256
        x = Inception(layers, "inception3b", x, 128, (128, 192), (32, 96), 64, options);                // 480
        x = layers.MaxPool("maxpool3", x, kernel: 3, stride: 2, ceiling: true);                         // 480 × 14 × 14
        x = Inception(layers, "inception4a", x, 192, (96, 208), (16, 48), 64, options);                 // 512
        x = Inception(layers, "inception4b", x, 160, (112, 224), (24, 64), 64, options);                // 512
        x = Inception(layers, "inception4c", x, 128, (128, 256), (24, 64), 64, options);                // 512
        x = Inception(layers, "inception4d", x, 112, (144, 288), (32, 64), 64, options);                // 528
        x = Inception(layers, "inception4e", x, 256, (160, 320), (32, 128), 128, options);              // 832
        x = layers.MaxPool("maxpool4", x, kernel: options.BatchNorm ? 2 : 3, stride: 2, ceiling: true); // 832 × 7 × 7
        x = Inception(layers, "inception5a", x, 256, (160, 320), (32, 128), 128, options);              // 832
        x = Inception(layers, "inception5b", x, 384, (192, 384), (48, 128), 128, options);              // 1024
        x = layers.AdaptiveAveragePool("avgpool", x, 1);
        x = layers.Flatten("flatten", x);
        x = layers.Dropout("dropout", x, options.Dropout);
        layers.Linear(Classifier, x, options.Classes);
        return layers;

        // Figure 3 has it twice without figures: AlexNet's window, α = 1e-4 over n, k = 1, as Caffe's.
        string Norm(string path, string input) =>
            options.BatchNorm ? input : layers.Module(path, input, new FusedLocalResponseNorm(size: 5, alpha: 1e-4, beta: 0.75, k: 1));
    }

    // Figure 2b: 1×1 convolutions make few maps of many before the dear 3×3 and 5×5 read them.
    private static string Inception(
        LayerList layers, string path, string x, long ones, (long Reduce, long Maps) threes, (long Reduce, long Maps) fives, long pooled, GoogLeNetOptions options)
    {
        string one = Conv(layers, $"{path}.branch1", x, ones, kernel: 1, options);
        string three = Conv(layers, $"{path}.branch2.0", x, threes.Reduce, kernel: 1, options);
        three = Conv(layers, $"{path}.branch2.1", three, threes.Maps, kernel: 3, options);
        string five = Conv(layers, $"{path}.branch3.0", x, fives.Reduce, kernel: 1, options);
        five = Conv(layers, $"{path}.branch3.1", five, fives.Maps, kernel: options.BatchNorm ? 3 : 5, options);
        string pool = layers.MaxPool($"{path}.branch4.0", x, kernel: 3, stride: 1, padding: 1);
        pool = Conv(layers, $"{path}.branch4.1", pool, pooled, kernel: 1, options);
        return layers.Concatenate($"{path}.concat", one, three, five, pool);
    }

    // "All the convolutions, including those inside the Inception modules, use rectified linear activation."
    private static string Conv(LayerList layers, string path, string x, long channels, long kernel, GoogLeNetOptions options, long stride = 1)
    {
        string y = layers.Conv($"{path}.conv", x, options.Channels(channels), kernel, stride, padding: kernel / 2, bias: !options.BatchNorm);
        if (options.BatchNorm)
            y = layers.BatchNorm($"{path}.bn", y, eps: 1e-3);
        return layers.ReLU($"{path}.relu", y);
    }

    // Section 5: 5×5 average pooling at stride 3 (4×4 maps of 14×14; of others as many), 128 of 1×1, 1024 features, dropout.
    private static Sequential Auxiliary(long channels, long side, GoogLeNetOptions options, Device? device)
    {
        long maps = options.Channels(128), features = options.Channels(1024);
        (string, Module<Tensor, Tensor>)[] conv =
        [
            ("conv", Conv2d(channels, maps, kernel_size: 1, bias: !options.BatchNorm, device: device)),
            .. options.BatchNorm ? new (string, Module<Tensor, Tensor>)[] { ("bn", BatchNorm2d(maps, eps: 1e-3, device: device)) } : [],
            ("relu", ReLU(inplace: true)),
        ];
        return Sequential(
            ("pool", side == 14 && !options.BatchNorm ? AvgPool2d(5, stride: 3) : AdaptiveAvgPool2d(4)),
            ("conv", Sequential(conv)),
            ("flatten", Flatten()),
            ("fc1", Linear(16 * maps, features, device: device)),
            ("relu", ReLU(inplace: true)),
            ("dropout", Dropout(options.AuxiliaryDropout)),
            ("fc2", Linear(features, options.Classes, device: device)));
    }
}
