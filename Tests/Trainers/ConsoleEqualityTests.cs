using AlexNetMl.Export;
using AlexNetMl.Training;
using Microsoft.ML;

namespace AlexNetMl.Trainers.Tests;

/// <summary>The estimator trains what the console tool trains: same pictures, recipe and seed, same bytes.</summary>
[TestClass]
public sealed class ConsoleEqualityTests : IDisposable
{
    private readonly Given _given = new(perClass: 16);
    private readonly MLContext _ml = new();

    public void Dispose() => _given.Dispose();

    [TestMethod]
    public void Same_pictures_and_seed_give_the_same_bytes()
    {
        TrainingOutcome console = TrainingJob.Run(Console("console"));
        using NetworkTransformer model = Estimator(new NetworkTrainerOptions { RunFolder = _given["estimator"], Seed = 7 }).Fit(Data);

        foreach (string file in new[] { "weights.safetensors", "best.safetensors", "preprocessor_config.json", "statistics.safetensors" })
            AssertSame(_given[$"console/{file}"], _given[$"estimator/{file}"]);
        CollectionAssert.AreEqual(
            console.Result.Epochs.Select(epoch => (epoch.TrainingLoss, epoch.ValidationLoss, epoch.ValidationAccuracy)).ToArray(),
            model.Training.Result.Epochs.Select(epoch => (epoch.TrainingLoss, epoch.ValidationLoss, epoch.ValidationAccuracy)).ToArray());
        Assert.AreEqual(console.Run.Data.Fingerprint, model.Training.Run.Data.Fingerprint);

        // And so the same file: what alexnetml export writes of the console's run.
        using TrainedNetwork trained = TrainedNetwork.Load(_given["console"]);
        OnnxModelFolder.Write(_given["exported"], trained.Network, new OnnxExportOptions { Preprocessing = trained.Preprocessing, Labels = trained.Run.Classes, Fingerprint = trained.Run.Data.Fingerprint });
        AssertSame(_given["exported/model.onnx"], Path.Combine(model.ModelFolder, "model.onnx"));
    }

    [TestMethod]
    public void The_recipe_given_as_a_record_is_the_one_of_that_name()
    {
        TrainingJob.Run(Console("console") with { Recipe = "paper", MaxSteps = 3 });
        NetworkTrainerOptions options = new() { RunFolder = _given["estimator"], Recipe = Recipes.Paper, Seed = 7, MaxSteps = 3 };
        using NetworkTransformer model = Estimator(options).Fit(Data);
        AssertSame(_given["console/weights.safetensors"], _given["estimator/weights.safetensors"]);
        Assert.AreEqual("paper", model.Training.Run.Recipe.Name);
    }

    [TestMethod]
    public void A_run_stopped_in_one_of_the_two_goes_on_in_the_other()
    {
        TrainingJob.Run(Console("whole"));
        Estimator(new NetworkTrainerOptions { RunFolder = _given["first"], Seed = 7, MaxSteps = 5 }).Fit(Data).Dispose();
        Assert.AreEqual(5, TrainingJob.Run(Console("first") with { Resume = true }).Result.FirstStep);
        AssertSame(_given["whole/weights.safetensors"], _given["first/weights.safetensors"]);

        TrainingJob.Run(Console("second") with { MaxSteps = 5 });
        using NetworkTransformer model = Estimator(new NetworkTrainerOptions { RunFolder = _given["second"], Seed = 7, Resume = true }).Fit(Data);
        Assert.AreEqual(5, model.Training.Result.FirstStep);
        AssertSame(_given["whole/weights.safetensors"], _given["second/weights.safetensors"]);
    }

    [TestMethod]
    public void Another_seed_gives_other_weights()
    {
        Estimator(new NetworkTrainerOptions { RunFolder = _given["one"], Seed = 1, MaxSteps = 2 }).Fit(Data).Dispose();
        Estimator(new NetworkTrainerOptions { RunFolder = _given["two"], Seed = 2, MaxSteps = 2 }).Fit(Data).Dispose();
        Assert.IsFalse(File.ReadAllBytes(_given["one/weights.safetensors"]).AsSpan().SequenceEqual(File.ReadAllBytes(_given["two/weights.safetensors"])));
    }

    private IDataView Data => Given.WithKeys(_ml, _given.Rows);

    private TrainingRequest Console(string run)
    {
        NetworkTrainerOptions small = Given.Small;
        return new TrainingRequest
        {
            Data = [_given.Pictures], Run = _given[run], Seed = 7, Threads = small.Threads, Side = small.Side, ShorterSide = small.ShorterSide, Width = small.Width, BatchSize = small.BatchSize,
            Epochs = small.Epochs, LearningRate = small.LearningRate,
        };
    }

    private NetworkTrainingEstimator Estimator(NetworkTrainerOptions options)
    {
        NetworkTrainerOptions small = Given.Small;
        return _ml.MulticlassClassification.Trainers.AlexNet(options with
        {
            Threads = small.Threads, Side = small.Side, ShorterSide = small.ShorterSide, Width = small.Width, BatchSize = small.BatchSize, Epochs = small.Epochs, LearningRate = small.LearningRate,
        });
    }

    private static void AssertSame(string a, string b) => Assert.IsTrue(File.ReadAllBytes(a).AsSpan().SequenceEqual(File.ReadAllBytes(b)), $"{a} and {b} differ");
}
