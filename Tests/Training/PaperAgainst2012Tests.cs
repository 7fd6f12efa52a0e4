using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

/// <summary>One test for each row of docs/recipes.md's table of what the released 2012 code does other than the printed paper.</summary>
[TestClass]
public sealed class PaperAgainst2012Tests
{
    private static readonly AlexNetOptions Small = new() { Classes = 3, Side = 67, Width = 0.01 };

    [TestMethod]
    public void Conv1Window()
    {
        // Kernels and pictures of ones: a window's value is 3 × the pixels that it reads inside the picture.
        float[] paper = WindowSizes(224, AlexNetWindow.Symmetric, 55), original = WindowSizes(224, AlexNetWindow.Ceiling, 55);
        Assert.AreEqual(3 * 9 * 9, paper[0]);
        Assert.AreEqual(3 * 10 * 10, paper[^1]);
        Assert.AreEqual(3 * 11 * 11, original[0]);
        Assert.AreEqual(3 * 11 * 8, original[54]);
        Assert.AreEqual(3 * 8 * 11, original[^55]);
        Assert.AreEqual(3 * 8 * 8, original[^1]);
        Assert.AreEqual(54 * 54, original.Count(value => value == 3 * 11 * 11), "zeros elsewhere than in the last row and column");
    }

    [TestMethod]
    [DataRow(64, 3)]
    [DataRow(65, 2)]
    [DataRow(66, 1)]
    [DataRow(67, 0)]
    [DataRow(68, 3)]
    public void Conv1WindowForAnySide(int side, int overhang)
    {
        int windows = 1 + (int)Math.Ceiling((side - 11) / 4.0);
        float[] original = WindowSizes(side, AlexNetWindow.Ceiling, windows);
        Assert.AreEqual(3 * 11 * 11, original[0]);
        Assert.AreEqual(3 * (11 - overhang) * (11 - overhang), original[^1]);
    }

    [TestMethod]
    [DataRow(false, 1e-4)]
    [DataRow(true, 2e-5)]
    public void LrnAlpha(bool divided, double factor)
    {
        using var network = new AlexNet(Small with { AlphaDividedByWindow = divided });
        foreach (string layer in new[] { "lrn1", "lrn2" })
        {
            var maps = new Maps(2, 16, 5, 6) { Values = Given.Uniform(2 * 16 * 30, 128, 1) };
            CompareWithFloat64(Child(network, layer), maps, g => ResponseNormReference.AcrossMaps(maps, g, 5, factor, 0.75, 2, groups: 1));
        }
    }

    [TestMethod]
    public void LayerOrder()
    {
        const string Tail = "flatten fc6 relu6 drop6 fc7 relu7 drop7 fc8";
        Assert.AreEqual(
            "conv1 relu1 lrn1 pool1 conv2 relu2 lrn2 pool2 conv3 relu3 conv4 relu4 conv5 relu5 pool5 " + Tail, Names(Small));
        Assert.AreEqual(
            "conv1 lrn1 pool1 relu1 conv2 relu2 lrn2 pool2 conv3 relu3 conv4 relu4 conv5 pool5 relu5 " + Tail, Names(Small with { Order = AlexNetOrder.Original2012 }));
        Assert.AreEqual(
            "pad1 conv1 lrn1 pool1 relu1 conv2 relu2 lrn2 cnorm2 pool2 conv3 relu3 conv4 relu4 conv5 pool5 relu5 " + Tail, Names(Recipes.Original2012.AlexNetFor(3, 67) with { Width = 0.01 }));
    }

    [TestMethod]
    public void ContrastNorm()
    {
        using var network = new AlexNet(Small with { ContrastNorm = true });
        foreach ((int h, int w) in new[] { (7, 6), (3, 2), (1, 1) })
        {
            var maps = new Maps(2, 3, h, w) { Values = Given.Uniform(6 * h * w, 128, 1) };
            CompareWithFloat64(Child(network, "cnorm2"), maps, g => ResponseNormReference.WithinMap(maps, g, 5, 1e-3 / 25, 0.75, 1));
        }
    }

    [TestMethod]
    [DataRow(5, 7)]
    [DataRow(1, 2)]           // below one register: torch's composite
    public void LrnNeighbours(int h, int w)
    {
        const int Channels = 16;
        using var network = new AlexNet(Small with { ResponseNormScope = ResponseNormScope.EachTower });
        using var single = new AlexNet(Small with { ResponseNormScope = ResponseNormScope.EachTower, Grouped = false });
        using var whole = new AlexNet(Small);
        var maps = new Maps(2, Channels, h, w) { Values = Given.Uniform(2 * Channels * h * w, 128, 1) };
        CompareWithFloat64(Child(network, "lrn1"), maps, g => ResponseNormReference.AcrossMaps(maps, g, 5, 1e-4, 0.75, 2, groups: 2));

        // Against all channels: other where the window of five crosses from map 7 to map 8, the same bits everywhere else.
        using var scope = NewDisposeScope();
        Tensor input = Given.Tensor(maps.Values, 2, Channels, h, w);
        float[] each = Given.Floats(Child(network, "lrn1").call(input)), all = Given.Floats(Child(whole, "lrn1").call(input));
        CollectionAssert.AreEqual(all, Given.Floats(Child(single, "lrn1").call(input)), "one tower has all channels");
        for (int i = 0; i < each.Length; i++)
        {
            int channel = i / (h * w) % Channels;
            Assert.AreEqual(channel is 6 or 7 or 8 or 9, each[i] != all[i], $"channel {channel}");
        }
    }

