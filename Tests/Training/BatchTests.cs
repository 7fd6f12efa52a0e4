using AlexNetMl.Imaging;

namespace AlexNetMl.Training.Tests;

/// <summary>What a batch holds: the formula, from every source, with every augmentation.</summary>
[TestClass]
public sealed class BatchTests
{
    /// <summary>A cache, squares in memory and decoding at use give the same batches, bit for bit, whatever the workers; noise and a mean image included.</summary>
    [TestMethod]
    public void EverySourceGivesTheSameBatches()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder images = Given.TwoClasses(folder.File("pictures"), 11, side: 25);
        (ImagePreprocessing preprocessing, PictureStatistics statistics) = Measured(images);
        using PictureCache cache = PictureCache.Build(images, preprocessing, folder.File("cache"));
        var augmentation = new Augmentation(9, Rich, preprocessing, statistics);
        List<float[]> expected = Batches(images, 1L << 30, preprocessing, augmentation, 1);
        Assert.HasCount(2 * 5, expected);
        foreach ((PictureSet set, long memory, int workers) in new (PictureSet, long, int)[] { (images, 1L << 30, 3), (images, 0, 1), (images, 0, 4), (cache, 0, 1), (cache, 0, 3), (cache, 1L << 30, 2) })
        {
            List<float[]> actual = Batches(set, memory, preprocessing, augmentation, workers);
            for (int i = 0; i < expected.Count; i++)
                CollectionAssert.AreEqual(expected[i], actual[i], $"{set.GetType().Name}, {memory} bytes, {workers} workers, batch {i}");
        }

