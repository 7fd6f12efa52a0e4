namespace AlexNetMl.Imaging.Tests;

/// <summary>Every form of a tensor holds the same numbers: those of the plain way, step by step.</summary>
[TestClass]
public sealed class TensorTests
{
    [TestMethod]
    public void Layouts_types_and_mirroring_are_one_formula()
    {
        var random = new Random(21);
        for (var i = 0; i < 120; i++)
        {
            int crop = random.Next(1, 50), side = crop + random.Next(9);
            var p = new ImagePreprocessing
            {
                ShorterSide = side,
                CropSide = crop,
                Filter = (ResamplingFilter)(i % 6),
                ChannelOrder = (ChannelOrder)(i % 2),
                Mean = i % 3 == 0 ? [0f, 0f, 0f] : [0.485f, 0.456f, 0.406f],
                StandardDeviation = [0.229f, 0.224f, 0.225f],
                MeanImage = i % 3 == 0 ? new MeanImage(side, [.. Enumerable.Range(0, 3 * side * side).Select(n => n % 97 / 200f)]) : null,
            };
            var image = TestPictures.Make(random.Next(1, 90), random.Next(1, 90), i);
            var flip = i % 4 < 2;
            var resized = p.Resize(image);
            int left = (int)Math.Round((resized.Width - crop) / 2.0), top = (int)Math.Round((resized.Height - crop) / 2.0);
            var expected = new float[p.TensorLength];
            p.CropToTensor(resized.Pixels, resized.Width, resized.Height, left, top, flip, expected);

            var buffer = new ImageBuffer();
            buffer.Set(image);
            var planar = new float[p.TensorLength];
            var interleaved = new float[p.TensorLength];
            var halves = new Half[p.TensorLength];
            var interleavedHalves = new Half[p.TensorLength];
            p.ToTensor(buffer, planar, flip: flip);
            p.ToTensor(buffer, interleaved, TensorLayout.Nhwc, flip);
            p.ToTensor(buffer, halves, TensorLayout.Nchw, flip);
            p.ToTensor(buffer, interleavedHalves, TensorLayout.Nhwc, flip);
            CollectionAssert.AreEqual(expected, planar, $"case {i}");
            var plane = crop * crop;
            for (var at = 0; at < expected.Length; at++)
            {
                var beside = (at % plane * 3) + (at / plane);
                Assert.AreEqual(expected[at], interleaved[beside], $"case {i}");
                Assert.AreEqual((Half)expected[at], halves[at], $"case {i}");
                Assert.AreEqual((Half)expected[at], interleavedHalves[beside], $"case {i}");
            }
        }
    }

    [TestMethod]
    public void Bytes_in_either_layout_are_the_resized_pictures()
    {
        var random = new Random(22);
        for (var i = 0; i < 80; i++)
        {
            int crop = random.Next(1, 50), shorter = crop + random.Next(9);
            var side = i % 2 == 0 ? crop : shorter;
            var p = new ImagePreprocessing { ShorterSide = shorter, CropSide = crop, Filter = (ResamplingFilter)(i % 6) };
            var image = TestPictures.Make(random.Next(1, 90), random.Next(1, 90), i);
            var expected = new byte[side * side * 3];
            p.ToPixels(image, side, expected);
            var buffer = new ImageBuffer();
            buffer.Set(image);
            foreach (var flip in new[] { false, true })
            {
                var interleaved = new byte[expected.Length];
                var planar = new byte[expected.Length];
                p.ToPixels(buffer, side, interleaved, TensorLayout.Nhwc, flip);
                p.ToPixels(buffer, side, planar, TensorLayout.Nchw, flip);
                for (var y = 0; y < side; y++)
                {
                    for (var x = 0; x < side; x++)
                    {
                        for (var c = 0; c < 3; c++)
                        {
                            var value = expected[(((y * side) + (flip ? side - 1 - x : x)) * 3) + c];
                            Assert.AreEqual(value, interleaved[(((y * side) + x) * 3) + c]);
                            Assert.AreEqual(value, planar[(((c * side) + y) * side) + x]);
                        }
                    }
                }
            }
        }
    }

    [TestMethod]
    public void Turned_pictures_are_set_upright_first_unless_told_otherwise()
    {
        var p = new ImagePreprocessing { ShorterSide = 16, CropSide = 12 };
        foreach (var orientation in Enum.GetValues<ImageOrientation>())
        {
            var stored = TestPictures.Make(40, 27, (int)orientation);
            var turned = new RgbImage(40, 27, stored.Pixels) { Orientation = orientation };
            var upright = turned.ToUpright();
            Assert.AreEqual(orientation >= ImageOrientation.LeftTop ? (27, 40) : (40, 27), (upright.Width, upright.Height));
            CollectionAssert.AreEqual(Tensor(p, upright), Tensor(p, turned));
            CollectionAssert.AreEqual(p.Resize(upright).Pixels, p.Resize(turned).Pixels);
            var asStored = p with { ApplyOrientation = false };
            CollectionAssert.AreEqual(Tensor(p, stored), Tensor(asStored, turned));
            var buffer = new ImageBuffer();
            buffer.Set(turned);
            var tensor = new float[p.TensorLength];
            p.ToTensor(buffer, tensor);
            CollectionAssert.AreEqual(Tensor(p, upright), tensor);

            // Training's squares hold the window that scoring cuts.
            var square = new byte[p.SquareLength];
            p.ToSquare(turned, square);
            var ofUpright = new byte[p.SquareLength];
            p.ToSquare(upright, ofUpright);
            CollectionAssert.AreEqual(ofUpright, square);
        }
    }

    [TestMethod]
    public void Files_from_before_mean_pictures_as_they_are_stored()
    {
        const string Before = """
            {"image_processor_type": "CLIPImageProcessor", "do_convert_rgb": true, "do_resize": true, "size": {"shortest_edge": 28}, "resample": 2, "do_center_crop": true,
             "crop_size": {"height": 26, "width": 26}, "do_rescale": true, "rescale_factor": 0.003921569, "do_normalize": true, "image_mean": [0.28, 0.28, 0.28], "image_std": [1, 1, 1]}
            """;
        var read = ImagePreprocessing.FromJson(Before);
        Assert.IsFalse(read.ApplyOrientation);
        Assert.IsFalse(read.ToJson().Contains("exif", StringComparison.Ordinal), "written again it is what it was");
        var now = new ImagePreprocessing();
        Assert.IsTrue(now.ApplyOrientation);
        Assert.AreEqual(now, ImagePreprocessing.FromJson(now.ToJson()));
        var off = now with { ApplyOrientation = false };
        Assert.AreNotEqual(now, off);
        Assert.AreEqual(off, ImagePreprocessing.FromJson(off.ToJson()));
    }

    [TestMethod]
    public void Wrong_lengths_are_named()
    {
        var p = new ImagePreprocessing { ShorterSide = 16, CropSide = 12 };
        var buffer = new ImageBuffer();
        buffer.Set(TestPictures.Make(20, 20, 1));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => p.ToTensor(buffer, new Half[5])).Message, "5 elements were given; [3, 12, 12] takes 432");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => p.ToPixels(buffer, 13, new byte[5])).Message, "side 13");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => p.ToPixels(buffer, 12, new byte[5], TensorLayout.Nchw)).Message, "5 bytes");
    }

    private static float[] Tensor(ImagePreprocessing preprocessing, RgbImage image)
    {
        var tensor = new float[preprocessing.TensorLength];
        preprocessing.ToTensor(image, tensor);
        return tensor;
    }
}
