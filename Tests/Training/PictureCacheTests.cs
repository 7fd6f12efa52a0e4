using System.Text;
using AlexNetMl.Imaging;

namespace AlexNetMl.Training.Tests;

[TestClass]
public sealed class PictureCacheTests
{
    [TestMethod]
    public void ACacheHoldsThePicturesSquares()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder pictures = Given.TwoClasses(folder.File("pictures"), 5, side: 23);
        File.WriteAllBytes(pictures.Images[2].Path, PngEncoder.Encode(Noise(31, 20)));
        using PictureCache cache = PictureCache.Build(pictures, Given.SmallPictures, folder.File("cache"), new PictureCacheOptions { Threads = 3 });
        CollectionAssert.AreEqual(pictures.Classes.ToArray(), cache.Classes.ToArray());
        Assert.AreEqual((10, 18, ResamplingFilter.Bilinear, ImageDecoders.Default.Name, 0), (cache.Count, cache.Side, cache.Filter, cache.Decoder, cache.Skipped));
        Assert.AreEqual(pictures.Fingerprint, cache.Fingerprint);
        var square = new byte[3 * 18 * 18];
        for (int i = 0; i < cache.Count; i++)
        {
            Assert.AreEqual((pictures.Label(i), pictures.RelativeName(i)), (cache.Label(i), cache.RelativeName(i)));
            Given.SmallPictures.ToSquare(pictures.Load(i), square);
            CollectionAssert.AreEqual(square, cache.Square(i, Given.SmallPictures, new()).ToArray());
            float[] fromFile = new float[3 * 16 * 16], fromCache = new float[3 * 16 * 16];
            Given.SmallPictures.ToTensor(pictures.Load(i), fromFile);
            Given.SmallPictures.ToTensor(cache.Load(i), fromCache);
            CollectionAssert.AreEqual(fromFile, fromCache);
        }
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => cache.Label(10));
        CollectionAssert.AreEquivalent(new[] { "cache.json", "index.bin", "pixels.bin" }, Directory.GetFiles(folder.File("cache")).Select(Path.GetFileName).ToArray());
        (PictureSet training, _) = ((PictureSet)cache).Split(4, 1);
        Assert.IsTrue(training.HoldsSquares);
        CollectionAssert.AreEqual(
            PictureStatistics.Measure(pictures, Given.SmallPictures).MeanImage.ToArray(), PictureStatistics.Measure(cache, Given.SmallPictures).MeanImage.ToArray());
    }

    [TestMethod]
    public void ChecksumIsCastagnolis()
    {
        Assert.AreEqual(0xE3069283, Crc32C.Of("123456789"u8));          // the check value of the CRC catalogue
        Assert.AreEqual(0x8A9136AA, Crc32C.Of(new byte[32]));           // RFC 3720, B.4
    }

    [TestMethod]
    public void OtherPreprocessingsAreRefused()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder pictures = Given.TwoClasses(folder.File("pictures"), 2);
        using PictureCache cache = PictureCache.Build(pictures, Given.SmallPictures, folder.File("cache"));
        var options = new TrainerOptions();
        Open(Given.SmallPictures);
        Open(Given.SmallPictures with { CropSide = 12, Mean = [0f, 0f, 0f] });
        Assert.Contains("holds squares of 18, resized Bilinear; the preprocessing asks for 20", Assert.ThrowsExactly<ArgumentException>(() => Open(Given.SmallPictures with { ShorterSide = 20 })).Message);
        Assert.Contains("Bicubic", Assert.ThrowsExactly<ArgumentException>(() => Open(Given.SmallPictures with { Filter = ResamplingFilter.Bicubic })).Message);
        Assert.Contains("multiple of 4", Assert.ThrowsExactly<ArgumentException>(() => Open(Given.SmallPictures with { CropSide = 15 })).Message);
        Assert.ThrowsExactly<ArgumentException>(() => PictureStatistics.Measure(((PictureSet)cache).Split(1, 1).HeldOut, Given.SmallPictures with { ShorterSide = 20 }));

        void Open(ImagePreprocessing preprocessing) => PictureStore.Open(cache, preprocessing, options, 1, CancellationToken.None);
    }

    [TestMethod]
    public void AFinishedCacheIsNotOverwrittenUnasked()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder pictures = Given.TwoClasses(folder.File("pictures"), 2), more = Given.TwoClasses(folder.File("more"), 3);
        string place = folder.File("cache");
        PictureCache.Build(pictures, Given.SmallPictures, place).Dispose();
        Assert.Contains("holds a finished picture cache", Assert.ThrowsExactly<IOException>(() => PictureCache.Build(more, Given.SmallPictures, place)).Message);
        using (PictureCache again = PictureCache.Build(more, Given.SmallPictures, place, new PictureCacheOptions { Overwrite = true }))
            Assert.AreEqual(6, again.Count);

        // A cache may even be rebuilt from itself.
        using PictureCache old = PictureCache.Open(place);
        using PictureCache self = PictureCache.Build(old, Given.SmallPictures, place, new PictureCacheOptions { Overwrite = true });
        Assert.AreEqual(more.Fingerprint, self.Fingerprint);
    }

    [TestMethod]
    public void AnInterruptedBuildLooksUnfinishedAndStartsOver()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder pictures = Given.TwoClasses(folder.File("pictures"), 20);
        string place = folder.File("cache");
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(() => PictureCache.Build(pictures, Given.SmallPictures, place, null, null, stop.Token));
        Assert.IsFalse(Directory.Exists(place));

        // What a kill leaves: everything but the description.
        PictureCache.Build(pictures, Given.SmallPictures, place).Dispose();
        File.Delete(Path.Combine(place, "cache.json"));
        Assert.Contains("cache.json is missing", Assert.ThrowsExactly<InvalidDataException>(() => PictureCache.Open(place)).Message);
        using PictureCache cache = PictureCache.Build(pictures, Given.SmallPictures, place);
        Assert.AreEqual(40, cache.Count);
    }

    [TestMethod]
    public void BrokenPicturesStopOrAreLeftOut()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder pictures = Given.TwoClasses(folder.File("pictures"), 4);
        string place = folder.File("cache");
        File.WriteAllText(pictures.Images[1].Path, "broken");
        File.WriteAllText(pictures.Images[6].Path, "broken");
        Assert.StartsWith(pictures.Images[1].Path, Assert.ThrowsExactly<ImageFormatException>(() => PictureCache.Build(pictures, Given.SmallPictures, place)).Message);
        Assert.IsFalse(Directory.Exists(place));
        var skip = new PictureCacheOptions { OnBrokenImage = BrokenImageHandling.Skip };
        using (PictureCache cache = PictureCache.Build(pictures, Given.SmallPictures, place, skip))
        {
            Assert.AreEqual((6, 2), (cache.Count, cache.Skipped));
            CollectionAssert.AreEqual(
                new[] { "dark/0000.png", "dark/0002.png", "dark/0003.png", "light/0000.png", "light/0001.png", "light/0003.png" },
                Enumerable.Range(0, 6).Select(cache.RelativeName).ToArray());
        }
        foreach (LabeledImage image in pictures.Images)
            File.WriteAllText(image.Path, "broken");
        Assert.Contains("None of the 8", Assert.ThrowsExactly<InvalidDataException>(() => PictureCache.Build(pictures, Given.SmallPictures, folder.File("none"), skip)).Message);
    }

    [TestMethod]
    public void TooLittleRoomIsFoundBeforeAnythingIsWritten()
    {
        using TemporaryFolder folder = Given.Folder();
        string message = Assert.ThrowsExactly<IOException>(() => PictureCache.Build(new Endless(), new ImagePreprocessing { ShorterSide = 8192 }, folder.File("cache"))).Message;
        Assert.Contains("MB free", message);
        Assert.IsFalse(Directory.Exists(folder.File("cache")));
    }

    [TestMethod]
    public void AFlippedPixelIsFoundAtItsPicture()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder pictures = Given.TwoClasses(folder.File("pictures"), 3);
        string place = folder.File("cache"), pixels = Path.Combine(place, "pixels.bin");
        PictureCache.Build(pictures, Given.SmallPictures, place).Dispose();
        byte[] bytes = File.ReadAllBytes(pixels);
        foreach (int at in new[] { 0, 4 * 972, 5 * 972 - 1, 6 * 972 - 1 })
        {
            byte[] damaged = [.. bytes];
            damaged[at] ^= 4;
            File.WriteAllBytes(pixels, damaged);
            using PictureCache cache = PictureCache.Open(place);
            int picture = at / 972;
            for (int i = 0; i < 6; i++)
            {
                if (i != picture)
                    cache.Load(i);
            }
            string message = Assert.ThrowsExactly<InvalidDataException>(() => cache.Load(picture)).Message;
            Assert.Contains($"'{place}' is damaged: picture {picture} ('{pictures.RelativeName(picture)}')", message);
            Assert.Contains("build the cache again", message);
            // Skipping broken pictures is no excuse for a broken disk.
            var options = new TrainerOptions { OnBrokenImage = BrokenImageHandling.Skip };
            PictureStore store = PictureStore.Open(cache, Given.SmallPictures, options, 1, CancellationToken.None);
            using var loader = new BatchLoader(store, Given.SmallPictures, Augmentation.None, _ => store.All, 1, 6, 1);
            Assert.ThrowsExactly<InvalidDataException>(() => loader.Take(0, CancellationToken.None));
        }
    }

    [TestMethod]
    public void FilesOfWrongSizesAreFoundAtOpening()
    {
        using TemporaryFolder folder = Given.Folder();
        string place = folder.File("cache");
        PictureCache.Build(Given.TwoClasses(folder.File("pictures"), 3), Given.SmallPictures, place).Dispose();
        foreach (string name in new[] { "pixels.bin", "index.bin" })
        {
            byte[] bytes = File.ReadAllBytes(Path.Combine(place, name));
            foreach (byte[] wrong in new[] { [], bytes[..^1], [.. bytes, 0] })
            {
                File.WriteAllBytes(Path.Combine(place, name), wrong);
                Assert.Contains($"{name} has {wrong.Length} bytes instead of {bytes.Length}", Assert.ThrowsExactly<InvalidDataException>(() => PictureCache.Open(place)).Message);
            }
            File.Delete(Path.Combine(place, name));
            Assert.Contains($"{name} is missing", Assert.ThrowsExactly<InvalidDataException>(() => PictureCache.Open(place)).Message);
            File.WriteAllBytes(Path.Combine(place, name), bytes);
        }
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => PictureCache.Open(folder.File("none")));
        PictureCache.Open(place).Dispose();
    }

    [TestMethod]
    public void DamagedDescriptionsAndIndexesAreRefused()
    {
        using TemporaryFolder folder = Given.Folder();
        string place = folder.File("cache"), json = Path.Combine(place, "cache.json"), index = Path.Combine(place, "index.bin");
        PictureCache.Build(Given.TwoClasses(folder.File("pictures"), 3), Given.SmallPictures, place).Dispose();
        byte[] goodJson = File.ReadAllBytes(json), goodIndex = File.ReadAllBytes(index);
        var random = new Random(2);
        for (int i = 0; i < 600; i++)
        {
            byte[] damaged = [.. goodIndex];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(index, damaged);
            Assert.Contains("build the cache again", Assert.ThrowsExactly<InvalidDataException>(() => PictureCache.Open(place)).Message);

            // With a checksum that fits again nothing but the format stands in the way.
            for (int n = random.Next(1, 5); n > 0; n--)
                damaged[random.Next(damaged.Length - 4)] = (byte)random.Next(256);
            BitConverter.TryWriteBytes(damaged.AsSpan(^4..), Crc32C.Of(damaged.AsSpan(..^4)));
            File.WriteAllBytes(index, damaged);
            Refused(place);
        }
        File.WriteAllBytes(index, goodIndex);

        int refused = 0;
        for (int i = 0; i < 1500; i++)
        {
            byte[] damaged = [.. goodJson];
            for (int n = random.Next(1, 4); n > 0; n--)
                damaged[random.Next(damaged.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : "0123456789-.,:{}[]\"null"u8[random.Next(23)];
            File.WriteAllBytes(json, damaged);
            refused += Refused(place) ? 1 : 0;
        }
        Assert.IsGreaterThan(1000, refused);
        foreach (string text in new[] { "", "{}", "[]", "null", "3", Encoding.UTF8.GetString(goodJson).Replace("\"version\": 1", "\"version\": 2", StringComparison.Ordinal), new string('[', 100_000) })
        {
            File.WriteAllText(json, text);
            Assert.IsTrue(Refused(place), text);
        }

        static bool Refused(string place)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                PictureCache.Open(place).Dispose();
                return false;
            }
            catch (InvalidDataException)
            {
                return true;
            }
            finally
            {
                Assert.IsLessThan(4 << 20, GC.GetAllocatedBytesForCurrentThread() - before);
            }
        }
    }

    [TestMethod]
    public void ADisposedCacheIsAnErrorNotACrash()
    {
        using TemporaryFolder folder = Given.Folder();
        PictureCache cache = PictureCache.Build(Given.TwoClasses(folder.File("pictures"), 6), Given.SmallPictures, folder.File("cache"));
        PictureStore store = PictureStore.Open(cache, Given.SmallPictures, new TrainerOptions(), 1, CancellationToken.None);
        using (var loader = new BatchLoader(store, Given.SmallPictures, Augmentation.None, _ => store.All, 50, 4, 2))
        {
            cache.Dispose();                    // the loader holds on to the mapping
            for (int number = 0; number < 150; number++)
                loader.Release(loader.Take(number, CancellationToken.None));
        }
        Assert.ThrowsExactly<ObjectDisposedException>(() => cache.Load(0));
        Assert.ThrowsExactly<ObjectDisposedException>(() => new BatchLoader(store, Given.SmallPictures, Augmentation.None, _ => store.All, 1, 4, 1));
    }

    private static RgbImage Noise(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        new Random(width).NextBytes(pixels);
        return new RgbImage(width, height, pixels);
    }

    /// <summary>More pictures than any disk holds.</summary>
    private sealed class Endless : PictureSet
    {
        public override IReadOnlyList<string> Classes { get; } = ["a", "b"];

        public override int Count => int.MaxValue;

        public override int Label(int index) => 0;

        public override string Name(int index) => "x";

        public override RgbImage Load(int index) => throw new InvalidOperationException();
    }
}