    [TestMethod]
    public void InitialWeightsOfConv3To5()
    {
        using var network = new AlexNet(new AlexNetOptions { Classes = 50, Side = 67, Width = 0.5, Initialization = AlexNetInitialization.Original2012 });
        using var paper = new AlexNet(network.Options with { Initialization = AlexNetInitialization.Paper });
        foreach ((string name, Parameter parameter) in network.named_parameters())
        {
            float[] values = Given.Floats(parameter);
            if (name.EndsWith("bias", StringComparison.Ordinal))
            {
                CollectionAssert.AreEqual(Given.Floats(paper.named_parameters().Single(pair => pair.Item1 == name).Item2), values, name);
                continue;
            }
            double expected = name is "conv3.weight" or "conv4.weight" or "conv5.weight" ? 0.03 : 0.01;
            Assert.AreEqual(expected, Math.Sqrt(values.Average(value => (double)value * value)), 5 * expected / Math.Sqrt(2.0 * values.Length), name);
        }
    }

    [TestMethod]
    public void Crops()
    {
        Assert.AreEqual(1, Recipes.Paper.Training.Augmentation.PicturesPerCrop);
        Assert.AreEqual(32, Recipes.Original2012.Training.Augmentation.PicturesPerCrop);
    }

    [TestMethod]
    public void ColourNoise()
    {
        Assert.AreEqual(new ColorNoise { Amplitude = 0.1, Scale = ColorNoiseScale.Eigenvalue, Divisor = 1, UntilEpoch = null }, Recipes.Paper.Training.Augmentation.ColorNoise);
        var original = new ColorNoise { Amplitude = 0.1, Scale = ColorNoiseScale.StandardDeviation, Divisor = 1.1, UntilEpoch = 67 };
        Assert.AreEqual(original, Recipes.Original2012.Training.Augmentation.ColorNoise);
        Assert.AreEqual(original with { UntilEpoch = 68 }, Recipes.Original2012OnIlsvrc2010.Training.Augmentation.ColorNoise);
    }

    [TestMethod]
    public void LearningRate()
    {
        Assert.IsTrue(Recipes.Paper.Training.Schedule is PlateauSchedule { Cuts: 3, Multiplier: 0.1 });
        foreach ((Recipe recipe, double[] cuts, int less, int stop) in new[] { (Recipes.Original2012, new[] { 25.0, 51, 79 }, 67, 91), (Recipes.Original2012OnIlsvrc2010, new[] { 23.0, 51, 78 }, 68, 93) })
        {
            TrainerOptions training = recipe.Training;
            Assert.AreEqual(stop, training.Epochs);
            for (double epoch = 0; epoch < stop; epoch += 0.25)
            {
                double rate = training.LearningRate * training.Schedule.Factor(new TrainingMoment(epoch, stop, []));
                double conv1 = LayerRate.FactorAt(training.LayerRates, "conv1", epoch);
                Assert.AreEqual(0.01 * Math.Pow(10, -cuts.Count(cut => epoch >= cut)), rate, 1e-12, $"epoch {epoch}");
                Assert.AreEqual(epoch >= 72 ? 0 : epoch >= less ? 0.1 : 1, conv1, $"conv1, epoch {epoch}");
                Assert.AreEqual(1, LayerRate.FactorAt(training.LayerRates, "conv2", epoch));
            }
        }
    }

    private static void CompareWithFloat64(nn.Module<Tensor, Tensor> layer, Maps maps, Func<double[], (double[] Output, double[] Gradient)> reference)
    {
        using var scope = NewDisposeScope();
        double[] g = Given.Uniform(maps.Values.Length, 1, 2);
        (double[] output, double[] gradient) = reference(g);
        Tensor x = Given.Tensor(maps.Values, maps.N, maps.C, maps.H, maps.W).requires_grad_();
        Tensor y = layer.call(x);
        y.backward([Given.Tensor(g, maps.N, maps.C, maps.H, maps.W)]);
        Assert.IsLessThanOrEqualTo(1e-6, Given.RelativeDifference(output, Given.Floats(y)), "forward");
        Assert.IsLessThanOrEqualTo(1e-6, Given.RelativeDifference(gradient, Given.Floats(x.grad!)), "backward");
    }

    private static float[] WindowSizes(int side, AlexNetWindow window, int windows)
    {
        using var network = new AlexNet(Small with { Side = side, Window = window });
        using var scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        foreach (Parameter parameter in network.parameters())
            parameter.fill_(parameter.ndim == 4 ? 1 : 0);
        Tensor x = ones(1, 3, side, side);
        foreach ((string name, nn.Module child) in network.named_children().TakeWhile(child => child.Item1 is "pad1" or "conv1"))
            x = ((nn.Module<Tensor, Tensor>)child).call(x);
        CollectionAssert.AreEqual(new long[] { 1, 16, windows, windows }, x.shape);
        return Given.Floats(x)[..(windows * windows)];
    }

    private static nn.Module<Tensor, Tensor> Child(AlexNet network, string name) => (nn.Module<Tensor, Tensor>)network.named_children().Single(child => child.Item1 == name).Item2;

    private static string Names(AlexNetOptions options)
    {
        using var network = new AlexNet(options);
        return string.Join(' ', network.named_children().Select(child => child.Item1));
    }
}
