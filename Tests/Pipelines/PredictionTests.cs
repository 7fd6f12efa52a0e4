using AlexNetMl.Imaging;
using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines.Tests;

/// <summary>Single rows.</summary>
[TestClass]
public sealed class PredictionTests : IDisposable
{
    private readonly ColourNetwork _network = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _network.Dispose();

    [TestMethod]
    public void An_engine_predicts_what_the_batch_scorer_gives()
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Pictures(12));
        using var chain = _ml.Transforms.CopyColumns("Copy", "ImagePath")
            .Append(_ml.Transforms.ScoreOnnxImages(_network.Model, "Copy", new OnnxImageScorerOptions { TopK = 2, Logits = true }))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel"))
            .Fit(data);
        using PredictionEngine<PictureRow, Predicted> engine = _ml.Model.CreatePredictionEngine<PictureRow, Predicted>(chain);
        for (int number = 0; number < 12; number++)
        {
            Predicted row = engine.Predict(_network.Picture(number));
            Assert.AreEqual(ColourNetwork.TrueLabel(number), row.Name);
            Assert.AreEqual(ColourNetwork.TrueLabel(number), row.TopLabels[0]);
            Assert.AreEqual(number, row.Number);
            for (int i = 0; i < 3; i++)
            {
                Assert.AreEqual(ColourNetwork.Expected(number)[i], row.Score[i], 1e-6);
            }
        }
    }

    [TestMethod]
    public void A_bad_picture_is_an_exception_or_a_marked_row_and_the_engine_goes_on()
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Picture(0));
        using OnnxImageScoringTransformer stopping = _ml.Transforms.ScoreOnnxImages(_network.Model).Fit(data);
        using PredictionEngine<PictureRow, ScoredRow> engine = _ml.Model.CreatePredictionEngine<PictureRow, ScoredRow>(
            stopping, new PredictionEngineOptions { OwnsTransformer = false });
        Assert.ThrowsExactly<FileNotFoundException>(() => engine.Predict(new PictureRow { ImagePath = "nowhere.png" }));
        Assert.ThrowsExactly<ImageFormatException>(() => engine.Predict(new PictureRow { ImagePath = _network.WriteFile("text.png", [1, 2, 3]) }));
        Assert.AreEqual(ColourNetwork.Expected(3)[0], engine.Predict(_network.Picture(3)).Score[0], 1e-6);

        using OnnxImageScoringTransformer marking = _ml.Transforms.ScoreOnnxImages(
            _network.Model, options: new OnnxImageScorerOptions { OnInvalidImage = InvalidImageHandling.Mark }).Fit(data);
        using PredictionEngine<PictureRow, MarkedRow> marked = _ml.Model.CreatePredictionEngine<PictureRow, MarkedRow>(marking, new PredictionEngineOptions { OwnsTransformer = false });
        StringAssert.Contains(marked.Predict(new PictureRow { ImagePath = "nowhere.png" }).Error, "nowhere.png");
        Assert.AreEqual(string.Empty, marked.Predict(_network.Picture(3)).Error);
    }

    [TestMethod]
    public void Many_threads_predict_what_one_does()
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Pictures(200));
        using OnnxImageScoringTransformer transformer = _ml.Transforms.ScoreOnnxImages(_network.Model).Fit(data);
        using ConcurrentPredictionEngine<PictureRow, ScoredRow> engine = _ml.Model.CreateConcurrentPredictionEngine<PictureRow, ScoredRow>(transformer);
        PictureRow[] pictures = _network.Pictures(200);
        float[][] serial = [.. pictures.Select(picture => engine.Predict(picture).Score)];
        var together = new ScoredRow[200];
        Thread[] threads = [.. Enumerable.Range(0, 16).Select(thread => new Thread(() =>
        {
            for (int i = thread; i < 200; i += 16)
            {
                together[i] = engine.Predict(pictures[i]);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        for (int i = 0; i < 200; i++)
        {
            Assert.AreEqual(i, together[i].Number);
            CollectionAssert.AreEqual(serial[i], together[i].Score);
        }
    }

    [TestMethod]
    public void A_disposed_engine_says_so_and_leaves_the_model_unless_it_owns_it()
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Picture(0));
        OnnxImageScoringTransformer transformer = _ml.Transforms.ScoreOnnxImages(_network.Model).Fit(data);
        ConcurrentPredictionEngine<PictureRow, ScoredRow> borrowing = _ml.Model.CreateConcurrentPredictionEngine<PictureRow, ScoredRow>(transformer);
        borrowing.Dispose();
        borrowing.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => borrowing.Predict(_network.Picture(0)));
        Assert.AreEqual(1, transformer.Transform(data).GetColumn<float[]>("Score").Count());
        _ml.Model.CreateConcurrentPredictionEngine<PictureRow, ScoredRow>(transformer, ownsTransformer: true).Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => transformer.Transform(data));
    }

    private sealed class Predicted
    {
        public int Number { get; set; }

        public float[] Score { get; set; } = [];

        public string Name { get; set; } = string.Empty;

        public string[] TopLabels { get; set; } = [];
    }
}
