using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using AlexNetMl.EndToEnd.Tests;

namespace AlexNetMl.Samples.Tests;

/// <summary>Every sample on a few hundred pictures of Fashion-MNIST, as a program.</summary>
[TestClass]
public sealed class SampleTests
{
    private static readonly TemporaryFolder Folder = new();

    private static string Pictures => Folder["fashion"];

    private static string Model => Path.Combine(AppContext.BaseDirectory, "models", "fashion-alexnet");

    [ClassInitialize]
    public static void WritePictures(TestContext context) => FashionMnist.WriteFolders(Pictures, new Progress<string>(), shippedPart: true);

    [ClassCleanup]
    public static void Clean() => Folder.Dispose();

    [TestMethod]
    public void ScorePipeline_says_what_the_pictures_are()
    {
        ConsoleProcess run = Succeeds("ScorePipeline", "--model", Model, "--data", Path.Combine(Pictures, "test"), "--rows", "3");
        Assert.HasCount(5, run.Output);
        StringAssert.Contains(run.Output[0], "ankle-boot/");
        StringAssert.StartsWith(run.Output[3], "rows: 2000 in ");

        // The model card says 0.8896 on all 10,000; these are the first 2,000 of them.
        Assert.AreEqual(0.8896, Number(run.Output[4], "top-1: "), 0.02);
    }

    [TestMethod]
    public void ScorePipeline_scores_pictures_of_unknown_classes_without_an_accuracy()
    {
        DrawnPictures.Write(Folder["drawn"], perClass: 2, seed: 1);
        ConsoleProcess run = Succeeds("ScorePipeline", "--model", Model, "--data", Folder["drawn"]);
        StringAssert.StartsWith(run.Output[^1], "accuracy: unknown");
    }

    [TestMethod]
    public void NetworkComparison_trains_measures_and_draws_and_goes_on_where_it_stood()
    {
        string[] arguments = ["--data", Pictures, "--pictures", "2400", "--networks", "resnet20:0.25", "alexnet:0.1", "--epochs", "1", "--out", Folder["compared"]];
        ConsoleProcess first = Succeeds("NetworkComparison", arguments);
        string[] table = File.ReadAllLines(Path.Combine(Folder["compared"], "comparison.md"));
        string[] row = [.. table.Single(line => line.Contains("resnet20", StringComparison.Ordinal)).Split('|').Select(cell => cell.Trim())];
        Assert.AreEqual("0.25", row[2]);
        Assert.IsGreaterThan(0.1, double.Parse(row[5], CultureInfo.InvariantCulture), first.ToString());
        Assert.IsTrue(row[8..10].All(rate => double.Parse(rate, NumberStyles.Number, CultureInfo.InvariantCulture) > 10), first.ToString());
        foreach (string chart in new[] { "accuracy.svg", "training-loss.svg" })
        {
            Assert.AreEqual(2, XDocument.Load(Path.Combine(Folder["compared"], chart)).Descendants().Count(element => element.Name.LocalName == "polyline"));
        }

        // What is trained stays: the same command only measures the rates again.
        string metrics = Path.Combine(Folder["compared"], "resnet20", "metrics.jsonl"), weights = Path.Combine(Folder["compared"], "resnet20", "weights.safetensors");
        int epochs = Epochs();
        byte[] trained = File.ReadAllBytes(weights);
        Succeeds("NetworkComparison", arguments);
        Assert.AreEqual(epochs, Epochs());
        CollectionAssert.AreEqual(trained, File.ReadAllBytes(weights));

        int Epochs() => File.ReadLines(metrics).Count(line => line.Contains("\"kind\":\"epoch\"", StringComparison.Ordinal));
    }

    [TestMethod]
    public void TrainAsEstimator_trains_tests_and_keeps_its_model()
    {
        ConsoleProcess run = Succeeds("TrainAsEstimator", "--data", Path.Combine(Pictures, "train"), "--pictures", "1500", "--epochs", "3", "--width", "0.1", "--out", Folder["model"]);
        Assert.IsGreaterThan(0.4, Number(run.Output.Single(line => line.StartsWith("top-1 on", StringComparison.Ordinal)), "pictures: "), run.ToString());
        Assert.IsTrue(run.Output.Any(line => line.StartsWith("epoch 3 of 3: loss ", StringComparison.Ordinal)), run.ToString());
        Assert.IsTrue(File.Exists(Path.Combine(Folder["model"], "model.onnx")));

        // Whoever keeps the model scores with it.
        Succeeds("ScorePipeline", "--model", Folder["model"], "--data", Path.Combine(Pictures, "test"), "--rows", "1");
    }

    [TestMethod]
    public void TrainAsEstimator_cross_validates()
    {
        ConsoleProcess run = Succeeds("TrainAsEstimator", "--data", Path.Combine(Pictures, "train"), "--pictures", "300", "--epochs", "1", "--width", "0.1", "--folds", "2");
        StringAssert.StartsWith(run.Output[^3], "fold 1: top-1 ");
        StringAssert.StartsWith(run.Output[^1], "top-1 over 2 folds: ");
    }

