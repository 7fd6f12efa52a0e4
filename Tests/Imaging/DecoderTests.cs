using System.Text;

namespace AlexNetMl.Imaging.Tests;

[TestClass]
public sealed class DecoderTests
{
    [TestMethod]
    [DataRow(".png", 22)]
    [DataRow(".gif", 11)]
    [DataRow(".bmp", 16)]
    public void Pixels_equal_Pillows_with_every_decoder(string ending, int count)
    {
        foreach (var decoder in ImageDecoders.All)
        {
            CompareWithPillow(decoder, ending, count);
        }
    }

    [TestMethod]
    public void Jpeg_pixels_equal_Pillows()
    {
        if (!TestPictures.IsLibJpeg)
        {
            Assert.Inconclusive($"{ImageDecoders.Default.Name} may round JPEG pixels in another way than libjpeg-turbo.");
        }

        CompareWithPillow(ImageDecoders.Default, ".jpg", 24);
    }

    [TestMethod]
    public void WebP_pixels_equal_Pillows()
    {
        if (!TestPictures.IsLibWebP)
        {
            Assert.Inconclusive($"{ImageDecoders.Default.Name} may round WebP pixels in another way than libwebp.");
        }

        CompareWithPillow(ImageDecoders.Default, ".webp", 9);
    }

    [TestMethod]
    [DataRow("lossless.webp")]
    [DataRow("lossless-alpha.webp")]
    [DataRow("palette.webp")]
    [DataRow("animation-lossless.webp")]
    public void Lossless_WebP_has_one_right_answer(string file)
    {
        foreach (var decoder in ImageDecoders.All)
        {
            var image = decoder.Decode(TestPictures.Read(file));
            Assert.AreEqual(Vector(file).GetProperty("sha256").GetString(), TestPictures.Sha256(image.Pixels), $"{file}, {decoder.Name}");
        }
    }

    [TestMethod]
    [DataRow("baseline-444.jpg")]
    [DataRow("progressive-422.jpg")]
    [DataRow("gray.jpg")]
    [DataRow("cmyk.jpg")]
    [DataRow("ycck-420.jpg")]
    [DataRow("restart-blocks-420.jpg")]
    [DataRow("restart-rows-444.jpg")]
    [DataRow("restart-progressive.jpg")]
    [DataRow("restart-cmyk.jpg")]
    [DataRow("lossy.webp")]
    [DataRow("lossy-alpha.webp")]
    [DataRow("animation-beside.webp")]
    public void Decoders_differ_by_little(string file)
    {
        // Compression itself costs several levels; decoders must not disagree about what the picture shows.
        var expected = ImageDecoders.Default.Decode(TestPictures.Read(file));
        foreach (var decoder in ImageDecoders.All)
        {
            var mean = expected.Pixels.Zip(decoder.Decode(TestPictures.Read(file)).Pixels, (a, b) => Math.Abs(a - b)).Average();
            Assert.IsLessThan(4, mean, $"{file}, {decoder.Name}");
        }
    }

    [TestMethod]
    public void Turned_pictures_say_so_and_are_set_upright_as_Pillow_does_it()
    {
        var seen = new HashSet<ImageOrientation>();
        foreach (var vector in TestPictures.Json("decoder.json").GetProperty("files").EnumerateArray().Where(vector => vector.TryGetProperty("upright", out _)))
        {
            var file = vector.GetProperty("file").GetString()!;
            var image = ImageDecoders.Default.Decode(TestPictures.Read(file));
            Assert.AreEqual((ImageOrientation)vector.GetProperty("orientation").GetInt32(), image.Orientation, file);
            var upright = image.ToUpright();
            Assert.AreEqual((vector.GetProperty("upright")[0].GetInt32(), vector.GetProperty("upright")[1].GetInt32()), (upright.Width, upright.Height), file);
            Assert.AreEqual(ImageOrientation.TopLeft, upright.Orientation);
            if (!file.EndsWith(".png", StringComparison.Ordinal) && !TestPictures.IsLibJpeg)
            {
                continue;
            }

            Assert.AreEqual(vector.GetProperty("upright")[2].GetString(), TestPictures.Sha256(upright.Pixels), file);
            seen.Add(image.Orientation);
        }

        Assert.HasCount(TestPictures.IsLibJpeg ? 8 : 1, seen);
    }

