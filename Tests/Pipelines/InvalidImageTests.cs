using AlexNetMl.Imaging;
using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace AlexNetMl.Pipelines.Tests;

[TestClass]
public sealed class InvalidImageTests
{
    [TestMethod]
    public void Marked_rows_say_why_and_leave_the_others_as_they_are()
    {
        using var network = new ColourNetwork();
        var ml = new MLContext();
        PictureRow[] rows = network.Pictures(20);
        byte[] whole = File.ReadAllBytes(rows[0].ImagePath);
        rows[2].ImagePath = Path.Combine(network.Folder, "missing.png");
        rows[3].ImagePath = network.WriteFile("cut.png", whole[..(whole.Length / 2)]);
        rows[7].ImagePath = network.WriteFile("text.png", "no picture"u8.ToArray());
        rows[8].ImagePath = network.WriteFile("empty.png", []);
        rows[9].ImagePath = string.Empty;
        rows[19].ImagePath = network.Folder;
        int[] broken = [2, 3, 7, 8, 9, 19];
        IDataView data = ColourNetwork.Load(ml, rows);
        using OnnxImageScoringTransformer transformer = Fit(ml, network, data, InvalidImageHandling.Mark);

        MarkedRow[] scored = [.. ml.Data.CreateEnumerable<MarkedRow>(transformer.Transform(data), reuseRowObject: false)];

        CollectionAssert.AreEqual(Enumerable.Range(0, 20).ToArray(), scored.Select(row => row.Number).ToArray());
        foreach (MarkedRow row in scored)
        {
            if (broken.Contains(row.Number))
            {
                Assert.AreNotEqual(string.Empty, row.Error);
                Assert.AreEqual(0u, row.PredictedLabel);
                Assert.HasCount(3, row.Score);
                Assert.IsTrue(Array.TrueForAll(row.Score, float.IsNaN));
            }
            else
            {
                Assert.AreEqual(string.Empty, row.Error);
                Assert.AreEqual(ColourNetwork.TrueLabel(row.Number), ColourNetwork.Labels[row.PredictedLabel - 1]);
                Assert.AreEqual(ColourNetwork.Expected(row.Number)[2], row.Score[2], 1e-6);
            }
        }
        StringAssert.Contains(scored[2].Error, "missing.png");
        StringAssert.Contains(scored[7].Error, "text.png");
        StringAssert.Contains(scored[19].Error, network.Folder);
    }

    [TestMethod]
    public void Marked_rows_are_left_out_of_an_evaluation_and_reported()
    {
        using var network = new ColourNetwork();
        var ml = new MLContext();
        List<string> warnings = [];
        ml.Log += (_, message) =>
        {
            if (message.Kind == ChannelMessageKind.Warning && message.Message.Contains("Error", StringComparison.Ordinal))
            {
                warnings.Add(message.Message);
            }
        };
        PictureRow[] rows = network.Pictures(9);
        rows[4].ImagePath = "nowhere.png";
        rows[5].Label = rows[5].Label == "blue" ? "red" : "blue";
        IDataView data = ColourNetwork.Load(ml, rows);
        var options = new OnnxImageScorerOptions { OnInvalidImage = InvalidImageHandling.Mark };
        using var chain = ml.Transforms.MapLabelsToKeys(network.Model)
            .Append(ml.Transforms.ScoreOnnxImages(network.Model, options: options, context: ml))
            .Fit(data);

        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(chain.Transform(data));

        Assert.AreEqual(7 / 8d, metrics.MicroAccuracy, 1e-9);
        Assert.Contains(warning => warning.Contains('1'), warnings);
    }

    [TestMethod]
    public void Otherwise_the_first_bad_picture_stops_the_enumeration()
    {
        using var network = new ColourNetwork();
        var ml = new MLContext();
        PictureRow[] rows = network.Pictures(20);
        IDataView data = ColourNetwork.Load(ml, rows);
        using OnnxImageScoringTransformer transformer = Fit(ml, network, data, InvalidImageHandling.Stop);
        IDataView view = transformer.Transform(data);
        Assert.IsNull(view.Schema.GetColumnOrNull("Error"));

        rows[13].ImagePath = Path.Combine(network.Folder, "missing.png");
        FileNotFoundException missing = Assert.ThrowsExactly<FileNotFoundException>(() => view.GetColumn<uint>("PredictedLabel").Count());
        StringAssert.Contains(missing.Message, rows[13].ImagePath);
        StringAssert.Contains(missing.Message, "13");

        rows[13].ImagePath = network.WriteFile("text.png", "no picture"u8.ToArray());
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Number"], view.Schema["Score"]]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(view.Schema["Score"]);
        VBuffer<float> value = default;
        ImageFormatException broken = Assert.ThrowsExactly<ImageFormatException>(() =>
        {
            while (cursor.MoveNext())
            {
                getter(ref value);
            }
        });
        StringAssert.Contains(broken.Message, "text.png");
        Assert.AreEqual(-1, cursor.Position);
        Assert.IsFalse(cursor.MoveNext());
        Assert.ThrowsExactly<InvalidOperationException>(() => getter(ref value));
    }

    private static OnnxImageScoringTransformer Fit(MLContext ml, ColourNetwork network, IDataView data, InvalidImageHandling handling)
    {
        var options = new OnnxImageScorerOptions { BatchSize = 4, OnInvalidImage = handling };
        return ml.Transforms.ScoreOnnxImages(network.Model, options: options).Fit(data);
    }
}
