using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>What <see cref="NetworkCatalog.Default"/> holds.</summary>
internal static class BuiltInNetworks
{
    private const string AlexNetPaper = "Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep Convolutional Neural Networks, NIPS 2012";
    private const string VggPaper = "Simonyan, Zisserman: Very Deep Convolutional Networks for Large-Scale Image Recognition, ICLR 2015, arXiv:1409.1556";
    private const string GoogLeNetPaper = "Szegedy et al.: Going Deeper with Convolutions, CVPR 2015, arXiv:1409.4842";
    private const string ResNetPaper = "He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, CVPR 2016, arXiv:1512.03385";
    private const string DenseNetPaper = "Huang, Liu, van der Maaten, Weinberger: Densely Connected Convolutional Networks, CVPR 2017, arXiv:1608.06993";

    public static IReadOnlyList<NetworkDefinition> All { get; } =
    [
        new NetworkDefinition("alexnet", new AlexNetOptions(), options => new AlexNet((AlexNetOptions)options))
        {
            Title = "AlexNet", Year = 2012, Paper = AlexNetPaper, Classifier = "fc8", Recipes = Recipes.All,
        },
        .. VggOptions.Depths.SelectMany(depth => new[] { Vgg(depth, batchNorm: false), Vgg(depth, batchNorm: true) }),
        GoogLeNet(batchNorm: false),
        GoogLeNet(batchNorm: true),
        .. ResNetOptions.Depths.Select(depth => ResNet($"resnet{depth}", $"ResNet-{depth}", new ResNetOptions { Depth = depth })),
        ResNet("plain34", "Plain-34", new ResNetOptions { Depth = 34, Shortcuts = false }),
        .. ResNetOptions.SmallDepths.Select(depth => ResNet($"resnet{depth}", $"ResNet-{depth}", new ResNetOptions { Depth = depth, Side = 32, Classes = 10 })),
        .. ResNetOptions.SmallDepths.Select(depth => ResNet($"plain{depth}", $"Plain-{depth}", new ResNetOptions { Depth = depth, Side = 32, Classes = 10, Shortcuts = false })),
        .. DenseNetOptions.Depths.Select(DenseNet),
    ];

    private static NetworkDefinition Vgg(int depth, bool batchNorm)
    {
        var options = new VggOptions { Depth = depth, BatchNorm = batchNorm };
        return new($"vgg{depth}{(batchNorm ? "_bn" : "")}", options, given => new Vgg((VggOptions)given))
        {
            Title = $"VGG-{depth}{(batchNorm ? " with batch normalization" : "")}", Year = 2014, Paper = VggPaper, Classifier = "fc8",
            Recipes = [PaperRecipes.Vgg(options), PaperRecipes.Today(options with { Initialization = VggInitialization.He, Dropout = 0.25 })],
            Outline = given => new Vgg((VggOptions)given, META),
        };
    }

    private static NetworkDefinition GoogLeNet(bool batchNorm)
    {
        // torchvision's has half the paper's dropout.
        var options = new GoogLeNetOptions { BatchNorm = batchNorm, Dropout = batchNorm ? 0.2 : 0.4 };
        return new(batchNorm ? "googlenet_bn" : "googlenet", options, given => new GoogLeNet((GoogLeNetOptions)given))
        {
            Title = $"GoogLeNet{(batchNorm ? " with batch normalization" : "")}", Year = 2014, Paper = GoogLeNetPaper, Classifier = "fc",
            Recipes = [PaperRecipes.GoogLeNet(options), PaperRecipes.Today(options with { Initialization = GoogLeNetInitialization.He })],
            Outline = given => new GoogLeNet((GoogLeNetOptions)given, META),
        };
    }

    private static NetworkDefinition ResNet(string name, string title, ResNetOptions options) => new(name, options, given => new ResNet((ResNetOptions)given))
    {
        Title = title, Year = 2015, Paper = ResNetPaper, Classifier = "fc",
        Recipes = [PaperRecipes.ResNet(options), PaperRecipes.Today(options)],
        Outline = given => new ResNet((ResNetOptions)given, META),
    };

    private static NetworkDefinition DenseNet(int depth)
    {
        var options = new DenseNetOptions { Depth = depth };
        return new($"densenet{depth}", options, given => new DenseNet((DenseNetOptions)given))
        {
            Title = $"DenseNet-{depth}", Year = 2016, Paper = DenseNetPaper, Classifier = "classifier",
            Recipes = [PaperRecipes.DenseNet(options), PaperRecipes.Today(options)],
            Outline = given => new DenseNet((DenseNetOptions)given, META),
        };
    }
}
