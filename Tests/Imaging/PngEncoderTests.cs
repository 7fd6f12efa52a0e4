namespace AlexNetMl.Imaging.Tests;

[TestClass]
public sealed class PngEncoderTests
{
    [TestMethod]
    public void Colour_survives()
    {
        var random = new Random(5);
        foreach (var kind in new[] { "noise", "extremes", "gradient" })
        {
            for (var i = 0; i < 60; i++)
            {
                var image = TestPictures.Make(random.Next(1, 50), random.Next(1, 50), i, kind);
                var encoded = PngEncoder.Encode(image);
                Assert.AreEqual(new ImageHeader(EncodedFormat.Png, image.Width, image.Height, 3, 8), ImageHeader.Read(encoded));
                CollectionAssert.AreEqual(image.Pixels, ImageDecoders.Default.Decode(encoded).Pixels);
            }
        }
    }

    [TestMethod]
    public void Gray_survives_as_three_equal_channels()
    {
        var pixels = TestPictures.Make(28, 28, 4, "gradient").Pixels.AsSpan(0, 28 * 28).ToArray();
        var encoded = PngEncoder.EncodeGray(28, 28, pixels);
        Assert.AreEqual(1, ImageHeader.Read(encoded).Components);
        CollectionAssert.AreEqual(pixels.SelectMany(value => new[] { value, value, value }).ToArray(), ImageDecoders.Default.Decode(encoded).Pixels);
    }

    [TestMethod]
    public void Smooth_pictures_become_small()
    {
        var gray = new byte[100 * 100];
        for (var i = 0; i < gray.Length; i++)
        {
            gray[i] = (byte)((i % 100) + (i / 100));
        }

        Assert.IsLessThan(1000, PngEncoder.EncodeGray(100, 100, gray).Length);
    }

    [TestMethod]
    public void Check_sums_are_those_of_the_standard()
    {
        Assert.AreEqual(0xcbf43926u, Crc32.Compute("123456789"u8));
        Assert.AreEqual(0xae426082u, Crc32.Compute("IEND"u8));
        var encoded = PngEncoder.Encode(TestPictures.Make(13, 9, 1));
        var repaired = (byte[])encoded.Clone();
        PngBuilder.RepairChecksums(repaired);
        CollectionAssert.AreEqual(repaired, encoded);
    }

    [TestMethod]
    public void Wrong_lengths_are_named()
    {
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => PngEncoder.EncodeGray(3, 3, new byte[8])).Message, "8 bytes were given for 3 x 3");
        Assert.ThrowsExactly<ArgumentException>(() => PngEncoder.EncodeGray(0, 3, []));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new RgbImage(2, 2, new byte[11])).Message, "12");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new RgbImage(0, 2));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new RgbImage(1 << 15, 1 << 15));
    }
}
