using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class ImageTests
{
    [TestMethod]
    public void An_image_holds_the_pixels_it_was_made_of()
    {
        byte[] pixels = [1, 2, 3, 255, 4, 5, 6, 255];
        using MLImage bgra = MLImage.CreateFromPixels(2, 1, MLPixelFormat.Bgra32, pixels);
        CollectionAssert.AreEqual(pixels, bgra.Pixels.ToArray());
        CollectionAssert.AreEqual((byte[])[1, 2, 3, 4, 5, 6], bgra.GetBGRPixels);
        Assert.AreEqual((2, 1, 32, MLPixelFormat.Bgra32), (bgra.Width, bgra.Height, bgra.BitsPerPixel, bgra.PixelFormat));
        using MLImage rgba = MLImage.CreateFromPixels(1, 2, MLPixelFormat.Rgba32, pixels);
        CollectionAssert.AreEqual((byte[])[3, 2, 1, 6, 5, 4], rgba.GetBGRPixels);
        CollectionAssert.AreEqual(pixels, rgba.Pixels.ToArray());
        Assert.IsNull(rgba.Tag);
        rgba.Tag = "b.png";
        Assert.AreEqual("b.png", rgba.Tag);
        rgba.Dispose();
        rgba.Dispose();
        Assert.ThrowsExactly<InvalidOperationException>(() => rgba.Width);
        Assert.ThrowsExactly<InvalidOperationException>(() => rgba.Pixels.Length);
        Assert.ThrowsExactly<InvalidOperationException>(() => rgba.Tag);
    }

    [TestMethod]
    public void Impossible_images_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromPixels(1, 1, MLPixelFormat.Unknown, new byte[4]));
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromPixels(0, 1, MLPixelFormat.Bgra32, []));
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromPixels(1, 0, MLPixelFormat.Bgra32, []));
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromPixels(1, 1, MLPixelFormat.Bgra32, new byte[5]));
        Assert.ThrowsExactly<ArgumentNullException>(() => MLImage.CreateFromStream(null!));
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromStream(new MemoryStream([1, 2, 3])));
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromStream(new MemoryStream([])));
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromFile(Path.Combine(Path.GetTempPath(), "no-such-picture.png")));
        using MLImage image = TestImages.Noise(2, 2);
        Assert.ThrowsExactly<ArgumentException>(() => image.Save("picture.unknown"));
        Assert.ThrowsExactly<ArgumentException>(() => image.Save(Path.Combine(Path.GetTempPath(), "picture.ico")));
    }

    [TestMethod]
    public void A_png_file_keeps_every_pixel()
    {
        using var folder = new TemporaryFolder();
        using MLImage image = TestImages.Noise(37, 23);
        image.Save(folder.File("a.png"));
        using MLImage read = MLImage.CreateFromFile(folder.File("a.png"));
        CollectionAssert.AreEqual(image.GetBGRPixels, read.GetBGRPixels);
        Assert.AreEqual(MLPixelFormat.Bgra32, read.PixelFormat);
        Assert.IsTrue(read.Pixels.ToArray().Where((_, i) => i % 4 == 3).All(alpha => alpha == 255));
    }

    [TestMethod]
    public void Colours_of_half_transparent_pixels_are_premultiplied()
    {
        using var folder = new TemporaryFolder();
        using MLImage image = MLImage.CreateFromPixels(2, 1, MLPixelFormat.Bgra32, [50, 100, 128, 128, 0, 0, 0, 0]);
        CollectionAssert.AreEqual((byte[])[100, 199, 255, 0, 0, 0], image.GetBGRPixels);
        image.Save(folder.File("a.png"));
        using MLImage read = MLImage.CreateFromFile(folder.File("a.png"));
        byte[] pixels = read.Pixels.ToArray();
        Assert.AreEqual(128, pixels[3]);
        Assert.AreEqual(50, pixels[0], 1);
        Assert.AreEqual(100, pixels[1], 1);
        Assert.AreEqual(128, pixels[2], 1);
        Assert.AreEqual(0, pixels[7]);
    }

    [TestMethod]
    public void A_jpeg_file_comes_back_nearly_as_it_was()
    {
        using var folder = new TemporaryFolder();
        using MLImage image = TestImages.Gradient(64, 48);
        image.Save(folder.File("a.JPG"));
        using MLImage read = MLImage.CreateFromFile(folder.File("a.JPG"));
        Assert.AreEqual((64, 48), (read.Width, read.Height));
        TestImages.AssertClose(image.GetBGRPixels, read.GetBGRPixels, 6);
    }

    [TestMethod]
    public void Image_types_know_their_size()
    {
        Assert.AreEqual("Image", new ImageDataViewType().ToString());
        Assert.AreEqual("Image<3, 4>", new ImageDataViewType(3, 4).ToString());
        Assert.IsTrue(new ImageDataViewType(3, 4).Equals((DataViewType)new ImageDataViewType(3, 4)));
        Assert.IsFalse(new ImageDataViewType(3, 4).Equals((DataViewType)new ImageDataViewType(4, 3)));
        Assert.AreEqual(typeof(MLImage), new ImageDataViewType().RawType);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageDataViewType(0, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageTypeAttribute(4, 0));
    }

    [TestMethod]
    public void Members_can_be_images()
    {
        var ml = new MLContext();
        using MLImage image = TestImages.Noise(4, 3);
        IDataView data = ml.Data.LoadFromEnumerable(new[] { new Picture { Image = image } });
        Assert.IsTrue(new ImageDataViewType(3, 4).Equals(data.Schema["Image"].Type));
        Assert.AreSame(image, data.GetColumn<MLImage>("Image").Single());
        Assert.AreSame(image, ml.Data.CreateEnumerable<Picture>(data, reuseRowObject: false).Single().Image);
        Assert.Throws<Exception>(() => ml.Data.LoadFromEnumerable(new[] { new Unmarked() }));
        Assert.Throws<ArgumentOutOfRangeException>(() => ml.Data.LoadFromEnumerable(new[] { new Sizeless() }), "ML.NET has no image members of any size");
        ITransformer model = ml.Transforms.ExtractPixels("Pixels", "Image").Fit(data);
        using PredictionEngine<Picture, Pixels> engine = ml.Model.CreatePredictionEngine<Picture, Pixels>(model);
        float[] pixels = engine.Predict(new Picture { Image = image }).Values;
        Assert.AreEqual(image.Pixels[2], pixels[0]);
    }

    [TestMethod]
    public void A_cache_leaves_images_out()
    {
        var ml = new MLContext();
        using MLImage image = TestImages.Noise(4, 3);
        IDataView cache = ml.Data.Cache(ml.Data.LoadFromEnumerable(new[] { new Picture { Image = image, Name = "a" } }));
        Assert.AreEqual("Name", Reading.Names(cache.Schema));
        CollectionAssert.AreEqual((string[])["a"], cache.GetColumn<string>("Name").ToArray());
        Assert.Throws<InvalidOperationException>(() => ml.Data.Cache(ml.Data.LoadFromEnumerable(new[] { new Picture() }), "Image"));
    }

    private sealed class Picture
    {
        [ImageType(3, 4)]
        public MLImage? Image { get; set; }

        public string Name { get; set; } = "";
    }

    private sealed class Unmarked
    {
        public MLImage? Image { get; set; }
    }

    private sealed class Sizeless
    {
        [ImageType]
        public MLImage? Image { get; set; }
    }

    private sealed class Pixels
    {
        [ColumnName("Pixels")]
        public float[] Values { get; set; } = [];
    }
}
