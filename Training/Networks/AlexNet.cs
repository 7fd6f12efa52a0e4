using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>
/// The network of Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012:
/// five convolutions and three fully connected layers, 60,965,224 parameters at full width.
/// </summary>
/// <remarks>
/// Input <c>[N, 3, side, side]</c>, output <c>[N, classes]</c>: logits, no softmax. A plain <see cref="TorchSharp.Modules.Sequential"/> whose children are
/// named conv1, relu1, lrn1, pool1, conv2, … fc8; variants may lack some and have pad1, cnorm2 or tanh1 … tanh7. Dispose it to free its weights.
/// </remarks>
public sealed class AlexNet : Sequential, IImageNetwork
{
    /// <summary>A network of the paper's width with the paper's initial weights.</summary>
    /// <param name="classes">Number of outputs.</param>
    /// <param name="side">Side of the square input picture in pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public AlexNet(int classes, int side = 224)
        : this(new AlexNetOptions { Classes = classes, Side = side })
    {
    }

    /// <summary>A network of the given size and variant.</summary>
    /// <param name="options">Size and variant.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public AlexNet(AlexNetOptions options)
        : base([.. Layers(Checked(options), parts: 1)])
    {
        Options = options;
        InitialWeights.Fill(this, options);
    }

    /// <summary>The size and variant it was made with.</summary>
    public AlexNetOptions Options { get; }

    NetworkOptions IImageNetwork.Options => Options;

    /// <summary>Logits from pictures.</summary>
    /// <remarks>
    /// In training mode on the CPU, ReLU, local response normalization and pooling between two convolutions are one pass over the data with the same
    /// result; hooks of those layers are called in evaluation mode only.
    /// </remarks>
    /// <param name="tensor">Pictures <c>[N, 3, side, side]</c>.</param>
    /// <returns>Logits <c>[N, classes]</c>.</returns>
    public override Tensor forward(Tensor tensor) =>
        training ? FusedStages.Forward([.. Enumerable.Range(0, Count).Select(index => this[index])], tensor) : base.forward(tensor);

    /// <summary>Section 3.5, figure 2. Sizes beside the layers are those of one 224×224 picture at full width.</summary>
    /// <param name="options">Checked options.</param>
    /// <param name="parts">1 for the whole network; 2 for one of its two towers: half the kernels of every layer, without fc8.</param>
    internal static IEnumerable<(string, Module<Tensor, Tensor>)> Layers(AlexNetOptions options, int parts)
    {
        // The one-GPU network of section 3.2 has half the kernels up to conv4.
        int part = options.HalfSize ? 2 : 1;
        long c1 = options.Channels(96 / part), c2 = options.Channels(256 / part), c3 = options.Channels(384 / part), c4 = options.Channels(384 / part);
        long c5 = options.Channels(256), f6 = options.Channels(4096), f7 = options.Channels(4096);
        long towers = options.Towers / parts;                                           // one for each of the paper's two GPUs
        bool paperStem = options.ResolvedStem == AlexNetStem.Paper, ceiling = paperStem && options.Window == AlexNetWindow.Ceiling;
        bool late = options.Order == AlexNetOrder.Original2012;                         // conv1's and conv5's activation behind the pooling
        long maps = c1;                                                                 // of the layer before

        if (ceiling)
            yield return ("pad1", ZeroPad2d((0, options.Overhang(), 0, options.Overhang())));
        yield return ("conv1", paperStem
            ? Conv2d(3, c1 / parts, kernel_size: 11, stride: 4, padding: ceiling ? 0 : 2)    // 96 × 55 × 55
            : Conv2d(3, c1 / parts, kernel_size: 5, stride: 1, padding: 2));
        if (!late)
            yield return Activation(1);
        if (options.ResponseNorm)
            yield return ("lrn1", ResponseNorm());
        yield return ("pool1", Pooling());                                              // 96 × 27 × 27
        if (late)
            yield return Activation(1);

        if (Keeps("conv2"))
        {
            yield return ("conv2", Conv2d(maps / parts, c2 / parts, kernel_size: 5, padding: 2, groups: towers));    // 256 × 27 × 27
            yield return Activation(2);
            if (options.ResponseNorm)
                yield return ("lrn2", ResponseNorm());
            if (options.ContrastNorm)
                yield return ("cnorm2", SpatialResponseNorm.Original2012());
            maps = c2;
        }
        yield return ("pool2", Pooling());                                              // 256 × 13 × 13

        if (Keeps("conv3"))
        {
            yield return ("conv3", Conv2d(maps, c3 / parts, kernel_size: 3, padding: 1));    // 384 × 13 × 13, sees both halves
            yield return Activation(3);
            maps = c3;
        }
        if (Keeps("conv4"))
        {
            yield return ("conv4", Conv2d(maps / parts, c4 / parts, kernel_size: 3, padding: 1, groups: towers));    // 384 × 13 × 13
            yield return Activation(4);
            maps = c4;
        }
        if (Keeps("conv5"))
        {
            yield return ("conv5", Conv2d(maps / parts, c5 / parts, kernel_size: 3, padding: 1, groups: towers));    // 256 × 13 × 13
            if (!late)
                yield return Activation(5);
            maps = c5;
        }
        yield return ("pool5", Pooling());                                              // 256 × 6 × 6
        if (late && Keeps("conv5"))
            yield return Activation(5);

        yield return ("flatten", Flatten());                                            // 9216
        long features = maps * options.FinalSide() * options.FinalSide();
        if (Keeps("fc6"))
        {
            yield return ("fc6", Linear(features, f6 / parts));
            yield return Activation(6);
            yield return ("drop6", Dropout(options.Dropout));
            features = f6;
        }
        if (Keeps("fc7"))
        {
            yield return ("fc7", Linear(features, f7 / parts));
            yield return Activation(7);
            yield return ("drop7", Dropout(options.Dropout));
            features = f7;
        }
        if (parts == 1)
            yield return ("fc8", Linear(features, options.Classes));                    // softmax is the loss's and the exporter's

        bool Keeps(string layer) => options.RemovedLayer != layer;

        (string, Module<Tensor, Tensor>) Activation(int layer) =>
            options.Activation == AlexNetActivation.ReLU ? ($"relu{layer}", ReLU()) : ($"tanh{layer}", Tanh());

        Module<Tensor, Tensor> ResponseNorm() => options.NewResponseNorm(options.ResponseNormScope == ResponseNormScope.EachTower ? towers : 1);

        Module<Tensor, Tensor> Pooling() => MaxPool2d(kernel_size: options.OverlappingPooling ? 3 : 2, stride: 2);
    }

    internal static AlexNetOptions Checked(AlexNetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return options;
    }
}
