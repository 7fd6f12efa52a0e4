using AlexNetMl.Imaging;
using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

[TestClass]
public sealed class TrainerTests
{
    private static readonly TrainerOptions Quick = new()
    {
        Epochs = 4, BatchSize = 16, LearningRate = 0.02, Threads = 2, Schedule = new OneCycleSchedule(), ProgressInterval = TimeSpan.Zero,
    };

    [TestMethod]
    public void LearnsTwoClasses()
    {
        using TemporaryFolder folder = Given.Folder();
        (ImageFolder training, ImageFolder held) = Given.TwoClasses(folder.Path, 60).Split(20, 1);
        using AlexNet network = Given.SmallNetwork();
        var trainer = new NetworkTrainer(Quick);
        EvaluationResult before = trainer.Evaluate(network, held, Given.SmallPictures);
        var reports = new Recorder();
        TrainingResult result = trainer.Train(network, training, held, Given.SmallPictures, reports);

        Assert.HasCount(4, result.Epochs);
        Assert.AreEqual(4, result.KeptEpoch);
        Assert.AreEqual(0, result.SkippedImages);
        Assert.AreEqual(1.0, result.Epochs[^1].ValidationAccuracy);
        Assert.IsLessThan(before.Loss / 2, result.Epochs[^1].ValidationLoss);
        Assert.IsLessThan(result.Epochs[0].TrainingLoss, result.Epochs[^1].TrainingLoss);
        Assert.IsFalse(network.training);

        EvaluationResult after = trainer.Evaluate(network, held, Given.SmallPictures);
        Assert.AreEqual(result.Epochs[^1].ValidationLoss, after.Loss, 1e-9);
        Assert.AreEqual(20, after.Images);
        Assert.AreEqual((1.0, 1.0), (after.Top1, after.Top5));
        CollectionAssert.AreEqual(new long[] { 10, 0 }, after.Confusion[0].ToArray());
        CollectionAssert.AreEqual(new long[] { 0, 10 }, after.Confusion[1].ToArray());

        Assert.HasCount(4, reports.Values.Where(report => report.Completed is not null));
        Assert.AreEqual(result.Epochs[1], reports.Values.Single(report => report.Completed?.Epoch == 2).Completed);
        TrainingProgress last = reports.Values[^1];
        Assert.AreEqual((4, 4, 7, 7, TimeSpan.Zero), (last.Epoch, last.Epochs, last.Step, last.Steps, last.Remaining));
        Assert.IsTrue(reports.Values.All(report => report.ImagesPerSecond > 0 && report.Loss > 0));
    }

    [TestMethod]
    public void SameSeedSameWeightsWhateverTheWorkers()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder training = Given.TwoClasses(folder.Path, 20);
        Dictionary<string, double[]> first = Trained(Quick with { Workers = 1 });
        AssertEqual(first, Trained(Quick with { Workers = 1 }), equal: true);
        AssertEqual(first, Trained(Quick with { Workers = 2 }), equal: true);
        AssertEqual(first, Trained(Quick with { Workers = 2, CacheBytes = 0 }), equal: true);
        AssertEqual(first, Trained(Quick with { Seed = 2 }), equal: false);

        Dictionary<string, double[]> Trained(TrainerOptions options)
        {
            using AlexNet network = Given.SmallNetwork();
            new NetworkTrainer(options with { Epochs = 2 }).Train(network, training, null, Given.SmallPictures);
            return Given.Weights(network);
        }