    [TestMethod]
    public void TransferLearning_beats_training_from_scratch_on_a_handful()
    {
        ConsoleProcess run = Succeeds(
            "TransferLearning", "--data", Path.Combine(Pictures, "train"), "--test", Path.Combine(Pictures, "test"), "--model", Model, "--per-class", "5", "--repeats", "1", "--scratch-steps", "20",
            "--test-pictures", "500", "--out", Folder["transfer"]);
        string[] row = run.Output[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.AreEqual("5", row[0], run.ToString());
        Assert.AreEqual("–", row[2], "an ONNX file alone is not fine-tuned");
        double linear = double.Parse(row[1], CultureInfo.InvariantCulture), scratch = double.Parse(row[3], CultureInfo.InvariantCulture);
        Assert.IsGreaterThan(0.6, linear, run.ToString());
        Assert.IsGreaterThan(scratch, linear, run.ToString());
    }

    [TestMethod]
    public void ImageSearch_finds_the_same_class_and_draws_a_page_that_needs_nothing_else()
    {
        ConsoleProcess run = Succeeds(
            "ImageSearch", "--model", Model, "--gallery", Path.Combine(Pictures, "train"), "--queries", Path.Combine(Pictures, "test"), "--pictures", "1000", "--count", "100", "--out", Folder["search"]);
        string shares = run.Output.Single(line => line.StartsWith("of the 6 nearest", StringComparison.Ordinal));
        Assert.IsGreaterThan(Percent(shares, "by pixels"), Percent(shares, "by relu7"), shares);
        Assert.AreEqual(10, Percent(shares, "by chance"), 0.05, shares);

        string html = File.ReadAllText(Path.Combine(Folder["search"], "search.html"));
        using var reader = XmlReader.Create(new StringReader(html), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        var page = XDocument.Load(reader);
        XElement[] images = [.. page.Descendants("img")];
        Assert.HasCount(2 * 20 * 7, images);
        Assert.IsTrue(images.All(image => image.Attribute("src")!.Value.StartsWith("data:image/png;base64,", StringComparison.Ordinal)));
        Assert.IsFalse(html.Contains("http", StringComparison.Ordinal) || page.Descendants("script").Any(), "the page must not load anything");
    }

    [TestMethod]
    [DataRow("ScorePipeline", "--batch 0")]
    [DataRow("ScorePipeline", "--nonsense")]
    [DataRow("TrainAsEstimator", "--folds 1")]
    [DataRow("TrainAsEstimator", "--test-fraction 1")]
    [DataRow("TrainAsEstimator", "--network alexnett")]
    [DataRow("TrainAsEstimator", "--folds 2 --out somewhere")]
    [DataRow("TransferLearning", "--per-class 0")]
    [DataRow("TransferLearning", "--data somewhere")]
    [DataRow("ImageSearch", "--gallery somewhere")]
    [DataRow("ImageSearch", "--neighbours x")]
    public void Wrong_usage_is_exit_2_and_one_sentence(string sample, string arguments)
    {
        ConsoleProcess run = ConsoleProcess.Program(sample, arguments.Split(' '));
        Assert.AreEqual(2, run.ExitCode, run.ToString());
        StringAssert.StartsWith(run.Errors.Single(), "error: ");
        StringAssert.EndsWith(run.Errors.Single(), "(--help lists the options)");
    }

    [TestMethod]
    [DataRow("ScorePipeline", "--data nowhere")]
    [DataRow("TrainAsEstimator", "--data nowhere")]
    [DataRow("TransferLearning", "--data nowhere --test nowhere --model nowhere")]
    [DataRow("ImageSearch", "--gallery nowhere --queries nowhere")]
    public void What_is_not_there_is_exit_1_and_one_sentence(string sample, string arguments)
    {
        ConsoleProcess run = ConsoleProcess.Program(sample, arguments.Split(' '));
        Assert.AreEqual(1, run.ExitCode, run.ToString());
        StringAssert.StartsWith(run.Errors.Single(), "error: The picture folder 'nowhere' does not exist");
    }

    [TestMethod]
    [DataRow("ScorePipeline")]
    [DataRow("TrainAsEstimator")]
    [DataRow("TransferLearning")]
    [DataRow("ImageSearch")]
    public void Help_lists_the_options(string sample)
    {
        ConsoleProcess run = ConsoleProcess.Program(sample, "--help");
        Assert.AreEqual(0, run.ExitCode, run.ToString());
        Assert.IsTrue(run.Output.Any(line => line.Contains("--verbose", StringComparison.Ordinal)), run.ToString());
    }

    private static ConsoleProcess Succeeds(string sample, params string[] arguments)
    {
        ConsoleProcess run = ConsoleProcess.Program(sample, arguments);
        Assert.AreEqual(0, run.ExitCode, run.ToString());
        return run;
    }

    private static double Number(string line, string before)
    {
        string rest = line[(line.IndexOf(before, StringComparison.Ordinal) + before.Length)..];
        return double.Parse(rest.Split(' ', ',')[0], CultureInfo.InvariantCulture);
    }

    private static double Percent(string line, string what)
    {
        string before = line[..line.IndexOf($" % {what}", StringComparison.Ordinal)];
        return double.Parse(before[(before.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }
}
