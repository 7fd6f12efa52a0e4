namespace AlexNetMl.Imaging.Tests;

[TestClass]
public sealed class PreprocessingTests
{
    private static readonly ImagePreprocessing ImageNet = new() { Mean = [0.485f, 0.456f, 0.406f], StandardDeviation = [0.229f, 0.224f, 0.225f] };

    [TestMethod]
    public void Windows_equal_torchvisions()
    {
        var cases = 0;
        foreach (var vector in TestPictures.Json("resampler.json").GetProperty("windows").EnumerateArray())
        {
            var image = TestPictures.Make(
                vector.GetProperty("from")[0].GetInt32(), vector.GetProperty("from")[1].GetInt32(), vector.GetProperty("seed").GetInt32(), vector.GetProperty("kind").GetString()!);
            var preprocessing = new ImagePreprocessing
            {
                ShorterSide = vector.GetProperty("shorter").GetInt32(),
                CropSide = vector.GetProperty("crop").GetInt32(),
                Filter = (ResamplingFilter)vector.GetProperty("filter").GetInt32(),
                RescaleFactor = 1,
            };
            var tensor = new float[preprocessing.TensorLength];
            preprocessing.ToTensor(image, tensor);
            Assert.AreEqual(vector.GetProperty("sha256").GetString(), TestPictures.Sha256(Interleave(tensor)), vector.ToString());
            cases++;
        }

        Assert.AreEqual(72, cases);
    }

    [TestMethod]
    public void Tensor_is_the_formula()
    {
        var random = new Random(11);
        for (var i = 0; i < 120; i++)
        {
            var side = random.Next(1, 50);
            var p = ImageNet with { ShorterSide = 60, CropSide = side, ChannelOrder = (ChannelOrder)(i % 2), RescaleFactor = i % 3 == 0 ? 1f : 1f / 255 };
            int width = side + random.Next(10), height = side + random.Next(10), left = random.Next(width - side + 1), top = random.Next(height - side + 1);
            var flip = i % 4 < 2;
            var pixels = TestPictures.Make(width, height, i).Pixels;
            var tensor = new float[3 * side * side];
            p.CropToTensor(pixels, width, height, left, top, flip, tensor);
            var plain = new float[tensor.Length];
            new PixelNormalizer(p).Run(pixels, width, left, top, 0, 0, flip, plain, vectorized: false);
            CollectionAssert.AreEqual(plain, tensor);
            for (var plane = 0; plane < 3; plane++)
            {
                var channel = p.ChannelOrder == ChannelOrder.Rgb ? plane : 2 - plane;
                for (var y = 0; y < side; y++)
                {
                    for (var x = 0; x < side; x++)
                    {
                        int pixel = pixels[((((top + y) * width) + left + (flip ? side - 1 - x : x)) * 3) + channel];
                        var expected = ((pixel * (double)p.RescaleFactor) - p.Mean[channel]) / p.StandardDeviation[channel];
                        Assert.AreEqual(expected, tensor[(((plane * side) + y) * side) + x], 1e-6 * Math.Max(1, Math.Abs(expected)));
                    }
                }
            }
        }
    }

    [TestMethod]
    public void Centre_window_and_resized_window_are_one_thing()
    {
        foreach (var (width, height) in new[] { (300, 200), (224, 256), (256, 300), (40, 90) })
        {
            var image = TestPictures.Make(width, height, 1);
            var tensor = new float[ImageNet.TensorLength];
            ImageNet.ToTensor(image, tensor);
            var resized = ImageNet.Resize(image);
            Assert.AreEqual(256, Math.Min(resized.Width, resized.Height));
            var again = new float[tensor.Length];
            int left = (int)Math.Round((resized.Width - 224) / 2.0), top = (int)Math.Round((resized.Height - 224) / 2.0);
            ImageNet.CropToTensor(resized.Pixels, resized.Width, resized.Height, left, top, flip: false, again);
            CollectionAssert.AreEqual(again, tensor);
        }
    }

    [TestMethod]
    public void Thin_pictures_are_bounded()
    {
        var thin = new RgbImage(1, 20_000);
        StringAssert.Contains(Assert.ThrowsExactly<ImageFormatException>(() => ImageNet.Resize(thin)).Message, "1 x 20000 pixels are too long and thin");
        Assert.ThrowsExactly<ImageFormatException>(() => ImageNet.ToTensor(thin, new float[ImageNet.TensorLength]));
        var bearable = new RgbImage(1000, 2);
        ImageNet.ToTensor(bearable, new float[ImageNet.TensorLength]);
    }

    [TestMethod]
    public void Records_are_compared_by_value()
    {
        var same = ImageNet with { Mean = [0.485f, 0.456f, 0.406f] };
        Assert.AreEqual(ImageNet, same);
        Assert.AreEqual(ImageNet.GetHashCode(), same.GetHashCode());
        Assert.AreNotEqual(ImageNet, ImageNet with { Mean = [0.485f, 0.456f, 0.407f] });
        Assert.AreNotEqual(ImageNet, ImageNet with { StandardDeviation = [1f, 1f, 1f] });
        Assert.AreNotEqual(ImageNet, ImageNet with { CropSide = 223 });
        Assert.AreNotEqual(ImageNet, ImageNet with { Mean = default });
        Assert.AreEqual(new ImagePreprocessing(), new ImagePreprocessing());
    }

    [TestMethod]
    public void Wrong_values_are_named()
    {
        Refuses(ImageNet with { ShorterSide = 0 }, "ShorterSide is 0");
        Refuses(ImageNet with { ShorterSide = 10_000 }, "ShorterSide is 10000");
        Refuses(ImageNet with { CropSide = 257 }, "CropSide is 257; allowed is 1 to ShorterSide = 256");
        Refuses(ImageNet with { Filter = (ResamplingFilter)6 }, "Filter is 6");
        Refuses(ImageNet with { RescaleFactor = float.NaN }, "RescaleFactor is NaN");
        Refuses(ImageNet with { RescaleFactor = 0 }, "RescaleFactor is 0");
        Refuses(ImageNet with { Mean = default }, "Mean has 0 values");
        Refuses(ImageNet with { Mean = [1f, 2f] }, "Mean has 2 values");
        Refuses(ImageNet with { StandardDeviation = [1f, 0f, 1f] }, "StandardDeviation[1] is 0; allowed is above 0");
        var image = new RgbImage(300, 300);
        Assert.ThrowsExactly<ArgumentException>(() => ImageNet.ToTensor(image, new float[10]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ImageNet.CropToTensor(image.Pixels, 300, 300, 77, 0, false, new float[ImageNet.TensorLength]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ImageNet.CropToTensor(image.Pixels, 300, 300, 0, -1, false, new float[ImageNet.TensorLength]));
        Assert.ThrowsExactly<ArgumentException>(() => ImageNet.CropToTensor(image.Pixels, 301, 300, 0, 0, false, new float[ImageNet.TensorLength]));

        static void Refuses(ImagePreprocessing preprocessing, string message)
        {
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(preprocessing.Validate).Message, message);
            Assert.ThrowsExactly<ArgumentException>(() => preprocessing.ToJson());
        }
    }

    private static byte[] Interleave(float[] planes)
    {
        var plane = planes.Length / 3;
        var bytes = new byte[planes.Length];
        for (var i = 0; i < planes.Length; i++)
        {
            bytes[(i % plane * 3) + (i / plane)] = (byte)planes[i];
        }

        return bytes;
    }
}
