using System.Runtime.InteropServices;
using System.Text.Json;

namespace AlexNetMl.Imaging.Tests;

[TestClass]
public sealed class MeanImageTests
{
    [TestMethod]
    public void Tensor_is_the_formula()
    {
        var random = new Random(5);
        for (var i = 0; i < 60; i++)
        {
            int crop = random.Next(1, 40), side = crop + random.Next(12);
            var p = With(side, crop, i) with { ChannelOrder = (ChannelOrder)(i % 2), RescaleFactor = i % 3 == 0 ? 1f : 1f / 255, StandardDeviation = [1f, 0.5f, 3f] };
            int width = side + (i % 5 == 0 ? random.Next(9) : 0), height = side + (i % 7 == 0 ? random.Next(9) : 0);
            int startX = Centre(width, crop) - Centre(side, crop), startY = Centre(height, crop) - Centre(side, crop);
            int x0 = random.Next(side - crop + 1), y0 = random.Next(side - crop + 1);
            var flip = i % 4 < 2;
            var pixels = TestPictures.Make(width, height, i).Pixels;
            var tensor = new float[p.TensorLength];
            p.CropToTensor(pixels, width, height, startX + x0, startY + y0, flip, tensor);
            var plain = new float[tensor.Length];
            new PixelNormalizer(p).Run(pixels, width, startX + x0, startY + y0, x0, y0, flip, plain, vectorized: false);
            CollectionAssert.AreEqual(plain, tensor);
            foreach (var (plane, channel, y, x) in Places(p))
            {
                var own = flip ? crop - 1 - x : x;              // a pixel's mean is that of its place before mirroring
                int pixel = pixels[((((startY + y0 + y) * width) + startX + x0 + own) * 3) + channel];
                double mean = p.MeanImage!.Values[(((channel * side) + y0 + y) * side) + x0 + own];
                var expected = ((pixel * (double)p.RescaleFactor) - mean) / p.StandardDeviation[channel];
                Assert.AreEqual(expected, tensor[(((plane * crop) + y) * crop) + x], 2e-6 * Math.Max(1, Math.Abs(pixel * p.RescaleFactor)));
            }
        }
    }

    [TestMethod]
    public void Planes_give_the_interleaved_pictures_floats()
    {
        var random = new Random(6);
        for (var i = 0; i < 60; i++)
        {
            int crop = random.Next(1, 40), side = crop + random.Next(12), left = random.Next(side - crop + 1), top = random.Next(side - crop + 1);
            var p = With(side, crop, i) with { ChannelOrder = (ChannelOrder)(i % 2), StandardDeviation = [0.7f, 0.5f, 3f] };
            if (i % 3 == 0)
            {
                p = p with { MeanImage = null, Mean = [0.4f, 0.5f, 0.6f] };
            }

            var image = TestPictures.Make(side, side, i);
            var planes = new byte[p.SquareLength];
            p.ToSquare(image, planes);
            var back = new byte[planes.Length];
            Interleaving.FromPlanes(planes, back);
            CollectionAssert.AreEqual(image.Pixels, back);
            float[] expected = new float[p.TensorLength], fast = new float[p.TensorLength], plain = new float[p.TensorLength];
            p.CropToTensor(image.Pixels, side, side, left, top, i % 2 == 0, expected);
            new PixelNormalizer(p).RunPlanes(planes, left, top, i % 2 == 0, fast);
            new PixelNormalizer(p).RunPlanes(planes, left, top, i % 2 == 0, plain, vectorized: false);
            CollectionAssert.AreEqual(expected, fast);
            CollectionAssert.AreEqual(expected, plain);

            // Noise: (pixel + shift) / divisor between mean and deviation; in a channel that is as it was without noise.
            var shift = new ColorShift(0.25f, -0.125f, 0f, i % 5 == 0 ? 1.1f : 1f);
            float[] noisy = new float[p.TensorLength], noisyPlain = new float[p.TensorLength];
            new PixelNormalizer(p).RunPlanes(planes, left, top, i % 2 == 0, noisy, shift);
            new PixelNormalizer(p).RunPlanes(planes, left, top, i % 2 == 0, noisyPlain, shift, vectorized: false);
            CollectionAssert.AreEqual(noisyPlain, noisy);
            foreach (var (plane, channel, y, x) in Places(p))
            {
                var at = (((plane * crop) + y) * crop) + x;
                var added = new[] { 0.25, -0.125, 0 }[channel];
                var deviation = (double)p.StandardDeviation[channel];
                Assert.AreEqual(((expected[at] * deviation) + added) / shift.Divisor / deviation, noisy[at], 4e-6);
            }
        }
    }

    [TestMethod]
    [DataRow(50, 41, 30, 24)]
    [DataRow(41, 50, 30, 24)]
    [DataRow(47, 33, 21, 16)]
    [DataRow(33, 60, 19, 16)]
    [DataRow(30, 30, 30, 23)]
    public void Serving_equals_training_s_centre_window(int width, int height, int side, int crop)
    {
        var p = With(side, crop, 3);
        var image = TestPictures.Make(width, height, 4);
        float[] served = new float[p.TensorLength], cut = new float[p.TensorLength], planar = new float[p.TensorLength];
        p.ToTensor(image, served);
        var resized = p.Resize(image);
        p.CropToTensor(resized.Pixels, resized.Width, resized.Height, Centre(resized.Width, crop), Centre(resized.Height, crop), false, cut);
        CollectionAssert.AreEqual(cut, served);
        var planes = new byte[p.SquareLength];
        p.ToSquare(image, planes);
        new PixelNormalizer(p).RunPlanes(planes, p.Center(side), p.Center(side), false, planar);
        CollectionAssert.AreEqual(planar, served);
    }