    [TestMethod]
    public void Scaled_jpeg_pixels_equal_those_of_Pillows_draft()
    {
        if (!TestPictures.IsLibJpeg)
        {
            var error = Assert.ThrowsExactly<NotSupportedException>(() => ImageDecoders.Create(new ImageDecoderOptions { ScaleJpegTo = 256 }));
            StringAssert.Contains(error.Message, "libjpeg-turbo");
            return;
        }

        var cases = 0;
        foreach (var vector in TestPictures.Json("decoder.json").GetProperty("files").EnumerateArray().Where(vector => vector.TryGetProperty("draft", out _)))
        {
            foreach (var draft in vector.GetProperty("draft").EnumerateArray())
            {
                var decoder = ImageDecoders.Create(new ImageDecoderOptions { ScaleJpegTo = draft[0].GetInt32() });
                var image = decoder.Decode(TestPictures.Read(vector.GetProperty("file").GetString()!));
                Assert.AreEqual((draft[1].GetInt32(), draft[2].GetInt32()), (image.Width, image.Height), draft.ToString());
                Assert.AreEqual(draft[3].GetString(), TestPictures.Sha256(image.Pixels), $"{vector.GetProperty("file")} {draft}");
                StringAssert.Contains(decoder.Name, $"scaled to {draft[0]}");
                cases++;
            }
        }

        Assert.AreEqual(15, cases);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ImageDecoders.Create(new ImageDecoderOptions { ScaleJpegTo = 0 }));
    }

    [TestMethod]
    public void Broken_notes_cost_no_picture()
    {
        var encoded = TestPictures.Read("turned-6.jpg");
        var start = encoded.AsSpan().IndexOf("Exif"u8) + 6;
        var random = new Random(4);
        for (var i = 0; i < 2000; i++)
        {
            byte[] damaged = [.. encoded];
            for (var n = random.Next(1, 6); n > 0; n--)
            {
                damaged[start + random.Next(38)] = (byte)random.Next(256);
            }

            Assert.IsTrue(ImageDecoders.Default.Decode(damaged).Orientation is >= ImageOrientation.TopLeft and <= ImageOrientation.LeftBottom);
        }
    }

    [TestMethod]
    public void A_buffer_holds_one_picture_after_the_other()
    {
        var buffer = new ImageBuffer();
        Assert.ThrowsExactly<InvalidOperationException>(buffer.ToImage);
        foreach (var file in new[] { "photo.jpg", "gray.png", "turned-5.jpg", "beside.gif", "animation-beside.webp", "photo.jpg" })
        {
            foreach (var decoder in ImageDecoders.All)
            {
                var expected = decoder.Decode(TestPictures.Read(file));
                decoder.Decode(TestPictures.Read(file), buffer);
                var image = buffer.ToImage();
                Assert.AreEqual((expected.Width, expected.Height, expected.Orientation), (image.Width, image.Height, image.Orientation), file);
                CollectionAssert.AreEqual(expected.Pixels, image.Pixels, file);
            }
        }
    }

    [TestMethod]
    public void Names_tell_which_decoders_are_alike()
    {
        Assert.IsTrue(ImageDecoders.AreAlike("libjpeg-turbo 2.x, libpng 1.6.39", "libjpeg-turbo 2.x, libwebp 1.x"), "files from before WebP");
        Assert.IsTrue(ImageDecoders.AreAlike("ImageSharp 2.1.13", "ImageSharp 2.1.13"));
        Assert.IsFalse(ImageDecoders.AreAlike("ImageSharp 2.1.13", "libjpeg-turbo 2.x, ImageSharp 2.1.13"));
        Assert.IsFalse(ImageDecoders.AreAlike("libjpeg-turbo 2.x, libwebp 1.x", "libjpeg-turbo 2.x, ImageSharp 2.1.13"));
        Assert.IsFalse(ImageDecoders.AreAlike("libjpeg-turbo 2.x, libwebp 1.x", "libjpeg-turbo 2.x scaled to 256, libwebp 1.x"));
        foreach (var decoder in ImageDecoders.All)
        {
            Assert.AreSame(decoder, ImageDecoders.For(decoder.Name));
        }

        Assert.AreSame(ImageDecoders.Default, ImageDecoders.For("Codec 9"));
        Assert.AreSame(ImageDecoders.Default, ImageDecoders.For(null));
    }

    [TestMethod]
    public void Jpeg_pixels_are_near_Pillows_on_every_stack()
    {
        // The PNG holds what was compressed: quality 90 without subsampling keeps it within a few levels on the mean.
        var original = ImageDecoders.Default.Decode(TestPictures.Read("rgb.png"));
        var decoded = ImageDecoders.Default.Decode(TestPictures.Read("baseline-444.jpg"));
        var mean = original.Pixels.Zip(decoded.Pixels, (a, b) => Math.Abs(a - b)).Average();
        Assert.IsLessThan(6, mean);
    }

    [TestMethod]
    public void Gray_of_16_bits_keeps_its_upper_bytes()
    {
        // Pillow clips such files at 255 instead; nobody wants that.
        var image = ImageDecoders.Default.Decode(PngBuilder.Encode(3, 2, 16, 0, [0, 0x12, 0x34, 0xff, 0xff, 0x80, 0x7f, 0, 0, 1, 0xab, 0xcd, 0x00, 0xff]));
        CollectionAssert.AreEqual(new byte[] { 0x12, 0x12, 0x12, 0xff, 0xff, 0xff, 0x80, 0x80, 0x80, 0, 0, 0, 0xab, 0xab, 0xab, 0, 0, 0 }, image.Pixels);
    }

    [TestMethod]
    public void Header_tells_format_and_sizes()
    {
        Assert.AreEqual(new ImageHeader(EncodedFormat.Jpeg, 500, 375, 3, 8), ImageHeader.Read(TestPictures.Read("photo.jpg")));
        Assert.AreEqual(new ImageHeader(EncodedFormat.Jpeg, 45, 37, 4, 8), ImageHeader.Read(TestPictures.Read("cmyk.jpg")));
        Assert.AreEqual(new ImageHeader(EncodedFormat.Png, 19, 11, 4, 16), ImageHeader.Read(TestPictures.Read("rgba-16-bits.png")));
        Assert.AreEqual(new ImageHeader(EncodedFormat.Png, 19, 11, 1, 2), ImageHeader.Read(TestPictures.Read("gray-2-bits.png")));
    }

    [TestMethod]
    public void Every_beginning_of_a_file_is_refused()
    {
        foreach (var file in new[] { "baseline-420.jpg", "progressive-422.jpg", "gray.jpg", "palette-transparent.png", "gray-4-bits-interlaced.png", "rgba-16-bits.png" })
        {
            var encoded = TestPictures.Read(file);
            for (var length = 0; length < encoded.Length; length++)
            {
                var part = encoded.AsSpan(0, length).ToArray();
                var error = Assert.ThrowsExactly<ImageFormatException>(() => ImageDecoders.Default.Decode(part), $"{file}, {length} of {encoded.Length} bytes");
                Assert.IsFalse(error.Message.Contains('\n', StringComparison.Ordinal) || error.Message.Length < 10, error.Message);
            }
        }
    }

    [TestMethod]
    public void Jpeg_without_the_rest_of_its_scan_is_refused()
    {
        if (!TestPictures.IsLibJpeg)
        {
            Assert.Inconclusive($"{ImageDecoders.Default.Name} paints the missing part.");
        }

        var encoded = TestPictures.Read("photo.jpg");
        byte[] cut = [.. encoded[..(encoded.Length / 2)], 0xff, 0xd9];
        StringAssert.Contains(Error(cut), "premature end");
    }

    [TestMethod]
    [DataRow("restart-blocks-420.jpg")]
    [DataRow("restart-rows-444.jpg")]
    [DataRow("restart-progressive.jpg")]
    public void Jpeg_that_breaks_off_between_restarts_is_refused(string file)
    {
        var encoded = TestPictures.Read(file);
        var restarts = Enumerable.Range(0, encoded.Length - 1).Where(i => encoded[i] == 0xff && encoded[i + 1] is >= 0xd0 and <= 0xd7).ToArray();
        Assert.IsGreaterThanOrEqualTo(4, restarts.Length);

        // In the midst of an interval: the file's end is missing, with every decoder.
        for (var cut = restarts[1]; cut <= restarts[2]; cut++)
        {
            foreach (var decoder in ImageDecoders.All)
            {
                StringAssert.Contains(Assert.ThrowsExactly<ImageFormatException>(() => decoder.Decode(encoded.AsSpan(0, cut)), $"{decoder.Name}, {cut}").Message, "ends early");
            }
        }

        if (!TestPictures.IsLibJpeg)
        {
            Assert.Inconclusive($"{ImageDecoders.Default.Name} paints the missing part.");
        }

        // The file's end is there, an interval's is not; an interval is missing; two have changed places.
        var (first, second, third) = (encoded[restarts[0]..restarts[1]], encoded[restarts[1]..restarts[2]], encoded[restarts[2]..restarts[3]]);
        byte[] before = encoded[..restarts[0]], after = encoded[restarts[3]..];
        foreach (var (what, parts) in new (string, byte[][])[]
        {
            ("cut", [before, first, second[..(second.Length / 2)], [0xff, 0xd9]]),
            ("an interval is missing", [before, first, third, after]),
            ("changed places", [before, second, first, third, after]),
        })
        {
            StringAssert.StartsWith(Error([.. parts.SelectMany(part => part)]), "JPEG data", what);
        }
    }

    [TestMethod]
    [DataRow("arithmetic.jpg")]
    [DataRow("arithmetic-progressive-restart.jpg")]
    public void Arithmetic_coding_is_decoded_or_named(string file)
    {
        foreach (var decoder in ImageDecoders.All)
        {
            if (decoder.Name.StartsWith("libjpeg-turbo", StringComparison.Ordinal))
            {
                Assert.AreEqual(Vector(file).GetProperty("sha256").GetString(), TestPictures.Sha256(decoder.Decode(TestPictures.Read(file)).Pixels));
                continue;
            }

            var message = Assert.ThrowsExactly<ImageFormatException>(() => decoder.Decode(TestPictures.Read(file))).Message;
            StringAssert.Contains(message, "arithmetic");
            StringAssert.Contains(message, "libjpeg-turbo");
        }
    }

    [TestMethod]
    public void Coding_that_no_codec_reads_is_named()
    {
        var encoded = TestPictures.Read("baseline-444.jpg");
        var frame = encoded.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xff, 0xc0]);
        foreach (var (process, precision, message) in new[] { (0xc1, 12, "samples of 12 bits"), (0xc2, 12, "samples of 12 bits"), (0xc3, 8, "SOF3 is not supported"), (0xc7, 8, "SOF7 is not supported"), (0xcb, 8, "SOF11 is not supported") })
        {
            byte[] other = [.. encoded];
            (other[frame + 1], other[frame + 4]) = ((byte)process, (byte)precision);
            foreach (var decoder in ImageDecoders.All)
            {
                StringAssert.Contains(Assert.ThrowsExactly<ImageFormatException>(() => decoder.Decode(other)).Message, message, decoder.Name);
            }
        }
    }

    [TestMethod]
    public void Harmless_padding_is_accepted()
    {
        var encoded = TestPictures.Read("baseline-444.jpg");
        var expected = ImageDecoders.Default.Decode(encoded).Pixels;
        CollectionAssert.AreEqual(expected, ImageDecoders.Default.Decode([.. encoded, 1, 2, 3]).Pixels);
        if (TestPictures.IsLibJpeg)
        {
            CollectionAssert.AreEqual(expected, ImageDecoders.Default.Decode([.. encoded[..^2], 0, 0, 0, .. encoded[^2..]]).Pixels);
        }
    }

    [TestMethod]
    public void Broken_png_data_is_refused()
    {
        var encoded = TestPictures.Read("rgb.png");
        encoded[encoded.Length / 2] ^= 0x10;
        StringAssert.StartsWith(Error(encoded), "PNG data");
        var threeOfFourRows = PngBuilder.Encode(2, 4, 8, 0, [0, 1, 2, 0, 3, 4, 0, 5, 6]);
        StringAssert.StartsWith(Error(threeOfFourRows), "PNG data");
        StringAssert.StartsWith(Error(PngBuilder.Encode(2, 2, 16, 0, [0, 1, 2, 3, 4])), "PNG data ends early");
        StringAssert.StartsWith(Error(PngBuilder.Encode(1, 1, 16, 0, [9, 1, 2])), "PNG data cannot be decoded: row filter 9");
        StringAssert.Contains(Error(PngBuilder.Encode(2, 2, 8, 3, [0, 1, 2, 0, 1, 2])), "no palette");
    }

    [TestMethod]
    public void Limits_come_before_memory()
    {
        StringAssert.Contains(Error(PngBuilder.Encode(60_000, 60_000, 8, 2, [0])), "60000 x 60000 pixels exceed the limit of 89478485 pixels");
        StringAssert.Contains(Error(Jpeg(60_000, 60_000)), "60000 x 60000 pixels exceed the limit");
        StringAssert.Contains(Error(PngBuilder.Encode(9_000, 9_000, 8, 2, new byte[100])), "cannot hold 9000 x 9000 pixels");
        StringAssert.Contains(Error(PngBuilder.Encode(0, 5, 8, 2, [0])), "0 x 5");
        StringAssert.Contains(Error(Jpeg(5, 0)), "5 x 0");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Error(PngBuilder.Encode(9_000, 9_000, 8, 2, new byte[100]));
        Assert.IsLessThan(1_000_000, GC.GetAllocatedBytesForCurrentThread() - before);

        var small = ImageDecoders.Create(new ImageLimits { MaxPixels = 100 });
        StringAssert.Contains(Assert.ThrowsExactly<ImageFormatException>(() => small.Decode(TestPictures.Read("rgb.png"))).Message, "limit of 100 pixels");
        var brief = ImageDecoders.Create(new ImageLimits { MaxBytes = 50 });
        StringAssert.Contains(Assert.ThrowsExactly<ImageFormatException>(() => brief.Decode(TestPictures.Read("rgb.png"))).Message, "bytes exceed the limit of 50");
    }

    [TestMethod]
    public void Other_contents_are_named()
    {
        Assert.AreEqual("the file is empty; a JPEG, PNG, WebP, GIF or BMP picture is expected", Error([]));
        Assert.AreEqual("not a JPEG, PNG, WebP, GIF or BMP picture (starts with \"hello wo\")", Error(Encoding.ASCII.GetBytes("hello world")));
        Assert.AreEqual("not a JPEG, PNG, WebP, GIF or BMP picture (starts with 00 01)", Error([0, 1]));
        StringAssert.Contains(Error(PngBuilder.Encode(1, 1, 3, 0, [0, 0])), "colour type 0 with 3 bits");
        var lossless = Jpeg(8, 8);
        lossless[3] = 0xc3;
        StringAssert.Contains(Error(lossless), "SOF3 is not supported");
    }

    [TestMethod]
    public void Threads_do_not_disturb_each_other()
    {
        string[] files = ["photo.jpg", "cmyk.jpg", "rgb.png", "rgba-16-bits.png"];
        var expected = files.ToDictionary(file => file, file => TestPictures.Sha256(ImageDecoders.Default.Decode(TestPictures.Read(file)).Pixels));
        Parallel.For(0, 80, i => Assert.AreEqual(expected[files[i % 4]], TestPictures.Sha256(ImageDecoders.Default.Decode(TestPictures.Read(files[i % 4])).Pixels)));
    }

    private static void CompareWithPillow(IImageDecoder decoder, string ending, int count)
    {
        var compared = 0;
        foreach (var vector in TestPictures.Json("decoder.json").GetProperty("files").EnumerateArray())
        {
            var file = vector.GetProperty("file").GetString()!;
            if (file.EndsWith(ending, StringComparison.Ordinal))
            {
                var image = decoder.Decode(TestPictures.Read(file));
                Assert.AreEqual(vector.GetProperty("width").GetInt32(), image.Width, file);
                Assert.AreEqual(vector.GetProperty("height").GetInt32(), image.Height, file);
                Assert.AreEqual(vector.GetProperty("sha256").GetString(), TestPictures.Sha256(image.Pixels), $"{file}, {decoder.Name}");
                compared++;
            }
        }

        Assert.AreEqual(count, compared);
    }

    private static System.Text.Json.JsonElement Vector(string file) =>
        TestPictures.Json("decoder.json").GetProperty("files").EnumerateArray().Single(vector => vector.GetProperty("file").GetString() == file);

    private static string Error(byte[] encoded) => Assert.ThrowsExactly<ImageFormatException>(() => ImageDecoders.Default.Decode(encoded)).Message;

    // A frame header and the two markers around it.
    private static byte[] Jpeg(int width, int height) =>
        [0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 1, 1, 0x11, 0, 0xff, 0xd9];
}
