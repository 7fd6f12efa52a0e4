using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

/// <summary>The networks of the catalogue against torchvision's with the same weights: logits and gradients of the input, in use and in training.</summary>
/// <remarks>
/// Gradients are compared in float64: a value that float32 rounds across the kink of a ReLU, or past its neighbour in a pooling window, sends a gradient another way, and
/// two right networks that differ by 1e-7 then differ by 1e-3 there.
/// </remarks>
[TestClass]
[DoNotParallelize]
public sealed class TorchvisionTests
{
    private const double Allowed = 1e-4;
    private static TorchvisionReference? _reference;

    [ClassInitialize]
    public static void Start(TestContext context) => _reference = new TorchvisionReference();

    [ClassCleanup]
    public static void End() => _reference?.Dispose();

    [TestMethod]
    [DataRow("vgg11", 32, 2, true)]
    [DataRow("googlenet", 28, 2, true)]
    [DataRow("googlenet_bn", 28, 2, true)]
    [DataRow("resnet18", 64, 2, false)]
    [DataRow("resnet50", 64, 2, false)]
    [DataRow("resnet20", 28, 2, true)]
    [DataRow("plain20", 28, 2, true)]
    [DataRow("densenet121", 28, 2, true)]
    public void LogitsAndGradientsAreTorchvisions(string name, int side, int batch, bool small) => Compare(name, side, batch, small);

    [TestMethod]
    [TestCategory("Slow")]
    [DataRow("vgg16_bn", 32, 4, true)]
    [DataRow("googlenet", 64, 2, false)]
    [DataRow("googlenet_bn", 64, 4, false)]
    [DataRow("resnet34", 28, 4, true)]
    [DataRow("resnet50_paper", 64, 4, false)]
    [DataRow("resnet56", 28, 4, true)]
    [DataRow("plain34", 64, 4, false)]
    [DataRow("densenet121", 64, 4, false)]
    [DataRow("vgg11", 224, 1, false)]
    [DataRow("vgg11_bn", 224, 2, false)]
    [DataRow("vgg13", 224, 1, false)]
    [DataRow("vgg13_bn", 224, 2, false)]
    [DataRow("vgg16", 224, 1, false)]
    [DataRow("vgg16_bn", 224, 2, false)]
    [DataRow("vgg19", 224, 1, false)]
    [DataRow("vgg19_bn", 224, 2, false)]
    [DataRow("googlenet", 224, 2, false)]
    [DataRow("googlenet_bn", 224, 2, false)]
    [DataRow("resnet18", 224, 2, false)]
    [DataRow("resnet34", 224, 2, false)]
    [DataRow("resnet50", 224, 2, false)]
    [DataRow("resnet101", 224, 2, false)]
    [DataRow("resnet152", 224, 2, false)]
    [DataRow("densenet121", 224, 2, false)]
    [DataRow("densenet169", 224, 2, false)]
    [DataRow("densenet201", 224, 2, false)]
    public void LogitsAndGradientsAreTorchvisionsAtEverySize(string name, int side, int batch, bool small) => Compare(name, side, batch, small);

    private static void Compare(string name, int side, int batch, bool small)
    {
        bool paper = name == "resnet50_paper";
        NetworkDefinition definition = NetworkCatalog.Default.Get(paper ? "resnet50" : name);
        NetworkOptions options = definition.Options with { Side = side, Dropout = 0 };
        options = options switch
        {
            ResNetOptions resnet when paper => resnet with { Stride = BottleneckStride.OneByOne },
            GoogLeNetOptions googlenet => googlenet with { AuxiliaryDropout = 0, Stem = small ? NetworkStem.Small : NetworkStem.Paper },
            VggOptions vgg => vgg with { Stem = small ? NetworkStem.Small : NetworkStem.Paper },
            _ => options,
        };
        using nn.Module<Tensor, Tensor> network = definition.Create(options);
        foreach (bool training in new[] { false, true })
        {
            (double Logits, double Gradients) single = Differences(network, name, side, batch, training, float32, small), exact = Differences(network, name, side, batch, training, float64, small);
            string what = $"{name}, side {side}, {(training ? "training" : "in use")}";
            Console.WriteLine($"{what}: float32 logits {single.Logits:0.0e+0}, input gradients {single.Gradients:0.0e+0}; float64 {exact.Logits:0.0e+0}, {exact.Gradients:0.0e+0}");
            Assert.IsLessThanOrEqualTo(Allowed, single.Logits, $"{what}: logits in float32");
            Assert.IsLessThanOrEqualTo(Allowed, exact.Logits, $"{what}: logits in float64");
            Assert.IsLessThanOrEqualTo(Allowed, exact.Gradients, $"{what}: gradients of the input in float64");
        }
    }

    private static (double Logits, double Gradients) Differences(nn.Module<Tensor, Tensor> network, string name, int side, int batch, bool training, ScalarType precision, bool small)
    {
        (string[] names, double[] logits, double[] gradients) = _reference!.Ask(name, side, batch, training, precision == float64 ? "float64" : "float32", small);
        Convert(network, float32);
        Fill(network, names);
        Convert(network, precision);
        network.train(training);
        (float[] ourLogits, float[] ourGradients) = Run(network, batch, side, training, precision);
        return (Given.RelativeDifference(logits, ourLogits), Given.RelativeDifference(gradients, ourGradients));
    }

    private static void Convert(nn.Module network, ScalarType precision)
    {
        using Tensor example = empty(0L, dtype: precision);
        network._to(example, non_blocking: false);
    }

    // Every parameter of torchvision's has one of ours, and every one of ours gets one.
    private static void Fill(nn.Module network, string[] names)
    {
        Dictionary<string, Tensor> own = network.named_parameters().Select(pair => (pair.Item1, (Tensor)pair.Item2)).Concat(network.named_buffers().Select(pair => (pair.Item1, pair.Item2)))
            .Where(pair => !pair.Item1.EndsWith("num_batches_tracked", StringComparison.Ordinal)).ToDictionary(pair => pair.Item1, pair => pair.Item2);
        foreach (string foreign in names)
        {
            string name = (network as IForeignNames)?.OwnName(foreign) ?? foreign;
            Assert.IsTrue(own.Remove(name, out Tensor? tensor), $"torchvision has {foreign}, we have no {name}");
            tensor.bytes = MemoryMarshal.AsBytes(TorchvisionReference.Weights(foreign, tensor.shape).AsSpan());
        }
        Assert.IsEmpty(own, $"torchvision lacks {string.Join(", ", own.Keys)}");
    }

    private static (float[] Logits, float[] Gradients) Run(nn.Module<Tensor, Tensor> network, int batch, int side, bool training, ScalarType precision)
    {
        using var scope = NewDisposeScope();
        Tensor pictures = tensor(Array.ConvertAll(TorchvisionReference.Formula("pictures", batch * 3 * side * side), value => (float)(2 * value)), [batch, 3, side, side]).to(precision).requires_grad_();
        IReadOnlyList<Tensor> results = training && network is IAuxiliaryClassifiers heads ? heads.ForwardWithAuxiliaries(pictures) : [network.call(pictures)];
        Tensor direction = tensor(Array.ConvertAll(TorchvisionReference.Formula("direction", results[0].numel()), value => (float)value), results[0].shape).to(precision);
        Tensor loss = results.Select((logits, i) => (logits * direction).sum() * (i == 0 ? 1 : 0.3)).Aggregate((sum, next) => sum + next);
        loss.backward();
        return (Given.Floats(results[0].to(float32)), Given.Floats(pictures.grad!.to(float32)));
    }
}
