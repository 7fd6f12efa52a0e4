using AlexNetMl.Imaging;
using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

[TestClass]
public sealed class LoaderTests
{
    [TestMethod]
    [DataRow(1L << 30)]
    [DataRow(0L)]           // no memory for the squares: decoded at use
    public void WorkersDoNotChangeTheBatches(long cacheBytes)
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder images = Given.TwoClasses(folder.Path, 11);
        List<float[]> one = Batches(images, cacheBytes, workers: 1);
        Assert.HasCount(2 * 5, one);            // 22 pictures in fives, two epochs
        foreach (int workers in new[] { 3, 8 })
        {
            List<float[]> batches = Batches(images, cacheBytes, workers);
            for (int i = 0; i < one.Count; i++)
                CollectionAssert.AreEqual(one[i], batches[i], $"{workers} workers, batch {i}");
        }
        CollectionAssert.AreNotEqual(one[0], one[5]);
        Assert.AreEqual(2 * 3 * 16 * 16 + 2, one[4].Length);
    }

    private static List<float[]> Batches(ImageFolder images, long cacheBytes, int workers)
    {
        var options = new TrainerOptions { CacheBytes = cacheBytes };
        PictureStore store = PictureStore.Open(images, Given.SmallPictures, options, 2, CancellationToken.None);
        Assert.AreEqual(cacheBytes > 0, store.InMemory);
        using var loader = new BatchLoader(store, Given.SmallPictures, new Augmentation(1, new AugmentationOptions(), Given.SmallPictures), epoch => Order(store, epoch), 2, 5, workers);
        var batches = new List<float[]>();
        for (int number = 0; number < 2 * loader.BatchesPerEpoch; number++)
        {
            Batch batch = loader.Take(number, CancellationToken.None);
            using Tensor inputs = batch.Inputs.narrow(0, 0, batch.Count);
            using Tensor labels = batch.Labels.narrow(0, 0, batch.Count);
            using Tensor floats = labels.to(ScalarType.Float32);
            batches.Add([.. Given.Floats(inputs), .. Given.Floats(floats)]);
            loader.Release(batch);
        }
        return batches;
    }

    private static int[] Order(PictureStore store, int epoch)
    {
        int[] order = [.. store.All];
        new CounterRandom(1, RandomStream.Shuffle, epoch, 0).Shuffle<int>(order);
        return order;
    }

    /// <summary>What is evaluated here is what scoring sees: the centre window equals ImagePreprocessing.ToTensor's for odd sizes too.</summary>
    [TestMethod]
    [DataRow(33, 21, 18, 16)]
    [DataRow(21, 33, 17, 16)]
    [DataRow(40, 23, 19, 16)]
    [DataRow(16, 37, 16, 16)]
    [DataRow(50, 49, 21, 16)]
    public void CentreWindowIsTheServingOne(int width, int height, int shorter, int crop)
    {
        using TemporaryFolder folder = Given.Folder();
        var pixels = new byte[width * height * 3];
        new Random(width).NextBytes(pixels);
        string path = folder.File("a.png");
        File.WriteAllBytes(path, PngEncoder.Encode(new RgbImage(width, height, pixels)));
        ImagePreprocessing preprocessing = Given.SmallPictures with { ShorterSide = shorter, CropSide = crop };
        var expected = new float[preprocessing.TensorLength];
        preprocessing.ToTensor(ImageFile.Load(path), expected);

        PictureStore store = PictureStore.Open(new ImageFolder(["a", "b"], [new LabeledImage(path, 0)]), preprocessing, new TrainerOptions(), 1, CancellationToken.None);
        using var loader = new BatchLoader(store, preprocessing, Augmentation.None, _ => store.All, 1, 1, 1);
        CollectionAssert.AreEqual(expected, Given.Floats(loader.Take(0, CancellationToken.None).Inputs));
    }

    [TestMethod]
    [DataRow(1L << 30)]
    [DataRow(0L)]
    public void ABrokenPictureIsNamedOrSkipped(long cacheBytes)
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder images = Given.TwoClasses(folder.Path, 6);
        string broken = images.Images[4].Path;
        File.WriteAllText(broken, "not a picture");
        File.WriteAllBytes(images.Images[7].Path, File.ReadAllBytes(images.Images[7].Path).AsSpan(0, 60).ToArray());
        var options = new TrainerOptions { CacheBytes = cacheBytes };
        Exception error = Assert.Throws<Exception>(() => Labels(images, options));
        Assert.Contains(broken, error.Message);
        Assert.HasCount(10, Labels(images, options with { OnBrokenImage = BrokenImageHandling.Skip }));
    }

    [TestMethod]
    public void NothingButBrokenPicturesIsAnError()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder images = Given.TwoClasses(folder.Path, 2);
        foreach (LabeledImage image in images.Images)
            File.WriteAllText(image.Path, "");
        Assert.Contains("None of the 4", Assert.ThrowsExactly<InvalidDataException>(() => Labels(images, new TrainerOptions { OnBrokenImage = BrokenImageHandling.Skip })).Message);
    }

    /// <summary>Broken ones in the middle, at the end and all of a batch: what is left stands in order, with its own pixels.</summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(4)]
    public void WhatIsLeftOfABatchStandsInOrder(int workers)
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder images = Given.TwoClasses(folder.Path, 8);
        float[] Pixels(int index)
        {
            var tensor = new float[Given.SmallPictures.TensorLength];
            Given.SmallPictures.ToTensor(images.Load(index), tensor);
            return tensor;
        }
        int[] broken = [1, 2, 4, 5, 6, 7, 11], whole = [.. Enumerable.Range(0, 16).Except(broken)];
        Dictionary<int, float[]> expected = whole.ToDictionary(i => i, Pixels);
        foreach (int i in broken)
            File.WriteAllText(images.Images[i].Path, "not a picture");
        PictureStore store = PictureStore.Open(images, Given.SmallPictures, new TrainerOptions { CacheBytes = 0, OnBrokenImage = BrokenImageHandling.Skip }, 1, CancellationToken.None);
        using var loader = new BatchLoader(store, Given.SmallPictures, Augmentation.None, _ => store.All, 1, 4, workers);
        for (int number = 0; number < 4; number++)
        {
            int[] left = [.. whole.Where(i => i / 4 == number)];
            Batch batch = loader.Take(number, CancellationToken.None);
            Assert.AreEqual(left.Length, batch.Count);
            Assert.AreEqual(4 - left.Length, batch.Skipped);
            for (int i = 0; i < left.Length; i++)
            {
                Assert.AreEqual(images.Label(left[i]), batch.LabelValues[i]);
                CollectionAssert.AreEqual(expected[left[i]], batch.Picture(i).ToArray(), $"batch {number}, place {i}");
            }
            loader.Release(batch);
        }
    }

    /// <summary>A pipe under a picture's name is an error where its batch is taken; nobody waits for it, and the loader ends.</summary>
    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [Timeout(30_000)]
    public void APipeIsNotWaitedFor()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder images = Given.TwoClasses(folder.File("pictures"), 8);
        string pipe = folder.File("pipe"), last = images.Images[^1].Path;
        using (var make = System.Diagnostics.Process.Start("mkfifo", pipe))
            make.WaitForExit();
        File.Delete(last);
        File.CreateSymbolicLink(last, pipe);
        PictureStore store = PictureStore.Open(images, Given.SmallPictures, new TrainerOptions { CacheBytes = 0 }, 1, CancellationToken.None);
        using var loader = new BatchLoader(store, Given.SmallPictures, Augmentation.None, _ => store.All, 1, 4, 2);
        for (int number = 0; number < 3; number++)
        {
            Batch batch = loader.Take(number, CancellationToken.None);
            loader.Release(batch);
        }
        Assert.Contains("a pipe", Assert.ThrowsExactly<ImageFormatException>(() => loader.Take(3, CancellationToken.None)).Message);
    }

    /// <summary>Ten windows of a picture take one decoding.</summary>
    [TestMethod]
    public void TenWindowsTakeOneDecoding()
    {
        using TemporaryFolder folder = Given.Folder();
        var watched = new WatchedSet(Given.TwoClasses(folder.Path, 5));
        PictureEvaluation.Run(inputs => full([inputs.shape[0], 2], Math.Log(0.5)), watched, Given.SmallPictures, EvaluationCrops.TenCrop, new TrainerOptions { CacheBytes = 0, BatchSize = 30 });
        Assert.AreEqual(10, watched.Loaded);
    }

    /// <summary>Who decodes beside a network on the same cores stands back behind it; decoding ahead, when nothing else runs, does not.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void DecodingBesideTheCpuStandsBack()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder images = Given.TwoClasses(folder.Path, 5);
        int own = WatchedSet.Niceness();
        foreach ((long cache, int expected) in new[] { (0L, Math.Min(19, own + 10)), (1L << 30, own) })
        {
            var watched = new WatchedSet(images);
            PictureEvaluation.Run(inputs => full([inputs.shape[0], 2], Math.Log(0.5)), watched, Given.SmallPictures, EvaluationCrops.Center, new TrainerOptions { CacheBytes = cache, BatchSize = 4 });
            CollectionAssert.AreEqual(Enumerable.Repeat(expected, 10).ToArray(), watched.Nicenesses.ToArray(), $"cache {cache}");
        }
        Assert.AreEqual(own, WatchedSet.Niceness());
    }

    [TestMethod]
    [DataRow("cpu", 3, 0, false, 3)]
    [DataRow("cpu,cpu", 3, 0, false, 3)]
    [DataRow("cpu", 3, 0, true, 1)]
    [DataRow("cpu", 3, 5, true, 5)]
    [DataRow("cuda:0", 3, 2, false, 2)]
    public void WorkersFollowTheThreadsOfTheCpu(string device, int threads, int workers, bool inMemory, int expected) =>
        Assert.AreEqual(expected, new TrainerOptions { Device = device, Threads = threads, Workers = workers }.ResolvedWorkers(inMemory));

    private sealed class WatchedSet(PictureSet pictures) : PictureSet
    {
        internal System.Collections.Concurrent.ConcurrentBag<int> Nicenesses { get; } = [];

        // The 19th field of proc(5)'s stat; the second, in brackets, may hold spaces. 0 where there is none.
        internal static int Niceness() => OperatingSystem.IsLinux()
            ? int.Parse(File.ReadAllText("/proc/thread-self/stat").Split(") ")[^1].Split(' ')[16], System.Globalization.CultureInfo.InvariantCulture)
            : 0;

        private int _loaded;

        internal int Loaded => Volatile.Read(ref _loaded);

        public override IReadOnlyList<string> Classes => pictures.Classes;

        public override int Count => pictures.Count;

        public override int Label(int index) => pictures.Label(index);

        public override string Name(int index) => pictures.Name(index);

        public override RgbImage Load(int index)
        {
            Interlocked.Increment(ref _loaded);
            Nicenesses.Add(Niceness());
            return pictures.Load(index);
        }
    }

    private static List<long> Labels(ImageFolder images, TrainerOptions options)
    {
        PictureStore store = PictureStore.Open(images, Given.SmallPictures, options, 2, CancellationToken.None);
        using var loader = new BatchLoader(store, Given.SmallPictures, Augmentation.None, _ => store.All, 1, 4, 2);
        var labels = new List<long>();
        for (int number = 0; number < loader.BatchesPerEpoch; number++)
        {
            Batch batch = loader.Take(number, CancellationToken.None);
            for (int i = 0; i < batch.Count; i++)
                labels.Add(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(batch.Labels.bytes)[i]);
            loader.Release(batch);
        }
        return labels;
    }

    [TestMethod]
    public void AStoppedLoaderLeavesNothingBehind()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder images = Given.TwoClasses(folder.Path, 20);
        long tensors = Given.TensorCount();
        PictureStore store = PictureStore.Open(images, Given.SmallPictures, new TrainerOptions(), 2, CancellationToken.None);
        for (int i = 0; i < 20; i++)
        {
            var loader = new BatchLoader(store, Given.SmallPictures, Augmentation.None, _ => store.All, 100, 3, 3);
            if (i % 2 == 0)
                loader.Take(0, CancellationToken.None);
            loader.Dispose();
        }
        Assert.AreEqual(tensors, Tensor.TotalCount);
    }
}
