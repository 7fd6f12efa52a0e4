using AlexNetMl.Imaging;
using AlexNetMl.Scoring;
using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Export.Tests;

[TestClass]
public sealed class ModelFolderTests
{
    [TestMethod]
    public void A_folder_holds_the_network_and_readable_copies_of_its_metadata()
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(28);
        OnnxExportOptions options = TestNetworks.Options(28) with { Labels = [.. TestNetworks.Options(28).Labels.SkipLast(1), "Žluťoučký kůň"] };

        OnnxExportReport report = OnnxModelFolder.Write(folder.File("models/mine"), network, options);

        Assert.AreEqual(folder.File("models/mine/model.onnx"), report.Path);
        CollectionAssert.AreEqual(
            (string[])["models", "models/mine", "models/mine/labels.txt", "models/mine/model.onnx", "models/mine/preprocessor_config.json"],
            folder.Names.Select(n => n.Replace('\\', '/')).ToArray());
        CollectionAssert.AreEqual(options.Labels.ToArray(), File.ReadAllLines(folder.File("models/mine/labels.txt")));
        Assert.AreEqual(
            options.Preprocessing, ImagePreprocessing.FromJson(File.ReadAllText(folder.File("models/mine/preprocessor_config.json"))));
    }

    [TestMethod]
    public void A_failed_export_leaves_no_folder()
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(28);
        Assert.ThrowsExactly<OnnxVerificationException>(
            () => OnnxModelFolder.Write(folder.File("models/mine/"), network, TestNetworks.Options(28) with { Tolerance = 1e-12 }));
        Assert.IsEmpty(folder.Names);
    }

    [TestMethod]
    public void The_scorer_reads_back_labels_and_preprocessing_and_scores_as_torch_does()
    {
        using var folder = new TestFolder();
        using AlexNet network = TestNetworks.AlexNet(28);
        OnnxExportOptions options = TestNetworks.Options(28) with
        {
            Preprocessing = new ImagePreprocessing
            {
                ShorterSide = 32,
                CropSide = 28,
                Filter = ResamplingFilter.Bicubic,
                Mean = [0.4f, 0.5f, 0.6f],
                StandardDeviation = [0.2f, 0.25f, 0.3f],
            },
            Decoder = null,
        };
        OnnxModelFolder.Write(folder.Path, network, options);

        using var scorer = OnnxImageScorer.Load(folder.Path);
        CollectionAssert.AreEqual(options.Labels.ToArray(), scorer.Labels.ToArray());
        Assert.AreEqual(options.Preprocessing, scorer.Preprocessing);

        var random = new Random(3);
        RgbImage[] pictures = [.. Enumerable.Range(0, 5).Select(i => new RgbImage(40 + i, 33))];
        Array.ForEach(pictures, p => random.NextBytes(p.Pixels));
        ImageScore[] scores = [.. scorer.Score(pictures.Select((p, i) => ImageInput.FromBytes(PngEncoder.Encode(p), $"{i}.png")))];

        network.eval();
        using var noGradients = no_grad();
        for (int i = 0; i < pictures.Length; i++)
        {
            float[] pixels = new float[3 * 28 * 28];
            options.Preprocessing.ToTensor(pictures[i], pixels);
            using var scope = NewDisposeScope();
            float[] expected = network.call(tensor(pixels, [1, 3, 28, 28])).softmax(1).data<float>().ToArray();
            for (int c = 0; c < 10; c++)
            {
                Assert.AreEqual(expected[c], scores[i].Probabilities.Span[c], 1e-4f);
            }
        }
    }
}
