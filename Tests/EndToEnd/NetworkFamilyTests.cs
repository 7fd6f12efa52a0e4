using System.Text.Json;
using AlexNetMl.Imaging;
using AlexNetMl.Scoring;
using AlexNetMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.EndToEnd.Tests;

/// <summary>VGG, GoogLeNet, ResNet and DenseNet from a console command to an ML.NET pipeline: trained, exported, verified, scored.</summary>
[TestClass]
public sealed class NetworkFamilyTests
{
    private static readonly TemporaryFolder Folder = new();

    [ClassInitialize]
    public static void Draw(TestContext context) => DrawnPictures.Write(Folder["pictures"], perClass: 16, seed: 1);

    [ClassCleanup]
    public static void Clean() => Folder.Dispose();

    [TestMethod]
    [DataRow("vgg11")]
    [DataRow("googlenet")]
    [DataRow("googlenet_bn")]
    [DataRow("resnet18")]
    [DataRow("densenet121")]
    public void A_trained_network_scores_in_a_pipeline_as_torch_does(string name)
    {
        string run = Folder[$"run-{name}"], model = Folder[$"model-{name}"];
        ConsoleProcess trained = ConsoleProcess.Tool(
            "train", "--data", Folder["pictures"], "--arch", name, "--side", "28", "--width", "0.125", "--batch", "12", "--epochs", "2", "--out", run, "--threads", "2");
        Assert.AreEqual(0, trained.ExitCode, trained.ToString());
        ConsoleProcess exported = ConsoleProcess.Tool("export", "--run", run, "--out", model);
        Assert.AreEqual(0, exported.ExitCode, exported.ToString());
        ConsoleProcess verified = ConsoleProcess.Tool("verify", "--model", model);
        Assert.AreEqual(0, verified.ExitCode, verified.ToString());
        Assert.Contains(name, File.ReadAllText(Path.Combine(model, "README.md")));

        string[] paths = [.. Directory.GetFiles(Folder["pictures"], "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        var ml = new MLContext(seed: 1);
        IDataView data = ml.Data.LoadFromEnumerable(paths.Select(path => new PictureRow { ImagePath = path }));
        using var scorer = ml.Transforms.ScoreOnnxImages(model, "ImagePath", new OnnxImageScorerOptions { BatchSize = 7 }).Fit(data);
        ScoredRow[] rows = [.. ml.Data.CreateEnumerable<ScoredRow>(scorer.Transform(data), reuseRowObject: false)];
        float[][] expected = Torch(run, paths);
        Assert.HasCount(paths.Length, rows);
        for (int i = 0; i < rows.Length; i++)
        {
            for (int c = 0; c < 3; c++)
            {
                Assert.AreEqual(expected[i][c], rows[i].Score[c], 1e-4f, $"{name}: {paths[i]}");
            }
        }

        // A hundred times what may differ: scores that tell pictures apart, even of a network that has only begun to learn.
        Assert.IsGreaterThan(0.01f, rows.Max(row => row.Score[0]) - rows.Min(row => row.Score[0]));
    }

    [TestMethod]
    public void Networks_lists_figures_and_draws()
    {
        ConsoleProcess listed = ConsoleProcess.Tool("networks", "--json", "--classes", "10", "--width", "0.5", "--side", "64", "--arch", "resnet18", "vgg16");
        Assert.AreEqual(0, listed.ExitCode, listed.ToString());
        using var json = JsonDocument.Parse(string.Join('\n', listed.Output));
        JsonElement[] networks = [.. json.RootElement.EnumerateArray()];
        Assert.HasCount(2, networks);
        NetworkDefinition definition = NetworkCatalog.Default.Get("resnet18");
        NetworkProfile profile = NetworkProfile.Of(definition, definition.Options with { Classes = 10, Width = 0.5, Side = 64 });
        Assert.AreEqual(profile.Parameters, networks[0].GetProperty("parameters").GetInt64());
        Assert.AreEqual(profile.MultiplyAdds, networks[0].GetProperty("multiplyAdds").GetInt64());
        Assert.AreEqual(2014, networks[1].GetProperty("year").GetInt32());

        ConsoleProcess drawn = ConsoleProcess.Tool("networks", "--arch", "resnet18", "--svg", Folder["resnet18.svg"]);
        Assert.AreEqual(0, drawn.ExitCode, drawn.ToString());
        Assert.Contains("layer4.1.conv2", string.Join('\n', drawn.Output));
        Assert.Contains("ResNet-18", File.ReadAllText(Folder["resnet18.svg"]));
        Assert.AreEqual(2, ConsoleProcess.Tool("networks", "--arch", "resnet17").ExitCode);
        Assert.AreEqual(2, ConsoleProcess.Tool("networks", "--svg", Folder["all.svg"]).ExitCode);
        Assert.AreEqual(2, ConsoleProcess.Tool("networks", "--arch", "vgg11", "--side", "9").ExitCode);
    }

    private static float[][] Torch(string run, string[] paths)
    {
        using TrainedNetwork trained = TrainedNetwork.Load(run);
        ImagePreprocessing preprocessing = trained.Preprocessing;
        using IDisposable noGradients = no_grad();
        return [.. paths.Select(path =>
        {
            float[] pixels = new float[preprocessing.TensorLength];
            preprocessing.ToTensor(ImageFile.Load(path), pixels);
            using var scope = NewDisposeScope();
            Tensor logits = trained.Network.call(tensor(pixels, [1, 3, preprocessing.CropSide, preprocessing.CropSide]));
            return nn.functional.softmax(logits, 1).data<float>().ToArray();
        })];
    }

    private sealed class PictureRow
    {
        public string ImagePath { get; set; } = "";
    }

    private sealed class ScoredRow
    {
        public float[] Score { get; set; } = [];
    }
}
