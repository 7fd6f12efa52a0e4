using AlexNetMl.Imaging;
using AlexNetMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace AlexNetMl.Trainers.Tests;

/// <summary>Pictures as bytes and as images train what their paths train.</summary>
[TestClass]
public sealed class PictureColumnTests : IDisposable
{
    private readonly Given _given = new(perClass: 12);
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _given.Dispose();

    [TestMethod]
    public void The_same_pictures_give_the_same_weights_whatever_the_column_holds()
    {
        IDataView data = Data();
        NetworkTrainerOptions options = Given.Small with { Epochs = 2 };
        float[] expected = [];
        foreach (string column in new[] { "ImagePath", "Bytes", "Image" })
        {
            string run = _given[column];
            using NetworkTransformer model = _ml.MulticlassClassification.Trainers.AlexNet(options with { ImageColumnName = column, RunFolder = run }).Fit(data);
            CollectionAssert.AreEqual(
                File.ReadAllBytes(_given["ImagePath/weights.safetensors"]), File.ReadAllBytes(Path.Combine(run, "weights.safetensors")), column);
            float[] scores = [.. model.Transform(data).GetColumn<float[]>("Score").SelectMany(row => row)];
            if (expected.Length == 0)
                expected = scores;
            CollectionAssert.AreEqual(expected, scores, column);
        }
    }

    [TestMethod]
    public void Rows_with_pictures_resume_only_with_the_same_pictures()
    {
        NetworkTrainerOptions options = Given.Small with { ImageColumnName = "Bytes", RunFolder = _given["run"], MaxSteps = 2 };
        _ml.MulticlassClassification.Trainers.AlexNet(options).Fit(Data()).Dispose();
        NetworkTrainerOptions more = options with { Resume = true, MaxSteps = 4 };
        using (NetworkTransformer resumed = _ml.MulticlassClassification.Trainers.AlexNet(more).Fit(Data()))
            Assert.AreEqual(2, resumed.Training.Result.FirstStep);

        // One pixel of one picture.
        RgbImage picture = ImageFile.Load(_given.Rows[0].ImagePath);
        picture.Pixels[0] ^= 1;
        File.WriteAllBytes(_given.Rows[0].ImagePath, PngEncoder.Encode(picture));
        Assert.Contains("another than the one asked for", Assert.ThrowsExactly<InvalidOperationException>(
            () => _ml.MulticlassClassification.Trainers.AlexNet(more with { MaxSteps = 6 }).Fit(Data())).Message);
    }

    [TestMethod]
    public void A_broken_one_is_named_by_its_row()
    {
        File.WriteAllText(_given.Rows[4].ImagePath, "no picture");
        Exception error = Assert.ThrowsExactly<ImageFormatException>(() => _ml.MulticlassClassification.Trainers.AlexNet(Given.Small with { ImageColumnName = "Bytes" }).Fit(Data(images: false)));
        StringAssert.StartsWith(error.Message, "row 4 of the column 'Bytes': ");
        File.WriteAllBytes(_given.Rows[5].ImagePath, []);
        error = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.MulticlassClassification.Trainers.AlexNet(Given.Small with { ImageColumnName = "Bytes" }).Fit(Data(images: false)));
        StringAssert.Contains(error.Message, "Row 5 of the training data has nothing in the column 'Bytes'");
        using NetworkTransformer model = _ml.MulticlassClassification.Trainers.AlexNet(Given.Small with { ImageColumnName = "Bytes", OnBrokenImage = BrokenImageHandling.Skip, ValidationFraction = 0 }).Fit(Data(images: false));
        Assert.AreEqual((35, 1), (model.Training.Run.Data.TrainingPictures, model.Training.Result.SkippedImages));
    }

    [TestMethod]
    public void The_temporary_file_goes_with_fit()
    {
        var ml = new MLContext { TempFilePath = Directory.CreateDirectory(_given["temporary"]).FullName };
        NetworkTransformer model = ml.MulticlassClassification.Trainers.AlexNet(Given.Small with { ImageColumnName = "Bytes", MaxSteps = 1 }, ml).Fit(Data());
        CollectionAssert.AreEqual(new[] { model.ModelFolder }, Directory.GetFileSystemEntries(ml.TempFilePath));
        model.Dispose();
        Assert.IsEmpty(Directory.GetFileSystemEntries(ml.TempFilePath));
    }

    private IDataView Data(bool images = true)
    {
        IDataView data = _ml.Data.LoadFromEnumerable(_given.Rows.Select(row => new Row
        {
            ImagePath = row.ImagePath, Name = row.Name, Bytes = File.ReadAllBytes(row.ImagePath), Image = images ? Image(row.ImagePath) : null!,
        }).ToArray());
        return _ml.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(data).Transform(data);
    }

    // The pixels that the path's file holds, in ML.NET's order of channels.
    private static MLImage Image(string path)
    {
        RgbImage picture = ImageFile.Load(path);
        byte[] pixels = new byte[4 * picture.Width * picture.Height];
        for (int i = 0; i < picture.Width * picture.Height; i++)
        {
            for (int c = 0; c < 3; c++)
                pixels[(4 * i) + c] = picture.Pixels[(3 * i) + 2 - c];
            pixels[(4 * i) + 3] = 255;
        }
        return MLImage.CreateFromPixels(picture.Width, picture.Height, MLPixelFormat.Bgra32, pixels);
    }

    private sealed class Row
    {
        public string ImagePath { get; set; } = string.Empty;

        public string Name { get; set; } = string.Empty;

        public byte[] Bytes { get; set; } = [];

        [ImageType(32, 32)]
        public MLImage Image { get; set; } = null!;
    }
}
