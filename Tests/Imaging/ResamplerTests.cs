using System.Security.Cryptography;
using System.Text.Json;

namespace AlexNetMl.Imaging.Tests;

[TestClass]
public sealed class ResamplerTests
{
    [TestMethod]
    public void Bytes_equal_Pillows_for_every_filter()
    {
        var wrong = new List<string>();
        var cases = 0;
        foreach (var vector in TestPictures.Json("resampler.json").GetProperty("resize").EnumerateArray())
        {
            var image = MakePicture(vector);
            var width = vector.GetProperty("to")[0].GetInt32();
            var height = vector.GetProperty("to")[1].GetInt32();
            var filter = (ResamplingFilter)vector.GetProperty("filter").GetInt32();
            var expected = vector.GetProperty("sha256").GetString();
            var plain = new byte[width * height * 3];
            ImageResampler.Resize(image, width, height, filter, new PixelWindow(0, 0, width, height), plain, vectors: VectorWidth.Scalar);
            if (TestPictures.Sha256(ImageResampler.Resize(image, width, height, filter).Pixels) != expected)
            {
                wrong.Add($"{vector} (vectorized)");
            }

            if (TestPictures.Sha256(plain) != expected)
            {
                wrong.Add($"{vector} (plain loop: {Convert.ToHexStringLower(plain.AsSpan(0, Math.Min(64, plain.Length)))})");
            }

            cases++;
        }

        Assert.AreEqual(360, cases);
        Assert.IsEmpty(wrong, string.Join(Environment.NewLine, wrong));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(128)]
    [DataRow(256)]
    [DataRow(512)]
    public void Random_sizes_equal_Pillows_with_every_width_of_vectors(int bits)
    {
        var vectors = (VectorWidth)bits;
        if (!VectorWidths.IsSupported(vectors))
        {
            Assert.Inconclusive($"This processor has no vectors of {bits} bits.");
        }

        var cases = 0;
        foreach (var vector in TestPictures.Json("resampler.json").GetProperty("random").EnumerateArray())
        {
            var filter = (ResamplingFilter)vector.GetProperty("filter").GetInt32();
            var first = vector.GetProperty("first").GetInt32();
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (var number = first; number < first + 16; number++, cases++)
            {
                var (width, height, newWidth, newHeight) = TestPictures.RandomSizes(number);
                var image = TestPictures.Make(width, height, number, TestPictures.Kinds[(number + (int)filter) % 3]);
                var pixels = new byte[newWidth * newHeight * 3];
                ImageResampler.Resize(image, newWidth, newHeight, filter, new PixelWindow(0, 0, newWidth, newHeight), pixels, vectors);
                hash.AppendData(pixels);
            }

            Assert.AreEqual(vector.GetProperty("sha256").GetString(), Convert.ToHexStringLower(hash.GetHashAndReset()), $"{filter}, one of {first} to {first + 15}");
        }

        Assert.AreEqual(6 * 512, cases);
    }

    [TestMethod]
    public void Every_width_of_vectors_gives_the_plain_loops_bytes_in_any_window()
    {
        VectorWidth[] widths = [.. Enum.GetValues<VectorWidth>().Where(VectorWidths.IsSupported)];
        var random = new Random(13);
        for (var i = 0; i < 600; i++)
        {
            var large = i % 10 == 0 ? 900 : 90;
            var image = TestPictures.Make(random.Next(1, large), random.Next(1, large), i, TestPictures.Kinds[i % 3]);
            int width = random.Next(1, 120), height = random.Next(1, 120);
            int left = random.Next(width), top = random.Next(height);
            var window = new PixelWindow(left, top, random.Next(1, width - left + 1), random.Next(1, height - top + 1));
            var filter = (ResamplingFilter)(1 + (i % 5));
            byte[]? expected = null;
            foreach (var vectors in widths)
            {
                // What lies behind the result must stay as it is.
                var pixels = new byte[(window.Width * window.Height * 3) + 64];
                pixels.AsSpan().Fill(0xa5);
                ImageResampler.Resize(image, width, height, filter, window, pixels.AsSpan(0, pixels.Length - 64), vectors);
                expected ??= pixels;
                Assert.IsTrue(expected.AsSpan().SequenceEqual(pixels), $"case {i}, {filter}, {vectors}");
            }
        }
    }