        // A resumed run goes on with the same batches and loads nothing before.
        List<float[]> resumed = Batches(cache, 0, preprocessing, augmentation, 2, first: 7);
        Assert.HasCount(3, resumed);
        for (int i = 0; i < 3; i++)
            CollectionAssert.AreEqual(expected[7 + i], resumed[i]);
    }

    /// <summary>Each value of a batch against the formula in float64: window shared by three pictures, mirroring, mean image, noise.</summary>
    [TestMethod]
    [DataRow(ColorNoiseScale.Eigenvalue, 1f / 255)]
    [DataRow(ColorNoiseScale.StandardDeviation, 1f)]
    public void ABatchIsTheFormula(ColorNoiseScale scale, float rescale)
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder images = Given.TwoClasses(folder.Path, 6, side: 20);
        (ImagePreprocessing preprocessing, PictureStatistics statistics) = Measured(images, rescale);
        AugmentationOptions options = Rich with { ColorNoise = Rich.ColorNoise! with { Scale = scale, UntilEpoch = 1 } };
        var augmentation = new Augmentation(9, options, preprocessing, statistics);
        PictureStore store = PictureStore.Open(images, preprocessing, new TrainerOptions(), 1, CancellationToken.None);
        var filler = new BatchFiller(store, preprocessing, augmentation);
        using var batch = new Batch(8, 16);
        var windows = new HashSet<(int, int, bool)>();
        for (int epoch = 0; epoch < 2; epoch++)
        {
            int[] pictures = [5, 0, 7, 11, 2, 3, 1, 4];
            filler.Fill(batch, epoch, pictures, new());
            Assert.AreEqual(8, batch.Count);
            for (int i = 0; i < 8; i++)
            {
                Assert.AreEqual(images.Label(pictures[i]), batch.LabelValues[i]);
                (int left, int top, bool flip) = augmentation.Window(epoch, pictures[i / 3 * 3], preprocessing);
                windows.Add((left, top, flip));
                double[] alpha = Alpha(9, epoch, pictures[i], 0.1), shift = new double[3];
                for (int c = 0; c < 3 && epoch == 0; c++)
                {
                    for (int component = 0; component < 3; component++)
                    {
                        double s = scale == ColorNoiseScale.Eigenvalue ? statistics.Eigenvalues[component] : Math.Sqrt(statistics.Eigenvalues[component]);
                        shift[c] += statistics.Eigenvectors[3 * component + c] * alpha[component] * s;
                    }
                }
                RgbImage square = preprocessing.Resize(images.Load(pictures[i]));
                Span<float> actual = batch.Picture(i);
                for (int c = 0; c < 3; c++)
                for (int y = 0; y < 16; y++)
                for (int x = 0; x < 16; x++)
                {
                    int column = left + (flip ? 15 - x : x), row = top + y;
                    double pixel = square.Pixels[(row * 19 + column) * 3 + c] / 255.0, mean = statistics.MeanImage[(c * 19 + row) * 19 + column];
                    double expected = (pixel - mean + shift[c]) / (epoch == 0 ? 1.1 : 1) * 255 * rescale;
                    Assert.AreEqual(expected, actual[(c * 16 + y) * 16 + x], 1e-6 * 255 * rescale);
                }
            }
        }
        Assert.IsGreaterThan(3, windows.Count);
    }

    [TestMethod]
    public void NoiseIsNormalAndFollowsTheComponents()
    {
        using TemporaryFolder folder = Given.Folder();
        (ImagePreprocessing preprocessing, PictureStatistics statistics) = Measured(Given.TwoClasses(folder.Path, 6, side: 20), 1);
        var noise = new ColorNoise { Amplitude = 0.3, Scale = ColorNoiseScale.StandardDeviation };
        var augmentation = new Augmentation(4, new AugmentationOptions { ColorNoise = noise }, preprocessing, statistics);
        const int Draws = 40_000;
        var coordinates = new double[3][];
        for (int component = 0; component < 3; component++)
        {
            coordinates[component] = [.. Enumerable.Range(0, Draws).Select(picture =>
            {
                ColorShift shift = augmentation.Noise(picture % 7, picture)!.Value;
                double along = shift.Red * statistics.Eigenvectors[3 * component] + shift.Green * statistics.Eigenvectors[3 * component + 1] + shift.Blue * statistics.Eigenvectors[3 * component + 2];
                return along / (255 * Math.Sqrt(statistics.Eigenvalues[component]) * 0.3);
            })];
            // Mean, variance, fourth moment and tails of N(0, 1) within five standard errors.
            Assert.AreEqual(0, coordinates[component].Average(), 5 / Math.Sqrt(Draws));
            Assert.AreEqual(1, coordinates[component].Average(a => a * a), 5 * Math.Sqrt(2.0 / Draws));
            Assert.AreEqual(3, coordinates[component].Average(a => a * a * a * a), 5 * Math.Sqrt(96.0 / Draws));
            Assert.AreEqual(0.3173, coordinates[component].Count(a => Math.Abs(a) > 1) / (double)Draws, 5 * Math.Sqrt(0.3173 * 0.6827 / Draws));
        }
        for (int a = 0; a < 3; a++)
            Assert.AreEqual(0, coordinates[a].Zip(coordinates[(a + 1) % 3], (x, y) => x * y).Average(), 5 / Math.Sqrt(Draws));

        Assert.AreEqual(augmentation.Noise(3, 8), new Augmentation(4, new AugmentationOptions { ColorNoise = noise }, preprocessing, statistics).Noise(3, 8));
        Assert.AreNotEqual(augmentation.Noise(3, 8), new Augmentation(5, new AugmentationOptions { ColorNoise = noise }, preprocessing, statistics).Noise(3, 8));
        var until = new Augmentation(4, new AugmentationOptions { ColorNoise = noise with { UntilEpoch = 67 } }, preprocessing, statistics);
        Assert.IsNotNull(until.Noise(66, 1));
        Assert.IsNull(until.Noise(67, 1));
        Assert.IsNull(Augmentation.None.Noise(0, 0));
        Assert.Contains("PictureStatistics", Assert.ThrowsExactly<ArgumentException>(() => new Augmentation(4, new AugmentationOptions { ColorNoise = noise }, preprocessing)).Message);
    }

    /// <summary>Without draws a batch is what scoring makes of the same file, mean image included.</summary>
    [TestMethod]
    [DataRow(33, 21)]
    [DataRow(20, 41)]
    [DataRow(19, 19)]
    public void TrainingAndServingAgree(int width, int height)
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder images = Given.TwoClasses(folder.Path, 3);
        var pixels = new byte[width * height * 3];
        new Random(height).NextBytes(pixels);
        File.WriteAllBytes(images.Images[1].Path, PngEncoder.Encode(new RgbImage(width, height, pixels)));
        (ImagePreprocessing preprocessing, _) = Measured(images);
        foreach (ImagePreprocessing served in new[] { preprocessing, Given.SmallPictures })
        {
            var expected = new float[served.TensorLength];
            served.ToTensor(images.Load(1), expected);
            PictureStore store = PictureStore.Open(images, served, new TrainerOptions(), 1, CancellationToken.None);
            using var loader = new BatchLoader(store, served, Augmentation.None, _ => [1], 1, 1, 1);
            CollectionAssert.AreEqual(expected, Given.Floats(loader.Take(0, CancellationToken.None).Inputs));
        }
    }

    [TestMethod]
    public void CachedBatchesAllocateNothing()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder images = Given.TwoClasses(folder.File("pictures"), 16);
        (ImagePreprocessing preprocessing, PictureStatistics statistics) = Measured(images);
        using PictureCache cache = PictureCache.Build(images, preprocessing, folder.File("cache"));
        var augmentation = new Augmentation(9, Rich, preprocessing, statistics);
        foreach (PictureSet set in new PictureSet[] { cache, ((PictureSet)cache).Split(4, 1).Training, images })
        {
            PictureStore store = PictureStore.Open(set, preprocessing, new TrainerOptions(), 1, CancellationToken.None);
            var filler = new BatchFiller(store, preprocessing, augmentation);
            using var batch = new Batch(8, 16);
            var scratch = new SquareScratch();
            int[] pictures = [0, 5, 3, 7, 2, 1, 10, 11];
            for (int i = 0; i < 50; i++)
                filler.Fill(batch, 0, pictures, scratch);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 500; i++)
                filler.Fill(batch, i & 1, pictures, scratch);
            Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before, set.GetType().Name);

            // The same with workers, taking and releasing; an epoch's order is all that is made anew.
            int[] order = [.. store.All];
            using var loader = new BatchLoader(store, preprocessing, augmentation, _ => order, 2000, 8, 2);
            using var never = new CancellationTokenSource();
            long number = 0, least = long.MaxValue;
            for (int round = 0; round < 6; round++)
            {
                before = GC.GetTotalAllocatedBytes(precise: true);
                for (int i = 0; i < 300; i++, number++)
                    loader.Release(loader.Take(number, never.Token));
                least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);     // the test host allocates now and then
            }
            Assert.IsLessThan(300, least, "bytes in 300 batches");
        }
    }

    private static AugmentationOptions Rich { get; } = new() { PicturesPerCrop = 3, ColorNoise = new ColorNoise { Divisor = 1.1, UntilEpoch = 1 } };

    private static (ImagePreprocessing Preprocessing, PictureStatistics Statistics) Measured(PictureSet images, float rescale = 1f / 255)
    {
        var size = new ImagePreprocessing { ShorterSide = 19, CropSide = 16, RescaleFactor = rescale };
        PictureStatistics statistics = PictureStatistics.Measure(images, size);
        return (statistics.WithMeanImage(size), statistics);
    }

    /// <summary>Box and Muller on the four numbers of the picture's Philox block.</summary>
    private static double[] Alpha(long seed, int epoch, int picture, double amplitude)
    {
        (uint a, uint b, uint c, uint d) = Philox.Block((uint)seed, (uint)(seed >> 32), 0, (uint)picture, (uint)epoch, 4);
        double Unit(uint x) => (x + 0.5) / Math.Pow(2, 32);
        double first = Math.Sqrt(-2 * Math.Log(Unit(a))), second = Math.Sqrt(-2 * Math.Log(Unit(c)));
        return [amplitude * first * Math.Cos(2 * Math.PI * Unit(b)), amplitude * first * Math.Sin(2 * Math.PI * Unit(b)), amplitude * second * Math.Cos(2 * Math.PI * Unit(d))];
    }

    private static List<float[]> Batches(PictureSet images, long cacheBytes, ImagePreprocessing preprocessing, Augmentation augmentation, int workers, long first = 0)
    {
        PictureStore store = PictureStore.Open(images, preprocessing, new TrainerOptions { CacheBytes = cacheBytes }, 2, CancellationToken.None);
        using var loader = new BatchLoader(store, preprocessing, augmentation, epoch => Order(store, epoch), 2, 5, workers, first);
        var batches = new List<float[]>();
        for (long number = first; number < 2 * loader.BatchesPerEpoch; number++)
        {
            Batch batch = loader.Take(number, CancellationToken.None);
            var values = new List<float>();
            for (int i = 0; i < batch.Count; i++)
                values.AddRange([.. batch.Picture(i), batch.LabelValues[i]]);
            batches.Add([.. values]);
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
}