        static void AssertEqual(Dictionary<string, double[]> a, Dictionary<string, double[]> b, bool equal) =>
            Assert.AreEqual(equal, a.Keys.All(name => a[name].SequenceEqual(b[name])));
    }

    /// <summary>One step of v ← 0.9 v + (g + λ w), w ← w − ε v, twice, against the numbers from torch's own gradients.</summary>
    [TestMethod]
    public void TheUpdateIsSgdWithMomentumAndDecay()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder training = Given.TwoClasses(folder.Path, 4);
        TrainerOptions options = Quick with { Epochs = 2, BatchSize = 8, Schedule = LearningRateSchedule.Constant, Augmentation = AugmentationOptions.None, WeightDecay = 0.01, Velocity = VelocityForm.RateOutside };
        using AlexNet trained = Given.SmallNetwork(dropout: 0), manual = Given.SmallNetwork(dropout: 0);
        new NetworkTrainer(options).Train(trained, training, null, Given.SmallPictures);

        using var scope = NewDisposeScope();
        PictureStore store = PictureStore.Open(training, Given.SmallPictures, options, 1, CancellationToken.None);
        using var loader = new BatchLoader(store, Given.SmallPictures, Augmentation.None, _ => store.All, 1, 8, 1);
        Batch batch = loader.Take(0, CancellationToken.None);
        var velocity = new Dictionary<string, double[]>();
        for (int step = 0; step < 2; step++)
        {
            manual.zero_grad();
            nn.functional.cross_entropy(manual.call(batch.Inputs), batch.Labels).backward();
            foreach ((string name, Tensor parameter) in manual.named_parameters().Select(pair => (pair.Item1, (Tensor)pair.Item2)))
            {
                float[] weights = Given.Floats(parameter), gradient = Given.Floats(parameter.grad!);
                double[] v = velocity.TryGetValue(name, out double[]? old) ? old : velocity[name] = new double[weights.Length];
                for (int i = 0; i < weights.Length; i++)
                {
                    v[i] = 0.9 * v[i] + gradient[i] + 0.01 * weights[i];
                    weights[i] -= (float)(0.02 * v[i]);
                }
                parameter.bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights.AsSpan());
            }
        }
        Dictionary<string, double[]> expected = Given.Weights(manual), actual = Given.Weights(trained);
        foreach (string name in expected.Keys)
            Assert.IsLessThan(1e-5, Given.RelativeDifference(expected[name], [.. actual[name].Select(value => (float)value)]), name);
    }

    [TestMethod]
    [DataRow(TrainingPrecision.Float32)]
    [DataRow(TrainingPrecision.BFloat16)]
    public void TensorCountStaysFlat(TrainingPrecision precision)
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder training = Given.TwoClasses(folder.Path, 20);
        using AlexNet network = Given.SmallNetwork();
        long before = Given.TensorCount();
        var counts = new List<long>();
        var progress = new Recorder(_ => counts.Add(Tensor.TotalCount));
        new NetworkTrainer(Quick with { Epochs = 20, BatchSize = 8, KeepBestWeights = true, Precision = precision }).Train(network, training, training, Given.SmallPictures, progress);
        Assert.IsGreaterThan(80, counts.Count);
        // The real package leaves the handles of the first gradients to the garbage collector: the count may fall once.
        Assert.IsLessThanOrEqualTo(counts[10], counts.Skip(10).Max(), "tensors alive after step 10, and at it");
        Assert.AreEqual(before, Given.TensorCount());
    }

    [TestMethod]
    [DataRow(TrainingPrecision.Float32)]
    [DataRow(TrainingPrecision.BFloat16)]
    public void FrozenLayersStayAsTheyWere(TrainingPrecision precision)
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder training = Given.TwoClasses(folder.Path, 10);
        using AlexNet network = Given.SmallNetwork();
        long tensors = Given.TensorCount();
        Dictionary<string, double[]> before = Given.Weights(network);
        LayerRate[] frozen = [.. AlexNetOptions.MiddleLayers.Append("conv1").Select(layer => new LayerRate(layer, 0, 0))];
        new NetworkTrainer(Quick with { Epochs = 2, Precision = precision, LayerRates = frozen }).Train(network, training, null, Given.SmallPictures);
        Dictionary<string, double[]> after = Given.Weights(network);
        Assert.AreEqual(tensors, Given.TensorCount());
        foreach (string name in before.Keys)
            Assert.AreEqual(frozen.Any(rate => name.StartsWith(rate.Layer + ".", StringComparison.Ordinal)), before[name].SequenceEqual(after[name]), name);
        Assert.IsTrue(network.parameters().All(parameter => parameter.requires_grad));
    }

    [TestMethod]
    public void BestWeightsAreKept()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder images = Given.TwoClasses(folder.Path, 30);
        TrainerOptions options = Quick with { Epochs = 4, KeepBestWeights = true, Schedule = new UnlearningSchedule() };
        using AlexNet network = Given.SmallNetwork();
        TrainingResult result = new NetworkTrainer(options).Train(network, images, images, Given.SmallPictures);
        double best = result.Epochs.Max(epoch => epoch.ValidationAccuracy);
        Assert.AreEqual(result.Epochs.First(epoch => epoch.ValidationAccuracy == best).Epoch, result.KeptEpoch);
        Assert.IsLessThan(4, result.KeptEpoch);
        EvaluationResult now = new NetworkTrainer(options).Evaluate(network, images, Given.SmallPictures);
        Assert.AreEqual(result.Epochs[result.KeptEpoch - 1].ValidationLoss, now.Loss, 1e-6);
    }

    [TestMethod]
    public void CancellationStopsBetweenSteps()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder training = Given.TwoClasses(folder.Path, 20);
        using AlexNet network = Given.SmallNetwork();
        using var cancellation = new CancellationTokenSource();
        long before = Given.TensorCount();
        var steps = new Recorder(report =>
        {
            if (report is { Epoch: 2, Step: 1 })
                cancellation.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => new NetworkTrainer(Quick with { Epochs = 1000 }).Train(network, training, null, Given.SmallPictures, steps, cancellation.Token));
        Assert.AreEqual((2, 1), (steps.Values[^1].Epoch, steps.Values[^1].Step));
        Assert.AreEqual(before, Given.TensorCount());
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => new NetworkTrainer(Quick).Train(network, training, null, Given.SmallPictures, null, cancelled.Token));
        Assert.Throws<OperationCanceledException>(() => new NetworkTrainer(Quick).Evaluate(network, training, Given.SmallPictures, cancellationToken: cancelled.Token));
    }

    [TestMethod]
    public void ADivergedRunSaysSo()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder training = Given.TwoClasses(folder.Path, 20);
        using AlexNet network = Given.SmallNetwork();
        string message = Assert.ThrowsExactly<TrainingDivergedException>(() => new NetworkTrainer(Quick with { LearningRate = 1e12, Epochs = 50 }).Train(network, training, null, Given.SmallPictures)).Message;
        Assert.Contains("step", message);
        Assert.Contains("learning rate", message);
    }

    [TestMethod]
    public void BrokenPicturesStopOrAreCounted()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder training = Given.TwoClasses(folder.Path, 10);
        string broken = training.Images[3].Path;
        File.WriteAllText(broken, "no picture");
        using AlexNet network = Given.SmallNetwork();
        Assert.Contains(broken, Assert.Throws<ImageFormatException>(() => new NetworkTrainer(Quick).Train(network, training, null, Given.SmallPictures)).Message);
        TrainerOptions skip = Quick with { OnBrokenImage = BrokenImageHandling.Skip, Epochs = 2 };
        Assert.AreEqual(1, new NetworkTrainer(skip).Train(network, training, null, Given.SmallPictures).SkippedImages);
        Assert.AreEqual(1, new NetworkTrainer(skip with { CacheBytes = 0 }).Train(network, training, null, Given.SmallPictures).SkippedImages);
        EvaluationResult result = new NetworkTrainer(skip).Evaluate(network, training, Given.SmallPictures);
        Assert.AreEqual((19, 1), (result.Images, result.SkippedImages));
    }

    [TestMethod]
    public void PiecesThatDoNotFitAreNamed()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder training = Given.TwoClasses(folder.Path, 2);
        var other = new ImageFolder(["light", "dark"], training.Images);
        using AlexNet network = Given.SmallNetwork(), three = Given.SmallNetwork(classes: 3);
        using var headless = nn.Sequential(("flatten", nn.Flatten()), ("fc", nn.Linear(3 * 16 * 16, 5)));
        var trainer = new NetworkTrainer(Quick);
        Assert.Contains("another order", Assert.ThrowsExactly<ArgumentException>(() => trainer.Train(network, training, other, Given.SmallPictures)).Message);
        Assert.Contains("16×16", Assert.ThrowsExactly<ArgumentException>(() => trainer.Train(network, training, null, Given.SmallPictures with { CropSide = 18 })).Message);
        Assert.Contains("3 outputs", Assert.ThrowsExactly<ArgumentException>(() => trainer.Evaluate(three, training, Given.SmallPictures)).Message);
        Assert.Contains("[N, 2]", Assert.ThrowsExactly<ArgumentException>(() => trainer.Train(headless, training, null, Given.SmallPictures)).Message);
        Assert.Contains("KeepBestWeights", Assert.ThrowsExactly<ArgumentException>(() => new NetworkTrainer(Quick with { KeepBestWeights = true }).Train(network, training, null, Given.SmallPictures)).Message);
        Assert.Contains("tpu", Assert.ThrowsExactly<ArgumentException>(() => new NetworkTrainer(Quick with { Device = "tpu" }).Evaluate(network, training, Given.SmallPictures)).Message);
        if (!cuda.is_available())
            Assert.Contains("CUDA", Assert.ThrowsExactly<InvalidOperationException>(() => new NetworkTrainer(Quick with { Device = "cuda:0" }).Evaluate(network, training, Given.SmallPictures)).Message);
    }

    [TestMethod]
    public void EveryOptionIsChecked()
    {
        foreach (TrainerOptions options in new[]
        {
            Quick with { Epochs = 0 }, Quick with { BatchSize = 0 }, Quick with { LearningRate = 0 }, Quick with { LearningRate = double.NaN }, Quick with { Momentum = 1 },
            Quick with { WeightDecay = -1 }, Quick with { LabelSmoothing = 1 }, Quick with { Threads = -1 }, Quick with { Workers = -1 }, Quick with { CacheBytes = -1 },
            Quick with { OnBrokenImage = (BrokenImageHandling)7 }, Quick with { Schedule = new OneCycleSchedule { Warmup = 1 } }, Quick with { Schedule = new OneCycleSchedule { Start = 0 } },
            Quick with { Schedule = new MilestoneSchedule { Multiplier = 0 } }, Quick with { Schedule = new MilestoneSchedule { Epochs = [-1] } },
        })
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new NetworkTrainer(options));
    }

    [TestMethod]
    public void Schedules()
    {
        Assert.AreEqual(1, LearningRateSchedule.Constant.Factor(At(3.5, 4)));
        var steps = new MilestoneSchedule { Epochs = [1, 2.5] };
        Assert.AreEqual(1, steps.Factor(At(0.99, 4)));
        Assert.AreEqual(0.1, steps.Factor(At(1, 4)), 1e-12);
        Assert.AreEqual(0.01, steps.Factor(At(2.5, 4)), 1e-12);
        var cycle = new OneCycleSchedule { Warmup = 0.25, Start = 0.2 };
        Assert.AreEqual(0.2, cycle.Factor(At(0, 4)), 1e-12);
        Assert.AreEqual(0.6, cycle.Factor(At(0.5, 4)), 1e-12);
        Assert.AreEqual(1, cycle.Factor(At(1, 4)), 1e-12);
        Assert.AreEqual(0.5, cycle.Factor(At(2.5, 4)), 1e-12);
        Assert.AreEqual(0, cycle.Factor(At(4, 4)), 1e-12);
        Assert.AreEqual(0.25, (cycle with { Cosine = false }).Factor(At(3.25, 4)), 1e-12);
        Assert.AreEqual(1, new OneCycleSchedule { Warmup = 0 }.Factor(At(0, 4)), 1e-12);
    }

    private static TrainingMoment At(double progress, int epochs) => new(progress, epochs, []);

    [TestMethod]
    public void EvaluationCountsAsByHand()
    {
        var counter = new ScoreCounter(6);
        for (int i = 0; i < 2; i++)
        {
            counter.Add([-6, -5, -4, -3, -2, -1], 0);
            counter.Add([-1, -2, -3, -4, -5, -6], 1);
            counter.Add([-1, -1, -9, -9, -9, -9], 1);            // a tie: the lower index counts as higher
        }
        EvaluationResult result = counter.Result(skipped: 3);
        Assert.AreEqual((6, 3), (result.Images, result.SkippedImages));
        Assert.AreEqual(3.0, result.Loss, 1e-12);
        Assert.AreEqual(0.0, result.Top1, 1e-12);
        Assert.AreEqual(2 / 3.0, result.Top5, 1e-12);
        Assert.AreEqual(2, result.Confusion[0][5]);
        Assert.AreEqual(4, result.Confusion[1][0]);
        Assert.AreEqual(new ClassResult(0, 2, 0, 0, 0), result.Classes[0]);
        Assert.AreEqual(new ClassResult(1, 4, 0, 1, double.NaN), result.Classes[1]);
        Assert.AreEqual(double.NaN, result.Classes[2].Top1);
    }

    [TestMethod]
    public void APictureWithoutScoresIsWrong()
    {
        var counter = new ScoreCounter(6);
        counter.Add([float.NaN, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN], 0);
        counter.Add([-1, -2, -3, -4, -5, float.NaN], 0);
        counter.Add([-1, -2, float.PositiveInfinity, -4, -5, -6], 2);
        counter.Add([0, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity], 0);     // certain
        EvaluationResult result = counter.Result(skipped: 0);
        Assert.AreEqual((4, 3), (result.Images, result.UnscoredImages));
        Assert.AreEqual((0.25, 0.25, double.NaN), (result.Top1, result.Top5, result.Loss));
        Assert.AreEqual(1, result.Confusion.Sum(row => row.Sum()));
        Assert.AreEqual(new ClassResult(0, 3, 1 / 3.0, 1 / 3.0, 1), result.Classes[0]);
        Assert.AreEqual(new ClassResult(2, 1, 0, 0, double.NaN), result.Classes[2]);
    }

    /// <summary>The last step spoils the weights: no step comes after it that would tell.</summary>
    [TestMethod]
    public void AValidationWithoutScoresIsNoResult()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder pictures = Given.TwoClasses(folder.Path, 8);
        using AlexNet network = Given.SmallNetwork();
        TrainerOptions options = Quick with { Epochs = 1, BatchSize = 16, LearningRate = 1e30, KeepBestWeights = true, Schedule = LearningRateSchedule.Constant };
        string message = Assert.ThrowsExactly<TrainingDivergedException>(() => new NetworkTrainer(options).Train(network, pictures, pictures, Given.SmallPictures)).Message;
        Assert.Contains("16 validation pictures", message);
        Assert.Contains("learning rate", message);
    }

    /// <summary>Takes steps so wide in the last epoch that what was learnt is lost.</summary>
    private sealed record UnlearningSchedule : LearningRateSchedule
    {
        public override double Factor(TrainingMoment moment) => moment.Progress < moment.Epochs - 1 ? 1 : 20;
    }

    private sealed class Recorder(Action<TrainingProgress>? then = null) : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> Values { get; } = [];

        public void Report(TrainingProgress value)
        {
            Values.Add(value);
            then?.Invoke(value);
        }
    }
}
