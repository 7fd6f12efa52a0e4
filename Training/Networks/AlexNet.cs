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
/// named conv1, relu1, lrn1, pool1, conv2, … fc8. Dispose it to free its weights.
/// </remarks>
public sealed class AlexNet : Sequential
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
        : base(Layers(options))
    {
        Options = options;
        InitialWeights.Fill(this, options);
    }

    /// <summary>The size and variant it was made with.</summary>
    public AlexNetOptions Options { get; }

    /// <summary>Logits from pictures.</summary>
    /// <remarks>
    /// In training mode on the CPU, ReLU, local response normalization and pooling between two convolutions are one pass over the data with the same
    /// result; hooks of those layers are called in evaluation mode only.
    /// </remarks>
    /// <param name="tensor">Pictures <c>[N, 3, side, side]</c>.</param>
    /// <returns>Logits <c>[N, classes]</c>.</returns>
    public override Tensor forward(Tensor tensor) =>
        training ? FusedStages.Forward([.. Enumerable.Range(0, Count).Select(index => this[index])], tensor) : base.forward(tensor);

    // Section 3.5, figure 2. Sizes beside the layers are those of one 224×224 picture at full width.
    private static (string, Module<Tensor, Tensor>)[] Layers(AlexNetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        long c1 = options.Channels(96), c2 = options.Channels(256), c3 = options.Channels(384), c4 = options.Channels(384), c5 = options.Channels(256);
        long f6 = options.Channels(4096), f7 = options.Channels(4096);
        long groups = options.Grouped ? 2 : 1;                                          // one for each of the paper's two GPUs
        long flat = c5 * options.FinalSide() * options.FinalSide();
        return
        [
            ("conv1", options.ResolvedStem == AlexNetStem.Paper
                ? Conv2d(3, c1, kernel_size: 11, stride: 4, padding: 2)                 // 96 × 55 × 55
                : Conv2d(3, c1, kernel_size: 5, stride: 1, padding: 2)),
            ("relu1", ReLU()),
            ("lrn1", FusedLocalResponseNorm.Paper()),
            ("pool1", MaxPool2d(kernel_size: 3, stride: 2)),                            // 96 × 27 × 27
            ("conv2", Conv2d(c1, c2, kernel_size: 5, padding: 2, groups: groups)),      // 256 × 27 × 27
            ("relu2", ReLU()),
            ("lrn2", FusedLocalResponseNorm.Paper()),
            ("pool2", MaxPool2d(kernel_size: 3, stride: 2)),                            // 256 × 13 × 13
            ("conv3", Conv2d(c2, c3, kernel_size: 3, padding: 1)),                      // 384 × 13 × 13, sees both halves
            ("relu3", ReLU()),
            ("conv4", Conv2d(c3, c4, kernel_size: 3, padding: 1, groups: groups)),      // 384 × 13 × 13
            ("relu4", ReLU()),
            ("conv5", Conv2d(c4, c5, kernel_size: 3, padding: 1, groups: groups)),      // 256 × 13 × 13
            ("relu5", ReLU()),
            ("pool5", MaxPool2d(kernel_size: 3, stride: 2)),                            // 256 × 6 × 6
            ("flatten", Flatten()),                                                     // 9216
            ("fc6", Linear(flat, f6)),
            ("relu6", ReLU()),
            ("drop6", Dropout(options.Dropout)),
            ("fc7", Linear(f6, f7)),
            ("relu7", ReLU()),
            ("drop7", Dropout(options.Dropout)),
            ("fc8", Linear(f7, options.Classes)),                                       // softmax is the loss's and the exporter's
        ];
    }
}
