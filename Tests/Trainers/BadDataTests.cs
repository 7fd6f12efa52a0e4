using AlexNetMl.Imaging;
using AlexNetMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace AlexNetMl.Trainers.Tests;

/// <summary>Data that cannot be trained on: an error of ML.NET's kind at once, that names column, expected and found.</summary>
[TestClass]
public sealed class BadDataTests : IDisposable
{
    private readonly Given _given = new(perClass: 8);
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _given.Dispose();

    [TestMethod]
    [DataRow("Nothing", "Name", "Could not find label column 'Nothing' among")]
    [DataRow("Name", "ImagePath", "Schema mismatch for label column 'Name': expected Key<UInt32>, got String")]
    [DataRow("Byte", "ImagePath", "Schema mismatch for label column 'Byte': expected Key<UInt32>, got Key<Byte")]
    [DataRow("Label", "Nothing", "Could not find input column 'Nothing' among")]
    [DataRow("Label", "Number", "Schema mismatch for input column 'Number': expected String (a path), Vector<Byte> (an encoded picture) or Image")]
    [DataRow("Label", "Vector", "Schema mismatch for input column 'Vector': expected String (a path), Vector<Byte> (an encoded picture) or Image")]
    [DataRow("Label", "Byte", "Schema mismatch for input column 'Byte': expected String (a path), Vector<Byte> (an encoded picture) or Image")]
    public void Missing_and_mistyped_columns_are_told_from_the_promise_and_from_the_data(string label, string image, string message)
    {
        IDataView data = Data(_given.Rows);
        NetworkTrainingEstimator estimator = Estimator(new NetworkTrainerOptions { LabelColumnName = label, ImageColumnName = image });
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.Fit(data)).Message, message);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.GetOutputSchema(ShapeProbe.Of(_ml, data))).Message, message);
    }

    [TestMethod]
    public void A_key_without_bound_is_refused()
    {
        IDataView data = Data(_given.Rows);
        Exception error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Estimator(new NetworkTrainerOptions { LabelColumnName = "Unbounded" }).Fit(data));
        StringAssert.Contains(error.Message, "Schema mismatch for label column 'Unbounded': expected Key<UInt32> of at most 100,000 keys, got Key<UInt32");
    }

    [TestMethod]
    public void No_rows() => Fails<InvalidOperationException>([], "The training data has no rows");

    [TestMethod]
    public void One_class()
    {
        PictureRow[] rows = [.. _given.Rows.Where(row => row.Name == "disc")];
        Fails<InvalidOperationException>(rows, "All 8 rows with a label have 'disc' in 'Label'");
        IDataView only = Given.WithKeys(_ml, rows);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => Estimator(new NetworkTrainerOptions()).Fit(only)).Message, "one key only ('disc')");
    }

    [TestMethod]
    public void No_label() => Fails<InvalidOperationException>([.. _given.Rows.Select(row => new PictureRow { ImagePath = row.ImagePath, Name = "unknown" })], "None of the 24 rows of the training data has a label");

    [TestMethod]
    public void An_unreadable_picture_stops_with_its_path_or_is_left_out()
    {
        string broken = _given["broken.png"];
        File.WriteAllText(broken, "no picture");
        PictureRow[] rows = [.. _given.Rows, new() { ImagePath = broken, Name = "disc" }, new() { ImagePath = _given["nowhere.png"], Name = "disc" }];
        Fails<ImageFormatException>(rows, broken);

        using NetworkTransformer model = Estimator(new NetworkTrainerOptions { OnBrokenImage = BrokenImageHandling.Skip, ValidationFraction = 0 }).Fit(Data(rows));
        Assert.AreEqual(2, model.Training.Result.SkippedImages);
    }

    [TestMethod]
    public void A_row_without_a_path_stops_or_is_left_out_and_counted()
    {
        PictureRow[] rows = [.. _given.Rows[..5], new() { ImagePath = "", Name = "disc" }, .. _given.Rows[5..]];
        Fails<InvalidOperationException>(rows, "Row 5 of the training data has nothing in the column 'ImagePath'");
        var log = new LogLines(_ml);
        Estimator(new NetworkTrainerOptions { OnBrokenImage = BrokenImageHandling.Skip }).Fit(Data(rows)).Dispose();
        Assert.Contains("1 of 25 rows of the training data are left out: they hold no picture", string.Join('\n', log.Of(ChannelMessageKind.Warning)));
    }

    [TestMethod]
    public void All_pictures_unreadable()
    {
        PictureRow[] rows = [.. _given.Rows.Select((row, index) => new PictureRow { ImagePath = $"nowhere-{index}.png", Name = row.Name })];
        Exception error = Assert.ThrowsExactly<InvalidDataException>(() => Estimator(new NetworkTrainerOptions { OnBrokenImage = BrokenImageHandling.Skip }).Fit(Data(rows)));
        StringAssert.Contains(error.Message, "can be decoded, the first is 'nowhere-");
        Fails<FileNotFoundException>(rows, "nowhere-");
    }

    [TestMethod]
    public void Labels_that_cannot_be_written_down_are_refused_before_training()
    {
        PictureRow[] rows = [.. _given.Rows.Select(row => new PictureRow { ImagePath = row.ImagePath, Name = row.Name + "\n" })];
        IDataView data = Given.WithKeys(_ml, rows);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => Estimator(new NetworkTrainerOptions()).Fit(data)).Message, "'Label' cannot be a model's labels: Label 0");
    }

    [TestMethod]
    public void Options_are_checked_before_there_is_data()
    {
        Assert.Contains("[0, 1)", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Estimator(new NetworkTrainerOptions { ValidationFraction = 1 })).Message);
        Assert.Contains("RunFolder", Assert.ThrowsExactly<ArgumentException>(() => _ml.MulticlassClassification.Trainers.AlexNet(new NetworkTrainerOptions { Resume = true })).Message);
        Assert.ThrowsExactly<ArgumentException>(() => _ml.MulticlassClassification.Trainers.AlexNet(new NetworkTrainerOptions { LabelColumnName = " " }));
        Assert.ThrowsExactly<TrainingRequestException>(() => _ml.MulticlassClassification.Trainers.AlexNet(Given.Small with { Epochs = 0 }).Fit(Data(_given.Rows)));
    }

    [TestMethod]
    public void A_device_that_is_not_there_is_an_error_unless_the_context_lets_it_be()
    {
        if (TorchSharp.torch.cuda.is_available())
            Assert.Inconclusive("This machine has a CUDA device.");
        var ml = new MLContext { GpuDeviceId = 0 };
        Assert.ThrowsExactly<InvalidOperationException>(() => ml.MulticlassClassification.Trainers.AlexNet(Given.Small, ml).Fit(Given.WithKeys(ml, _given.Rows)));
        ml.FallbackToCpu = true;
        var log = new LogLines(ml);
        using NetworkTransformer model = ml.MulticlassClassification.Trainers.AlexNet(Given.Small with { MaxSteps = 1 }, ml).Fit(Given.WithKeys(ml, _given.Rows));
        Assert.AreEqual("cpu", model.Training.Run.Training.Device);
        Assert.Contains("no CUDA device 0", string.Join('\n', log.Of(ChannelMessageKind.Warning)));
    }

    private void Fails<TException>(PictureRow[] rows, string message)
        where TException : Exception
    {
        Exception error = Assert.ThrowsExactly<TException>(() => Estimator(new NetworkTrainerOptions()).Fit(Data(rows)));
        StringAssert.Contains(error.Message, message);
    }

    private NetworkTrainingEstimator Estimator(NetworkTrainerOptions options)
    {
        NetworkTrainerOptions small = Given.Small;
        return _ml.MulticlassClassification.Trainers.AlexNet(
            options with { Side = small.Side, ShorterSide = small.ShorterSide, Width = small.Width, BatchSize = 8, Epochs = 1, Threads = 1, LearningRate = small.LearningRate }, _ml);
    }

    // Keys over all three classes, whatever the rows hold.
    private IDataView Data(PictureRow[] rows)
    {
        IDataView wide = _ml.Data.LoadFromEnumerable(rows.Select(row => new WideRow { ImagePath = row.ImagePath, Name = row.Name }).ToArray());
        return _ml.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(Given.Load(_ml, _given.Rows)).Transform(wide);
    }

    private sealed class WideRow
    {
        public string ImagePath { get; set; } = string.Empty;

        public string Name { get; set; } = string.Empty;

        public int Number { get; set; }

        [VectorType(3)]
        public float[] Vector { get; set; } = new float[3];

        [KeyType(3)]
        public byte Byte { get; set; }

        [KeyType(1_000_000)]
        public uint Unbounded { get; set; }
    }
}
