using System.Security.Cryptography;
using System.Text.Json.Nodes;
using AlexNetMl.Imaging;

namespace AlexNetMl.Training.Tests;

/// <summary>Runs in folders: resumed, damaged, asked for twice.</summary>
[TestClass]
public sealed class TrainingJobTests : IDisposable
{
    private readonly TemporaryFolder _folder = Given.Folder();

    public TrainingJobTests() => Given.TwoClasses(Pictures, 24);

    private string Pictures => _folder.File("pictures");

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void ARunLeavesWhatItShould()
    {
        TrainingOutcome outcome = TrainingJob.Run(Request("run"));
        Assert.AreEqual(3 * 6, outcome.Result.Steps);           // 43 pictures in eights, three epochs
        foreach (string file in new[] { "run.json", "preprocessor_config.json", "statistics.safetensors", "metrics.jsonl", "report.html", "weights.safetensors", "best.safetensors", "checkpoints/18/weights.safetensors", "checkpoints/18/optimizer.safetensors", "checkpoints/18/state.json" })
            Assert.IsTrue(File.Exists(_folder.File($"run/{file}")), file);
        JsonNode[] lines = [.. File.ReadLines(_folder.File("run/metrics.jsonl")).Select(line => JsonNode.Parse(line)!)];
        Assert.HasCount(18, lines.Where(line => (string)line["kind"]! == "step"));
        Assert.HasCount(3, lines.Where(line => (string)line["kind"]! == "epoch"));
        CollectionAssert.AreEqual(lines.Select(line => (long)line["step"]!).Order().ToArray(), lines.Select(line => (long)line["step"]!).ToArray());
        Assert.Contains("<svg", File.ReadAllText(_folder.File("run/report.html")));
        Assert.DoesNotContain("http-equiv", File.ReadAllText(_folder.File("run/report.html")));
        Assert.AreEqual(2, Directory.GetDirectories(_folder.File("run/checkpoints")).Length);

        using TrainedNetwork trained = TrainedNetwork.Load(_folder.File("run"));
        CollectionAssert.AreEqual(new[] { "dark", "light" }, trained.Run.Classes.ToArray());
        EvaluationResult result = new NetworkTrainer(new TrainerOptions()).Evaluate(trained.Network, ImageFolder.Scan(Pictures), trained.Preprocessing);
        Assert.AreEqual(48, result.Images);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    [DataRow(12)]               // the end of an epoch
    public void AResumedRunEndsAsOneThatWasNeverStopped(int stop)
    {
        TrainingJob.Run(Request("whole"));
        TrainingJob.Run(Request("parts") with { MaxSteps = stop });
        var notices = new List<string>();
        TrainingOutcome resumed = TrainingJob.Run(Request("parts") with { Resume = true, Workers = 3 }, new TrainingListeners(notices.Add));
        Assert.Contains($"resumed at step {stop}", string.Join('\n', notices));
        Assert.AreEqual((stop, 18L), (resumed.Result.FirstStep, resumed.Result.Steps));
        AssertSame("weights.safetensors", "whole", "parts");
        AssertSame("best.safetensors", "whole", "parts");
        CollectionAssert.AreEqual(Metrics("whole"), Metrics("parts"));
        Assert.HasCount(3, resumed.Result.Epochs);
    }

    /// <summary>A run that ended and goes on has weights of its former end beside newer checkpoints.</summary>
    [TestMethod]
    public void TheLatestWeightsAreTheRuns()
    {
        TrainingRequest request = Request("run") with { Validation = "0" };
        TrainingJob.Run(request with { MaxSteps = 3 });
        Assert.AreEqual(_folder.File("run/weights.safetensors"), Taken());
        StopAfter(request with { Resume = true }, step: 9);
        Assert.AreEqual(_folder.File($"run/checkpoints/{TrainingRun.NewestCheckpoint(request.Run)}/weights.safetensors"), Taken());
        TrainingJob.Run(request with { Resume = true });
        Assert.AreEqual(_folder.File("run/weights.safetensors"), Taken());
    }

    /// <summary>What a run that ends inside its first epoch stands at is its last, not its best.</summary>
    [TestMethod]
    public void APartOfAnEpochIsNotTheBest()
    {
        TrainingJob.Run(Request("run") with { MaxSteps = 3 });
        Assert.AreEqual(_folder.File("run/weights.safetensors"), Taken());
        Assert.IsFalse(File.Exists(_folder.File("run/best.safetensors")));
    }

    /// <summary>Killed between the best weights and the checkpoint that names them, and resumed to no epoch's end.</summary>
    [TestMethod]
    public void TheBestIsWhatItsFileHolds()
    {
        BestEpoch best = TrainingJob.Run(Request("run") with { MaxSteps = 6 }).Result.Best!;
        Directory.Delete(_folder.File("run/checkpoints/6"), recursive: true);
        Assert.AreEqual(best, TrainingJob.Run(Request("run") with { Resume = true, MaxSteps = 5 }).Result.Best);
        TrainingResult whole = TrainingJob.Run(Request("whole")).Result, resumed = TrainingJob.Run(Request("run") with { Resume = true }).Result;
        Assert.AreEqual(whole.Epochs.Max(epoch => epoch.ValidationAccuracy), whole.Best!.Accuracy);
        Assert.AreEqual(whole.Best, resumed.Best);
        AssertSame("best.safetensors", "whole", "run");
    }

    /// <summary>The best figures of a part of an epoch are not those of the best weights.</summary>
    [TestMethod]
    public void APartOfALaterEpochIsNotTheBest()
    {
        TrainingResult result = TrainingJob.Run(Request("run") with { MaxSteps = 8, LearningRate = 1e-9 }).Result;
        Assert.HasCount(2, result.Epochs);
        Assert.AreEqual(1, result.Best!.Epoch);
        Assert.IsNull(TrainingJob.Run(Request("first") with { MaxSteps = 3 }).Result.Best);
    }

    [TestMethod]
    public void ADamagedCheckpointIsPassedOver()
    {
        TrainingJob.Run(Request("whole"));
        foreach (string file in new[] { "weights.safetensors", "optimizer.safetensors", "state.json" })
        {
            string run = $"damaged-{file}";
            TrainingJob.Run(Request(run) with { MaxSteps = 10 });
            string damaged = _folder.File($"{run}/checkpoints/10/{file}");
            File.WriteAllBytes(damaged, File.ReadAllBytes(damaged)[..^7]);
            var notices = new List<string>();
            TrainingOutcome resumed = TrainingJob.Run(Request(run) with { Resume = true }, new TrainingListeners(notices.Add));
            string told = string.Join('\n', notices);
            Assert.Contains(file, told);
            Assert.Contains("resumed at step 8", told);
            AssertSame("weights.safetensors", "whole", run);
        }
    }

    [TestMethod]
    public void WithoutAWholeCheckpointTheRunSaysSo()
    {
        TrainingJob.Run(Request("run") with { MaxSteps = 10 });
        foreach (string state in Directory.GetFiles(_folder.File("run/checkpoints"), "state.json", SearchOption.AllDirectories))
            File.WriteAllText(state, "{");
        string message = Assert.ThrowsExactly<InvalidDataException>(() => TrainingJob.Run(Request("run") with { Resume = true })).Message;
        Assert.Contains("No checkpoint", message);
        Assert.IsTrue(File.Exists(_folder.File("run/weights.safetensors")));
    }

    [TestMethod]
    public void AnotherRunThanTheOneAskedForIsNamed()
    {
        TrainingJob.Run(Request("run") with { MaxSteps = 4 });
        byte[] before = File.ReadAllBytes(_folder.File("run/run.json"));
        Assert.ThrowsExactly<RunExistsException>(() => TrainingJob.Run(Request("run")));
        Assert.Contains("recipe.network.width: 0.01, not 0.5", Refused(Request("run") with { Resume = true, Width = 0.5 }));
        Assert.Contains("recipe.training.seed", Refused(Request("run") with { Resume = true, Seed = 9 }));
        Assert.Contains("recipe.network.responseNorm", Refused(Request("run") with { Resume = true, Without = [Ablation.LocalResponseNorm] }));
        File.Delete(Directory.GetFiles(Path.Combine(Pictures, "dark"))[0]);
        Assert.Contains("data.fingerprint", Refused(Request("run") with { Resume = true }));
        CollectionAssert.AreEqual(before, File.ReadAllBytes(_folder.File("run/run.json")));

        string Refused(TrainingRequest request) => Assert.ThrowsExactly<InvalidOperationException>(() => TrainingJob.Run(request)).Message;
    }

    [TestMethod]
    public void WhatGoesByValidationPicturesIsRefusedWithoutThem()
    {
        TrainingRequest request = Request("run") with { Data = [_folder.File("not looked at")], Validation = "0" };
        Assert.Contains("--validation", Assert.ThrowsExactly<TrainingRequestException>(() => TrainingJob.Run(request with { Patience = 3 })).Message);
        Assert.Contains("PlateauSchedule", Assert.ThrowsExactly<TrainingRequestException>(() => TrainingJob.Run(request with { Recipe = "paper" })).Message);
    }

    [TestMethod]
    public void WhatIsNotGivenAgainIsAsItWas()
    {
        TrainingJob.Run(Request("run") with { MaxSteps = 4 });
        TrainingOutcome resumed = TrainingJob.Run(new TrainingRequest { Run = _folder.File("run"), Resume = true, Threads = 1, RunOptions = Often });
        Assert.AreEqual(18, resumed.Result.Steps);
        Assert.AreEqual(0.01, resumed.Run.Network.Width);
    }

    [TestMethod]
    public void ResumingNothingStartsAnewAndSaysSo()
    {
        var notices = new List<string>();
        TrainingJob.Run(Request("fresh") with { Resume = true, MaxSteps = 2 }, new TrainingListeners(notices.Add));
        Assert.Contains("starts anew", string.Join('\n', notices));
        Assert.DoesNotContain("resumed", string.Join('\n', notices));
    }

    [TestMethod]
    public void ATornLineOfTheLogIsDropped()
    {
        TrainingJob.Run(Request("whole"));
        TrainingJob.Run(Request("torn") with { MaxSteps = 12 });
        File.AppendAllText(_folder.File("torn/metrics.jsonl"), "{\"kind\":\"step\",\"step\":13,\"los");
        TrainingJob.Run(Request("torn") with { Resume = true });
        CollectionAssert.AreEqual(Metrics("whole"), Metrics("torn"));
    }

    [TestMethod]
    public void ARunInUseIsNotOpenedTwice()
    {
        TrainingJob.Run(Request("run") with { MaxSteps = 4 });
        using TrainingRun open = TrainingRun.Open(_folder.File("run"));
        Assert.Contains("another process", Assert.ThrowsExactly<IOException>(() => TrainingJob.Run(Request("run") with { Resume = true })).Message);
    }

    [TestMethod]
    public void ADivergedRunKeepsItsCheckpointFromBefore()
    {
        TrainingRequest request = Request("run") with { LearningRate = 1e6, Epochs = 40, RunOptions = Often with { CheckpointEvery = 1 } };
        string message = Assert.ThrowsExactly<TrainingDivergedException>(() => TrainingJob.Run(request)).Message;
        long step = TrainingRun.NewestCheckpoint(_folder.File("run"))!.Value;
        string weights = _folder.File($"run/checkpoints/{step}/weights.safetensors");
        Assert.Contains($"start a new run from '{weights}' with a lower learning rate", message);
        Assert.Contains(weights, Assert.ThrowsExactly<TrainingDivergedException>(() => TrainingJob.Run(request with { Resume = true })).Message);
        foreach (TorchSharp.torch.Tensor tensor in SafeTensors.Load(_folder.File($"run/checkpoints/{step}/weights.safetensors")).Values)
        {
            using (tensor)
                Assert.IsTrue(Given.Floats(tensor).All(float.IsFinite));
        }
    }

    /// <summary>The way out of a run that diverges: its message names it.</summary>
    [TestMethod]
    public void ANewRunStartsFromACheckpoint()
    {
        TrainingJob.Run(Request("run") with { MaxSteps = 4 });
        var notices = new List<string>();
        string weights = _folder.File("run/checkpoints/4/weights.safetensors");
        TrainingJob.Run(Request("anew") with { From = weights, LearningRate = 1e-3, MaxSteps = 2 }, new TrainingListeners(notices.Add));
        Assert.Contains($"weights: all from {weights}", notices);
    }

    /// <summary>The loss of the last step is still a number, the weights that the step led to are none.</summary>
    [TestMethod]
    public void WeightsThatAreNoNumbersAreNotCheckpointed()
    {
        TrainingRequest request = Request("run") with { LearningRate = 1e38, WeightDecay = 1e6, MaxSteps = 1, Validation = "0" };
        Assert.Contains("after step 1", Assert.ThrowsExactly<TrainingDivergedException>(() => TrainingJob.Run(request)).Message);
        Assert.IsNull(TrainingRun.NewestCheckpoint(request.Run));
    }

    [TestMethod]
    public void ARecipesOwnSeedDrawsTheHeldOutPictures()
    {
        Recipe recipe = NetworkCatalog.Default.Get("alexnet").Recipe("default");
        TrainingRequest request = Request("run") with { OwnRecipe = recipe with { Training = recipe.Training with { Seed = 7 } }, MaxSteps = 2 };
        TrainingJob.Run(request);
        Assert.AreEqual(4, TrainingJob.Run(request with { Resume = true, MaxSteps = 4 }).Result.Steps);
        Assert.AreEqual(5, TrainingJob.Run(new TrainingRequest { Run = request.Run, Resume = true, MaxSteps = 5 }).Result.Steps);
    }

    [TestMethod]
    public void WhatIsLeftOfARunIsNotTakenForANewOnes()
    {
        TrainingJob.Run(Request("run") with { MaxSteps = 7 });
        File.Delete(_folder.File("run/run.json"));
        foreach (string left in new[] { "checkpoints", "best.safetensors", "weights.safetensors" })
        {
            string message = Assert.ThrowsExactly<RunExistsException>(() => TrainingJob.Run(Request("run") with { Resume = true })).Message;
            Assert.Contains(left, message);
            Assert.Contains("run.json", message);
            if (left == "checkpoints")
                Directory.Delete(_folder.File("run/checkpoints"), recursive: true);
            else
                File.Delete(_folder.File($"run/{left}"));
        }
        Assert.AreEqual(2, TrainingJob.Run(Request("run") with { MaxSteps = 2 }).Result.Steps);
    }

    /// <summary>Its steps were another session's: so are the rate and the speed that its figures name.</summary>
    [TestMethod]
    public void AnEpochStoppedDuringValidationKeepsItsFigures()
    {
        TrainingJob.Run(Request("whole"));
        using var stop = new CancellationTokenSource();
        var held = new StoppingPictures(ImageFolder.Scan(Pictures), stop, loads: 48);
        Recipe recipe = NetworkCatalog.Default.Get("alexnet").Recipe("default");
        TrainingRequest request = Request("run") with { ValidationPictures = held, OwnRecipe = recipe with { Training = recipe.Training with { CacheBytes = 0 } } };
        Assert.Throws<OperationCanceledException>(() => TrainingJob.Run(request, null, stop.Token));
        Assert.AreEqual(6, TrainingRun.NewestCheckpoint(request.Run));
        TrainingProgress? closed = null;
        TrainingResult result = TrainingJob.Run(request with { Resume = true, MaxSteps = 7 }, new TrainingListeners(Training: new Listener(progress => closed ??= progress.Completed is null ? null : progress))).Result;
        Assert.IsGreaterThan(0, result.Epochs[0].LearningRate);
        Assert.IsGreaterThan(0, result.Epochs[0].ImagesPerSecond);
        Assert.AreEqual(1, closed!.Epoch);
    }

    [TestMethod]
    public void TrainingEndsWhereNothingBetterComes()
    {
        TrainingOutcome outcome = TrainingJob.Run(Request("run") with { Epochs = 50, Patience = 3, LearningRate = 1e-9 });
        Assert.IsTrue(outcome.Result.StoppedEarly);
        Assert.HasCount(4, outcome.Result.Epochs);              // the first is the best, and three more
    }

    [TestMethod]
    public void SkewedLabelsAreWarnedAbout()
    {
        foreach (string path in Directory.GetFiles(Path.Combine(Pictures, "dark"))[2..])
            File.Delete(path);
        var notices = new List<string>();
        TrainingJob.Run(Request("run") with { MaxSteps = 1, Validation = "0" }, new TrainingListeners(notices.Add));
        Assert.Contains("'light' has 24 pictures and 'dark' 2", string.Join('\n', notices));
    }

    [TestMethod]
    public void TwoHalvesOnTwoDevicesTrainAndResume()
    {
        TrainingRequest halves = Request("halves") with { Device = "cpu,cpu" };
        TrainingJob.Run(halves);
        TrainingJob.Run(halves with { Run = _folder.File("parts"), MaxSteps = 7 });
        TrainingJob.Run(halves with { Run = _folder.File("parts"), Resume = true });
        AssertSame("weights.safetensors", "halves", "parts");
        using TrainedNetwork trained = TrainedNetwork.Load(_folder.File("halves"));
        Assert.IsInstanceOfType<TwoTowerAlexNet>(trained.Network);
    }

    [TestMethod]
    public void TheClassifierAloneIsTrainedWhereTheRestIsFrozen()
    {
        TrainingJob.Run(Request("first"));
        TrainingJob.Run(Request("second") with { From = _folder.File("first/weights.safetensors"), Freeze = true, Seed = 5 });
        IReadOnlyDictionary<string, TorchSharp.torch.Tensor> first = SafeTensors.Load(_folder.File("first/weights.safetensors")), second = SafeTensors.Load(_folder.File("second/weights.safetensors"));
        foreach (string name in first.Keys)
        {
            using TorchSharp.torch.Tensor a = first[name], b = second[name];
            Assert.AreEqual(!name.StartsWith("fc8", StringComparison.Ordinal), Given.Floats(a).SequenceEqual(Given.Floats(b)), name);
        }
    }

    // As Ctrl+C does: the run writes a checkpoint and is not finished.
    private static void StopAfter(TrainingRequest request, int step)
    {
        using var stop = new CancellationTokenSource();
        var listener = new Listener(progress =>
        {
            if (((progress.Epoch - 1) * progress.Steps) + progress.Step >= step)
                stop.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => TrainingJob.Run(request, new TrainingListeners(Training: listener), stop.Token));
    }

    private string Taken()
    {
        using TrainedNetwork trained = TrainedNetwork.Load(_folder.File("run"));
        return trained.Weights;
    }

    /// <summary>Pictures that stop a run when they have been loaded so many times, which the first look does, and again.</summary>
    private sealed class StoppingPictures(PictureSet whole, CancellationTokenSource stop, int loads) : PictureSet
    {
        private int _loads;

        public override IReadOnlyList<string> Classes => whole.Classes;

        public override int Count => whole.Count;

        public override int Label(int index) => whole.Label(index);

        public override string Name(int index) => whole.Name(index);

        public override RgbImage Load(int index)
        {
            if (Interlocked.Increment(ref _loads) == loads + 1)
                stop.Cancel();
            return whole.Load(index);
        }
    }

    private sealed class Listener(Action<TrainingProgress> told) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => told(value);
    }

    private static TrainingRunOptions Often { get; } = new() { CheckpointEvery = 4, LogEvery = 1 };

    private TrainingRequest Request(string run) => new()
    {
        Data = [Pictures], Run = _folder.File(run), Side = 16, ShorterSide = 18, Width = 0.01, Epochs = 3, BatchSize = 8, Threads = 1, RunOptions = Often,
    };

    private void AssertSame(string file, string a, string b) => Assert.AreEqual(Hash(a, file), Hash(b, file), $"{file} of {a} and {b}");

    private string Hash(string run, string file) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(_folder.File($"{run}/{file}"))));

    private string[] Metrics(string run) => [.. File.ReadLines(_folder.File($"{run}/metrics.jsonl")).Select(line =>
    {
        JsonObject values = JsonNode.Parse(line)!.AsObject();
        values.Remove("seconds");
        values.Remove("imagesPerSecond");
        return values.ToJsonString();
    })];
}
