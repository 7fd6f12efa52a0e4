using System.IO.Compression;
using AlexNetMl.Imaging;
using AlexNetMl.Scoring;

namespace AlexNetMl.EndToEnd.Tests;

/// <summary>The networks of models/, as their model cards describe them, on the 2,000 test pictures that ship with the sample.</summary>
[TestClass]
public sealed class ShippedModelTests
{
    private static readonly string[] DataSetOrder = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot"];

    // Top-1 on all 10,000 less two standard errors of 2,000 pictures.
    [TestMethod]
    [DataRow("fashion-alexnet", 0.8896 - 0.014)]
    [DataRow("fashion-resnet", 0.9232 - 0.012)]
    public void Reaches_the_accuracy_of_its_card(string model, double atLeast)
    {
        byte[] images = Unpack("t10k-2000-images-idx3-ubyte.gz")[16..], labels = Unpack("t10k-2000-labels-idx1-ubyte.gz")[8..];
        using var scorer = OnnxImageScorer.Load(Folder(model));
        var pictures = Enumerable.Range(0, labels.Length).Select(i => ImageInput.FromBytes(PngEncoder.EncodeGray(28, 28, images.AsSpan(784 * i, 784)), $"test picture {i}"));
        int right = scorer.Score(pictures).Count(score => scorer.Labels[score.BestClass] == DataSetOrder[labels[score.Index]]);
        Console.WriteLine($"{model}: {right} of {labels.Length}");
        Assert.IsGreaterThan(atLeast, right / 2000.0);
    }

    [TestMethod]
    [DataRow("fashion-alexnet")]
    [DataRow("fashion-resnet")]
    public void Its_side_files_say_what_the_model_says(string model)
    {
        using var scorer = OnnxImageScorer.Load(Folder(model));
        CollectionAssert.AreEqual(File.ReadAllLines(Path.Combine(Folder(model), "labels.txt")), scorer.Labels.ToArray());
        Assert.AreEqual(ImagePreprocessing.FromJson(File.ReadAllText(Path.Combine(Folder(model), "preprocessor_config.json"))), scorer.Preprocessing);
    }

    private static string Folder(string model) => Path.Combine(AppContext.BaseDirectory, "models", model);

    private static byte[] Unpack(string name)
    {
        using var file = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "data", name)), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        file.CopyTo(memory);
        return memory.ToArray();
    }
}
