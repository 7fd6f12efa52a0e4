using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class ImageTransformTests
{
    [TestMethod]
    public void Files_become_images_of_one_size_and_then_numbers()
    {
        var ml = new MLContext();
        using var folder = new TemporaryFolder();
        using MLImage first = TestImages.Noise(20, 10, 1);
        using MLImage second = TestImages.Noise(9, 14, 2);
        first.Save(folder.File("a.png"));
        second.Save(folder.File("b.png"));
        IDataView data = ml.Data.LoadFromEnumerable(TextRow.Of("a.png", "b.png", "a.png"));
        var chain = ml.Transforms.LoadImages("Image", folder.Path, "Text")
            .Append(ml.Transforms.ResizeImages("Small", 6, 5, "Image"))
            .Append(ml.Transforms.ExtractPixels("Pixels", "Small"));
        IDataView result = chain.Fit(data).Transform(data);
        Assert.IsTrue(new ImageDataViewType().Equals(result.Schema["Image"].Type));
        Assert.IsTrue(new ImageDataViewType(5, 6).Equals(result.Schema["Small"].Type));
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 3, 5, 6), result.Schema["Pixels"].Type);
        float[][] rows = result.GetColumn<float[]>("Pixels").ToArray();
        CollectionAssert.AreEqual(rows[0], rows[2]);
        CollectionAssert.AreNotEqual(rows[0], rows[1]);
        CollectionAssert.AreEqual(
            (string[])["20 x 10", "9 x 14", "20 x 10"],
            result.GetColumn<MLImage>("Image").Select(image => $"{image.Width} x {image.Height}").ToArray());
        Assert.AreEqual(folder.File("a.png"), result.GetColumn<MLImage>("Small").Select(image => image.Tag).First());
    }

    [TestMethod]
    public void A_row_without_a_path_has_no_image_and_zeros_for_pixels()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(TextRow.Of(string.Empty));
        IDataView result = ml.Transforms.LoadImages("Image", null, "Text").Append(ml.Transforms.ResizeImages("Image", 2, 2))
            .Append(ml.Transforms.ExtractPixels("Pixels", "Image")).Fit(data).Transform(data);
        VBuffer<float> pixels = result.GetColumn<VBuffer<float>>("Pixels").Single();
        Assert.AreEqual(12, pixels.Length);
        Assert.AreEqual(0, pixels.GetValues().Length);
    }

    [TestMethod]
    public void A_missing_file_names_itself()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(TextRow.Of("no-such.png"));
        IDataView result = ml.Transforms.LoadImages("Image", Path.GetTempPath(), "Text").Fit(data).Transform(data);
        Exception error = Assert.Throws<FileNotFoundException>(() => result.GetColumn<MLImage>("Image").Count());
        StringAssert.Contains(error.Message, "no-such.png");
    }

    [TestMethod]
    public void Raw_bytes_are_the_files()
    {
        var ml = new MLContext();
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("a.bin"), [1, 2, 3]);
        IDataView data = ml.Data.LoadFromEnumerable(TextRow.Of("a.bin", string.Empty));
        IDataView result = ml.Transforms.LoadRawImageBytes("Bytes", folder.Path, "Text").Fit(data).Transform(data);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Byte), result.Schema["Bytes"].Type);
        byte[][] read = result.GetColumn<byte[]>("Bytes").ToArray();
        CollectionAssert.AreEqual((byte[])[1, 2, 3], read[0]);
        Assert.IsEmpty(read[1]);
    }

    [TestMethod]
    public void The_last_image_of_a_cursor_is_disposed_with_it()
    {
        var ml = new MLContext();
        using var folder = new TemporaryFolder();
        using (MLImage image = TestImages.Noise(3, 3))
        {
            image.Save(folder.File("a.png"));
        }
        IDataView data = ml.Data.LoadFromEnumerable(TextRow.Of("a.png", "a.png"));
        IDataView result = ml.Transforms.LoadImages("Image", folder.Path, "Text").Fit(data).Transform(data);
        MLImage? first = null;
        MLImage? second = null;
        using (DataViewRowCursor cursor = result.GetRowCursor([result.Schema["Image"]]))
        {
            ValueGetter<MLImage> getter = cursor.GetGetter<MLImage>(result.Schema["Image"]);
            Assert.IsTrue(cursor.MoveNext());
            MLImage value = null!;
            getter(ref value);
            first = value;
            Assert.IsTrue(cursor.MoveNext());
            getter(ref value);
            second = value;
            Assert.AreEqual(3, second.Width);
        }
        Assert.ThrowsExactly<InvalidOperationException>(() => first.Width);
        Assert.ThrowsExactly<InvalidOperationException>(() => second.Width);
    }

    [TestMethod]
    public void Wrong_columns_are_refused()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(new[] { new Numbered { Number = 1, Text = "a" } });
        var loaded = ml.Transforms.LoadImages("Image", null, "Text");
        Exception error = Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.LoadImages("Image", null, "Number").Fit(data));
        StringAssert.Contains(error.Message, "Schema mismatch for input column 'Number': expected String, got Int32");
        error = Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.LoadImages("Image", null, "Nowhere").Fit(data));
        StringAssert.Contains(error.Message, "Could not find input column 'Nowhere'");
        error = Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.ResizeImages("Image", 2, 2, "Text").Fit(data));
        StringAssert.Contains(error.Message, "Schema mismatch for input column 'Text': expected image, got String");
        error = Assert.Throws<ArgumentOutOfRangeException>(() => loaded.Append(ml.Transforms.ExtractPixels("Pixels", "Text")).Fit(data));
        StringAssert.Contains(error.Message, "Schema mismatch for input column 'Text': expected Image, got String");
        error = Assert.Throws<ArgumentOutOfRangeException>(() => loaded.Append(ml.Transforms.ExtractPixels("Pixels", "Image")).Fit(data));
        StringAssert.Contains(error.Message, "Schema mismatch for input column 'Image': expected known-size image, got unknown-size image");
        Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.ResizeImages("Image", 0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.ExtractPixels("Pixels", "Image", colorsToExtract: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.ExtractPixels("Pixels", "Image", scaleImage: 0));
    }

    [TestMethod]
    public void Filling_takes_the_nearest_pixel()
    {
        using MLImage image = TestImages.Noise(7, 5);
        using MLImage resized = Resize(image, 13, 3, ImageResizingEstimator.ResizingKind.Fill);
        for (int y = 0; y < 3; y++)
        {
            for (int x = 0; x < 13; x++)
            {
                Assert.AreEqual(TestImages.At(image, (int)((x + 0.5) * 7 / 13), (int)((y + 0.5) * 5 / 3), 1), TestImages.At(resized, x, y, 1), $"{x}, {y}");
            }
        }
    }

    [TestMethod]
    [DataRow(40, 20, 12, 12, ImageResizingEstimator.Anchor.Center, -6, 0)]
    [DataRow(40, 20, 12, 12, ImageResizingEstimator.Anchor.Left, 0, 0)]
    [DataRow(40, 20, 12, 12, ImageResizingEstimator.Anchor.Right, -12, 0)]
    [DataRow(20, 40, 12, 12, ImageResizingEstimator.Anchor.Top, 0, 0)]
    [DataRow(20, 40, 12, 12, ImageResizingEstimator.Anchor.Bottom, 0, -12)]
    [DataRow(20, 40, 12, 12, ImageResizingEstimator.Anchor.Left, 0, -6)]
    [DataRow(10, 10, 24, 18, ImageResizingEstimator.Anchor.Center, 0, -3)]
    public void Cropping_keeps_the_proportions_and_covers_all(
        int width, int height, int toWidth, int toHeight, ImageResizingEstimator.Anchor anchor, int left, int top)
    {
        using MLImage image = TestImages.Noise(width, height);
        using MLImage resized = Resize(image, toWidth, toHeight, ImageResizingEstimator.ResizingKind.IsoCrop, anchor);
        double aspect = Math.Max((double)toWidth / width, (double)toHeight / height);
        AssertDrawn(image, resized, left, top, (int)(width * aspect), (int)(height * aspect));
    }

    [TestMethod]
    [DataRow(40, 20, 12, 12, 0, 3, 12, 6)]
    [DataRow(20, 40, 12, 12, 3, 0, 6, 12)]
    [DataRow(6, 6, 20, 12, 4, 0, 12, 12)]
    public void Padding_keeps_the_whole_picture(int width, int height, int toWidth, int toHeight, int left, int top, int innerWidth, int innerHeight)
    {
        using MLImage image = TestImages.Noise(width, height);
        using MLImage resized = Resize(image, toWidth, toHeight, ImageResizingEstimator.ResizingKind.IsoPad);
        AssertDrawn(image, resized, left, top, innerWidth, innerHeight);
    }

    [TestMethod]
    public void An_image_of_the_right_size_is_handed_on()
    {
        using MLImage image = TestImages.Noise(6, 6);
        Assert.AreSame(image, Resize(image, 6, 6, ImageResizingEstimator.ResizingKind.IsoCrop));
    }

    [TestMethod]
    [DataRow(ImagePixelExtractingEstimator.ColorBits.Rgb, ImagePixelExtractingEstimator.ColorsOrder.ARGB, "RGB")]
    [DataRow(ImagePixelExtractingEstimator.ColorBits.Rgb, ImagePixelExtractingEstimator.ColorsOrder.ABGR, "BGR")]
    [DataRow(ImagePixelExtractingEstimator.ColorBits.All, ImagePixelExtractingEstimator.ColorsOrder.AGBR, "AGBR")]
    [DataRow(ImagePixelExtractingEstimator.ColorBits.Red | ImagePixelExtractingEstimator.ColorBits.Blue, ImagePixelExtractingEstimator.ColorsOrder.ABRG, "BR")]
    [DataRow(ImagePixelExtractingEstimator.ColorBits.Alpha, ImagePixelExtractingEstimator.ColorsOrder.ARBG, "A")]
    public void Pixels_come_in_the_asked_order(
        ImagePixelExtractingEstimator.ColorBits colours, ImagePixelExtractingEstimator.ColorsOrder order, string planes)
    {
        var ml = new MLContext();
        foreach (MLPixelFormat format in new[] { MLPixelFormat.Bgra32, MLPixelFormat.Rgba32 })
        {
            foreach (bool interleave in new[] { false, true })
            {
                using MLImage noise = TestImages.Noise(4, 3);
                using MLImage image = MLImage.CreateFromPixels(4, 3, format, noise.Pixels);
                IDataView data = ml.Data.LoadFromEnumerable(new[] { new Sized { Image = image } });
                IDataView floats = ml.Transforms.ExtractPixels("Pixels", "Image", colours, order, interleave, offsetImage: 10, scaleImage: 0.5f).Fit(data).Transform(data);
                IDataView bytes = ml.Transforms.ExtractPixels("Pixels", "Image", colours, order, interleave, outputAsFloatArray: false).Fit(data).Transform(data);
                int n = planes.Length;
                Assert.AreEqual(
                    interleave ? new VectorDataViewType(NumberDataViewType.Byte, 3, 4, n) : new VectorDataViewType(NumberDataViewType.Byte, n, 3, 4),
                    bytes.Schema["Pixels"].Type);
                string letters = format == MLPixelFormat.Bgra32 ? "BGRA" : "RGBA";
                byte[] source = image.Pixels.ToArray();
                byte[] expected = new byte[12 * n];
                for (int i = 0; i < expected.Length; i++)
                {
                    (int pixel, int plane) = interleave ? (i / n, i % n) : (i % 12, i / 12);
                    expected[i] = source[(4 * pixel) + letters.IndexOf(planes[plane])];
                }
                byte[] read = bytes.GetColumn<byte[]>("Pixels").Single();
                CollectionAssert.AreEqual(expected, read);
                using MLImage again = MLImage.CreateFromPixels(4, 3, format, noise.Pixels);
                data = ml.Data.LoadFromEnumerable(new[] { new Sized { Image = again } });
                floats = ml.Transforms.ExtractPixels("Pixels", "Image", colours, order, interleave, offsetImage: 10, scaleImage: 0.5f).Fit(data).Transform(data);
                CollectionAssert.AreEqual(expected.Select(value => (value - 10f) * 0.5f).ToArray(), floats.GetColumn<float[]>("Pixels").Single());
            }
        }
    }

    private static MLImage Resize(
        MLImage image, int width, int height, ImageResizingEstimator.ResizingKind kind, ImageResizingEstimator.Anchor anchor = ImageResizingEstimator.Anchor.Center)
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(new[] { new Any { Image = image } });
        IDataView resized = ml.Transforms.ResizeImages("Image", width, height, resizing: kind, cropAnchor: anchor).Fit(data).Transform(data);
        return resized.GetColumn<MLImage>("Image").Single();
    }

    /// <summary>
    /// The source drawn into a rectangle, nothing outside it, in double precision: enlarged with Mitchell and Netravali's filter; reduced bilinearly, from the
    /// picture halved as often as it stays larger (sides are even here).
    /// </summary>
    private static void AssertDrawn(MLImage source, MLImage result, int left, int top, int width, int height)
    {
        bool reduce = width < source.Width;
        for (int c = 0; c < 3; c++)
        {
            double[,] from = Plane(source, c);
            while (from.GetLength(1) >= 2 * width)
            {
                from = Halved(from);
            }
            for (int y = 0; y < result.Height; y++)
            {
                for (int x = 0; x < result.Width; x++)
                {
                    double expected = 0;
                    if (x >= left && x < left + width && y >= top && y < top + height)
                    {
                        double u = ((x - left + 0.5) * from.GetLength(1) / width) - 0.5;
                        double v = ((y - top + 0.5) * from.GetLength(0) / height) - 0.5;
                        for (int j = (int)Math.Floor(v) - 1; j <= (int)Math.Floor(v) + 2; j++)
                        {
                            for (int i = (int)Math.Floor(u) - 1; i <= (int)Math.Floor(u) + 2; i++)
                            {
                                double weight = reduce ? Math.Max(0, 1 - Math.Abs(u - i)) * Math.Max(0, 1 - Math.Abs(v - j)) : Mitchell(u - i) * Mitchell(v - j);
                                expected += weight * from[Math.Clamp(j, 0, from.GetLength(0) - 1), Math.Clamp(i, 0, from.GetLength(1) - 1)];
                            }
                        }
                    }
                    Assert.AreEqual(Math.Clamp(expected, 0, 255), TestImages.At(result, x, y, c), reduce ? 2.5 : 1.01, $"{x}, {y}, {c}");
                }
            }
        }
    }

    private static double[,] Plane(MLImage image, int c)
    {
        var plane = new double[image.Height, image.Width];
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                plane[y, x] = TestImages.At(image, x, y, c);
            }
        }
        return plane;
    }

    private static double[,] Halved(double[,] from)
    {
        var half = new double[from.GetLength(0) / 2, from.GetLength(1) / 2];
        for (int y = 0; y < half.GetLength(0); y++)
        {
            for (int x = 0; x < half.GetLength(1); x++)
            {
                half[y, x] = (from[2 * y, 2 * x] + from[2 * y, (2 * x) + 1] + from[(2 * y) + 1, 2 * x] + from[(2 * y) + 1, (2 * x) + 1]) / 4;
            }
        }
        return half;
    }

    private static double Mitchell(double distance)
    {
        double x = Math.Abs(distance);
        return x < 1 ? (7.0 / 6 * x * x * x) - (2 * x * x) + (8.0 / 9)
            : x < 2 ? (-7.0 / 18 * x * x * x) + (2 * x * x) - (10.0 / 3 * x) + (16.0 / 9)
            : 0;
    }

    private sealed class Numbered
    {
        public int Number { get; set; }

        public string Text { get; set; } = "";
    }

    private sealed class Sized
    {
        [ImageType(3, 4)]
        public MLImage? Image { get; set; }
    }

    private sealed class Any
    {
        // A size is needed and promises nothing that ResizeImages would look at.
        [ImageType(1, 1)]
        public MLImage? Image { get; set; }
    }
}