    [TestMethod]
    public void Json_round_trips_bit_for_bit()
    {
        var random = new Random(7);
        foreach (var side in new[] { 1, 2, 7, 31 })
        {
            var values = new float[3 * side * side];
            for (var i = 0; i < values.Length; i++)
            {
                do
                {
                    values[i] = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
                }
                while (!float.IsFinite(values[i]));
            }

            values[0] = -0f;
            var p = new ImagePreprocessing { ShorterSide = side, CropSide = 1, MeanImage = new MeanImage(side, values), ChannelOrder = (ChannelOrder)(side % 2) };
            var again = ImagePreprocessing.FromJson(p.ToJson());
            Assert.AreEqual(p, again);
            CollectionAssert.AreEqual(MemoryMarshal.AsBytes<float>(values).ToArray(), MemoryMarshal.AsBytes(again.MeanImage!.Values).ToArray());
        }

        using var plain = JsonDocument.Parse(new ImagePreprocessing().ToJson());
        Assert.IsFalse(plain.RootElement.TryGetProperty("mean_image", out _));
        using var with = JsonDocument.Parse(With(3, 2, 1).ToJson());
        Assert.IsFalse(with.RootElement.TryGetProperty("image_processor_type", out _), "no class elsewhere subtracts a mean image");
    }

    [TestMethod]
    public void Wrong_json_is_named()
    {
        var json = With(3, 2, 1).ToJson();
        var data = JsonDocument.Parse(json).RootElement.GetProperty("mean_image").GetProperty("data").GetString()!;
        Refuses(json.Replace("\"side\": 3", "\"side\": 4", StringComparison.Ordinal), "mean_image.side is 4");
        Refuses(json.Replace("\"side\": 3,", string.Empty, StringComparison.Ordinal), "mean_image.side is missing");
        Refuses(json.Replace(data, data[4..], StringComparison.Ordinal), "base64 of 108 bytes");
        Refuses(json.Replace(data, data + "AAAA", StringComparison.Ordinal), "base64 of 108 bytes");
        Refuses(json.Replace(data, "!" + data[1..], StringComparison.Ordinal), "base64 of 108 bytes");
        Refuses(json.Replace(data, Convert.ToBase64String(MemoryMarshal.AsBytes<float>(Enumerable.Repeat(float.NaN, 27).ToArray())), StringComparison.Ordinal), "NaN");
        Refuses(json.Replace("\"do_normalize\": true", "\"do_normalize\": false", StringComparison.Ordinal), "do_normalize = false");
        Refuses(System.Text.RegularExpressions.Regex.Replace(json, "\"image_mean\": \\[\\s*0", "\"image_mean\": [1"), "image_mean other than 0");
        Refuses(System.Text.RegularExpressions.Regex.Replace(json, "\"mean_image\": \\{[^}]*\\}", "\"mean_image\": 3"), "object");

        static void Refuses(string text, string message) =>
            StringAssert.Contains(Assert.ThrowsExactly<FormatException>(() => ImagePreprocessing.FromJson(text)).Message, message);
    }

    [TestMethod]
    public void Wrong_values_are_named()
    {
        Refuses(() => _ = new MeanImage(0, []), "side 0");
        Refuses(() => _ = new MeanImage(9000, []), "side 9000");
        Refuses(() => _ = new MeanImage(2, new float[11]), "11 values");
        Refuses(() => _ = new MeanImage(1, [1, float.PositiveInfinity, 2]), "finite");
        Refuses(() => (With(8, 8, 1) with { ShorterSide = 9 }).Validate(), "MeanImage.Side is 8; allowed is ShorterSide = 9");
        Refuses(() => (With(8, 8, 1) with { Mean = [0f, 0f, 0.1f] }).Validate(), "Mean[2] is 0.1; allowed is 0 beside a mean image");
        var p = With(20, 16, 1);
        var wide = new byte[30 * 20 * 3];
        p.CropToTensor(wide, 30, 20, 5, 0, false, new float[p.TensorLength]);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => p.CropToTensor(wide, 30, 20, 4, 0, false, new float[p.TensorLength])).Message, "leaves the centre square");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => p.CropToTensor(wide, 30, 20, 10, 0, false, new float[p.TensorLength]));

        static void Refuses(Action action, string message) => StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(action).Message, message);
    }

    [TestMethod]
    public void Mean_images_are_compared_by_value()
    {
        Assert.AreEqual(With(9, 8, 1), With(9, 8, 1));
        Assert.AreEqual(With(9, 8, 1).GetHashCode(), With(9, 8, 1).GetHashCode());
        Assert.AreNotEqual(With(9, 8, 1), With(9, 8, 2));
        Assert.AreNotEqual(With(9, 8, 1), With(9, 8, 1) with { MeanImage = null });
        float[] values = [1, 2, 3];
        var image = new MeanImage(1, values);
        values[0] = 7;
        Assert.AreEqual(1f, image.Values[0]);
    }

    private static ImagePreprocessing With(int side, int crop, int seed)
    {
        var random = new Random(seed);
        var values = new float[3 * side * side];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = random.NextSingle();
        }

        return new ImagePreprocessing { ShorterSide = side, CropSide = crop, MeanImage = new MeanImage(side, values) };
    }

    private static int Centre(int side, int crop) => (int)Math.Round((side - crop) / 2.0, MidpointRounding.ToEven);

    private static IEnumerable<(int Plane, int Channel, int Y, int X)> Places(ImagePreprocessing p)
    {
        for (var plane = 0; plane < 3; plane++)
        {
            for (var y = 0; y < p.CropSide; y++)
            {
                for (var x = 0; x < p.CropSide; x++)
                {
                    yield return (plane, p.ChannelOrder == ChannelOrder.Rgb ? plane : 2 - plane, y, x);
                }
            }
        }
    }
}