    [TestMethod]
    public void Into_memory_that_is_there_nothing_is_allocated()
    {
        var image = TestPictures.Make(300, 200, 2);
        var pixels = new byte[100 * 80 * 3];
        var buffer = new ImageBuffer();
        buffer.Set(image);
        var preprocessing = new ImagePreprocessing { ShorterSide = 64, CropSide = 56 };
        var tensor = new float[preprocessing.TensorLength];
        long allocated = long.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            ImageResampler.Resize(image, 100, 80, ResamplingFilter.Bicubic, pixels);
            preprocessing.ToTensor(buffer, tensor);
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.AreEqual(0, allocated);
        CollectionAssert.AreEqual(ImageResampler.Resize(image, 100, 80, ResamplingFilter.Bicubic).Pixels, pixels);
    }

    [TestMethod]
    public void Small_vectors_are_stored_in_full_and_agree_with_their_hashes()
    {
        foreach (var vector in TestPictures.Json("resampler.json").GetProperty("resize").EnumerateArray())
        {
            if (vector.TryGetProperty("bytes", out var bytes))
            {
                var image = ImageResampler.Resize(
                    MakePicture(vector), vector.GetProperty("to")[0].GetInt32(), vector.GetProperty("to")[1].GetInt32(), (ResamplingFilter)vector.GetProperty("filter").GetInt32());
                Assert.AreEqual(bytes.GetString(), Convert.ToHexStringLower(image.Pixels), vector.ToString());
            }
        }
    }

    [TestMethod]
    public void Window_holds_the_pixels_of_the_whole_result()
    {
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            var image = TestPictures.Make(random.Next(1, 80), random.Next(1, 80), i);
            int width = random.Next(1, 90), height = random.Next(1, 90);
            var filter = (ResamplingFilter)(i % 6);
            var whole = ImageResampler.Resize(image, width, height, filter);
            int left = random.Next(width), top = random.Next(height);
            var window = new PixelWindow(left, top, random.Next(1, width - left + 1), random.Next(1, height - top + 1));
            var pixels = new byte[window.Width * window.Height * 3];
            ImageResampler.Resize(image, width, height, filter, window, pixels);
            for (var y = 0; y < window.Height; y++)
            {
                var expected = whole.Pixels.AsSpan((((top + y) * width) + left) * 3, window.Width * 3);
                Assert.IsTrue(expected.SequenceEqual(pixels.AsSpan(y * window.Width * 3, window.Width * 3)), $"case {i}, row {y}");
            }
        }
    }

    [TestMethod]
    public void Same_size_is_a_copy()
    {
        var image = TestPictures.Make(9, 7, 1);
        var copy = ImageResampler.Resize(image, 9, 7, ResamplingFilter.Bicubic);
        Assert.AreNotSame(image.Pixels, copy.Pixels);
        CollectionAssert.AreEqual(image.Pixels, copy.Pixels);
    }

    [TestMethod]
    public void One_colour_stays_that_colour()
    {
        var image = new RgbImage(31, 17);
        for (var i = 0; i < image.Pixels.Length; i++)
        {
            image.Pixels[i] = (byte)(200 + (i % 3));
        }

        foreach (var filter in Enum.GetValues<ResamplingFilter>())
        {
            var result = ImageResampler.Resize(image, 50, 9, filter);
            for (var i = 0; i < result.Pixels.Length; i++)
            {
                Assert.AreEqual(200 + (i % 3), result.Pixels[i], filter.ToString());
            }
        }
    }

    [TestMethod]
    public void Wrong_arguments_are_named()
    {
        var image = new RgbImage(2, 2);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ImageResampler.Resize(image, 0, 5, ResamplingFilter.Box));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ImageResampler.Resize(image, 5, -1, ResamplingFilter.Box));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ImageResampler.Resize(image, 1 << 20, 1 << 20, ResamplingFilter.Box));
        var unknown = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ImageResampler.Resize(image, 5, 5, (ResamplingFilter)9));
        StringAssert.Contains(unknown.Message, "9 is no resampling filter");
    }

    [TestMethod]
    public void Threads_do_not_disturb_each_other()
    {
        var image = TestPictures.Make(200, 150, 3);
        var expected = ImageResampler.Resize(image, 90, 70, ResamplingFilter.Bilinear).Pixels;
        Parallel.For(0, 64, _ => CollectionAssert.AreEqual(expected, ImageResampler.Resize(image, 90, 70, ResamplingFilter.Bilinear).Pixels));
    }

    private static RgbImage MakePicture(JsonElement vector) => TestPictures.Make(
        vector.GetProperty("from")[0].GetInt32(), vector.GetProperty("from")[1].GetInt32(), vector.GetProperty("seed").GetInt32(), vector.GetProperty("kind").GetString()!);
}
