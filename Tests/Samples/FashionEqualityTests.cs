using AlexNetMl.EndToEnd.Tests;
using AlexNetMl.Trainers;
using AlexNetMl.Training;
using Microsoft.ML;

namespace AlexNetMl.Samples.Tests;

/// <summary>
/// On real pictures: what <c>alexnetml train</c> learns of Fashion-MNIST from a folder, the estimator learns from a data view, to the byte. The same on all 60,000 takes a
/// quarter of an hour each: see Samples/TrainAsEstimator/README.md.
/// </summary>
[TestClass]
public sealed class FashionEqualityTests
{
    [TestMethod]
    public void The_estimator_reaches_what_the_console_tool_reaches()
    {
        using var folder = new TemporaryFolder();
        FashionMnist.WriteFolders(folder["whole"], new Progress<string>(), FashionMnistSets.Training, shippedPart: true);
        foreach (PictureRow row in PictureRow.ListEvenly(Path.Combine(folder["whole"], "train"), 1500))
        {
            Directory.CreateDirectory(Path.Combine(folder["pictures"], row.ClassName));
            File.Copy(row.ImagePath, Path.Combine(folder["pictures"], row.ClassName, Path.GetFileName(row.ImagePath)));
        }

        ConsoleProcess console = ConsoleProcess.Tool(
            "train", "--data", folder["pictures"], "--out", folder["console"], "--side", "24", "--shorter-side", "26", "--width", "0.1", "--epochs", "2", "--seed", "3", "--threads", "2");
        Assert.AreEqual(0, console.ExitCode, console.ToString());

        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(PictureRow.List(folder["pictures"]));
        var options = new NetworkTrainerOptions { RunFolder = folder["estimator"], Side = 24, ShorterSide = 26, Width = 0.1, Epochs = 2, Seed = 3, Threads = 2 };
        using var model = ml.Transforms.Conversion.MapValueToKey("Label", "ClassName").Append(ml.MulticlassClassification.Trainers.AlexNet(options)).Fit(data);

        CollectionAssert.AreEqual(File.ReadAllBytes(folder["console/weights.safetensors"]), File.ReadAllBytes(folder["estimator/weights.safetensors"]));
        EpochMetrics last = model.LastTransformer.Training.Result.Epochs[^1];
        string said = FormattableString.Invariant($"epoch 2: loss {last.TrainingLoss:F3}, validation: loss {last.ValidationLoss:F3}, top-1 {last.ValidationAccuracy:F4}");
        Assert.IsTrue(console.Output.Any(line => line.StartsWith(said, StringComparison.Ordinal)), $"{said}\n{console}");
        Assert.IsGreaterThan(0.3, last.ValidationAccuracy);
    }
}
