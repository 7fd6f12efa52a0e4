using System.Security.Cryptography;
using AlexNetMl.Imaging;

namespace AlexNetMl.Training.Tests;

/// <summary>Pictures of a run that cannot be decoded, and pictures that cannot be read.</summary>
[TestClass]
public sealed class BrokenPictureTests : IDisposable
{
    private const int LoadsUntilAStep4IsPast = 130;         // 48 to begin with, four batches of eight, and what is read ahead
    private readonly TemporaryFolder _folder = Given.Folder();
    private readonly ImageFolder _pictures;

    public BrokenPictureTests() => _pictures = Given.TwoClasses(_folder.File("pictures"), 24);

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void WhatIsLeftOutIsListedAndTheSameInMemoryAndNot()
    {
        Break(_pictures.Images[3].Path);
        Assert.AreEqual(1, TrainingJob.Run(Request("memory") with { OnBrokenImage = BrokenImageHandling.Skip }).Result.SkippedImages);
        Assert.AreEqual(1, TrainingJob.Run(Request("decoded", cacheBytes: 0) with { OnBrokenImage = BrokenImageHandling.Skip }).Result.SkippedImages);
        foreach (string run in new[] { "memory", "decoded" })
            StringAssert.StartsWith(File.ReadAllLines(_folder.File($"{run}/skipped.txt")).Single(), _pictures.Images[3].Path + "\t");
        Assert.AreEqual(Weights("memory"), Weights("decoded"));
    }

    /// <summary>An epoch has as many steps with one picture less to read.</summary>
    [TestMethod]
    public void APictureThatGoesBadBetweenSessionsIsLeftOutWhereAskedFor()
    {
        TrainingJob.Run(Request("run") with { MaxSteps = 7 });
        Break(_pictures.Images[3].Path);
        string message = Assert.ThrowsExactly<ImageFormatException>(() => TrainingJob.Run(Request("run") with { Resume = true })).Message;
        Assert.Contains(_pictures.Images[3].Path, message);
        Assert.Contains("OnBrokenImage", message);
        Assert.Contains("resume", message);
        TrainingOutcome resumed = TrainingJob.Run(Request("run") with { Resume = true, OnBrokenImage = BrokenImageHandling.Skip, MaxSteps = 9 });
        Assert.AreEqual((7L, 9L, 1), (resumed.Result.FirstStep, resumed.Result.Steps, resumed.Result.SkippedImages));
        // Not asked for again, it is as it was; back to stopping there is no way.
        Assert.AreEqual(18, TrainingJob.Run(Request("run") with { Resume = true }).Result.Steps);
        Assert.Contains("onBrokenImage", Assert.ThrowsExactly<InvalidOperationException>(() => TrainingJob.Run(Request("run") with { Resume = true, OnBrokenImage = BrokenImageHandling.Stop })).Message);
    }

    [TestMethod]
    public void ABrokenValidationPictureIsFoundBeforeTheFirstStep()
    {
        ImageFolder held = Given.TwoClasses(_folder.File("held"), 4);
        Break(held.Images[2].Path);
        TrainingRequest request = Request("run", cacheBytes: 0) with { Validation = _folder.File("held") };
        Assert.Contains(held.Images[2].Path, Assert.ThrowsExactly<ImageFormatException>(() => TrainingJob.Run(request)).Message);
        Assert.IsFalse(Directory.Exists(request.Run));
        Assert.AreEqual(1, TrainingJob.Run(request with { OnBrokenImage = BrokenImageHandling.Skip }).Result.SkippedImages);
    }

    [TestMethod]
    public void PicturesMissingFromTheStartAreBrokenOnes()
    {
        File.Delete(_pictures.Images[5].Path);
        TrainingRequest request = Request("run", cacheBytes: 0) with { Data = null, Pictures = _pictures, OnBrokenImage = BrokenImageHandling.Skip };
        Assert.AreEqual(1, TrainingJob.Run(request).Result.SkippedImages);
    }

    /// <summary>The storage goes away under a run that leaves out broken pictures: it does not train on without them.</summary>
    [TestMethod]
    public void AnOutageIsNoBrokenPicture()
    {
        foreach (Exception outage in new Exception[] { new IOException("Input/output error"), new FileNotFoundException("Could not find file"), new UnauthorizedAccessException("denied"), new ImageFormatException("the file is empty") })
        {
            string run = outage.GetType().Name;
            var failing = new FailingPictures(_pictures, LoadsUntilAStep4IsPast, outage);
            TrainingRequest request = Request(run, cacheBytes: 0) with { Data = null, Pictures = failing, OnBrokenImage = BrokenImageHandling.Skip };
            Exception error = Assert.Throws<Exception>(() => TrainingJob.Run(request));
            Assert.Contains("storage", error.Message);
            Assert.IsGreaterThanOrEqualTo(4, TrainingRun.NewestCheckpoint(_folder.File(run))!.Value);
        }
    }

    private TrainingRequest Request(string run, long cacheBytes = 1 << 30)
    {
        Recipe recipe = NetworkCatalog.Default.Get("alexnet").Recipe("default");
        return new TrainingRequest
        {
            OwnRecipe = recipe with { Training = recipe.Training with { CacheBytes = cacheBytes } },
            Data = [_folder.File("pictures")], Run = _folder.File(run), Side = 16, ShorterSide = 18, Width = 0.01, Epochs = 3, BatchSize = 8, Threads = 1,
            RunOptions = new TrainingRunOptions { CheckpointEvery = 4, LogEvery = 1 },
        };
    }

    private static void Break(string path) => File.WriteAllText(path, "no picture");

    private string Weights(string run) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(_folder.File($"{run}/weights.safetensors"))));

    /// <summary>Pictures that can be loaded so many times in all.</summary>
    private sealed class FailingPictures(PictureSet whole, int loads, Exception then) : PictureSet
    {
        private int _loads;

        public override IReadOnlyList<string> Classes => whole.Classes;

        public override int Count => whole.Count;

        public override int Label(int index) => whole.Label(index);

        public override string Name(int index) => whole.Name(index);

        public override RgbImage Load(int index) => Interlocked.Increment(ref _loads) <= loads ? whole.Load(index) : throw then;
    }
}
