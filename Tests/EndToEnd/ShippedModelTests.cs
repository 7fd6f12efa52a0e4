using System.IO.Compression;
using AlexNetMl.Imaging;
using AlexNetMl.Scoring;

namespace AlexNetMl.EndToEnd.Tests;

/// <summary>models/fashion-alexnet, as its model card describes it, on the 2,000 test pictures that ship with the sample.</summary>
[TestClass]
public sealed class ShippedModelTests
{
    private static readonly string[] DataSetOrder = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot"];

    private static string Model => Path.Combine(AppContext.BaseDirectory, "models", "fashion-alexnet");

    [TestMethod]
    public void Reaches_the_accuracy_of_its_card()
    {
        byte[] images = Unpack("t10k-2000-images-idx3-ubyte.gz")[16..], labels = Unpack("t10k-2000-labels-idx1-ubyte.gz")[8..];
        using var scorer = OnnxImageScorer.Load(Model);
        var pictures = Enumerable.Range(0, labels.Length).Select(i => ImageInput.FromBytes(PngEncoder.EncodeGray(28, 28, images.AsSpan(784 * i, 784)), $"test picture {i}"));
        int right = scorer.Score(pictures).Count(score => scorer.Labels[score.BestClass] == DataSetOrder[labels[score.Index]]);

        // 0.8896 on all 10,000; of 2,000 pictures two standard errors are 0.014.
        Assert.IsGreaterThan(0.875, right / 2000.0);
    }

    [TestMethod]
    public void Its_side_files_say_what_the_model_says()
    {
        using var scorer = OnnxImageScorer.Load(Model);
        CollectionAssert.AreEqual(File.ReadAllLines(Path.Combine(Model, "labels.txt")), scorer.Labels.ToArray());
        Assert.AreEqual(ImagePreprocessing.FromJson(File.ReadAllText(Path.Combine(Model, "preprocessor_config.json"))), scorer.Preprocessing);
    }

    private static byte[] Unpack(string name)
    {
        using var file = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "data", name)), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        file.CopyTo(memory);
        return memory.ToArray();
    }
}
