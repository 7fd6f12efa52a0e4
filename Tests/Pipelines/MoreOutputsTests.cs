using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines.Tests;

/// <summary>Best classes, logits and inner layers.</summary>
[TestClass]
public sealed class MoreOutputsTests : IDisposable
{
    private readonly ColourNetwork _network = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _network.Dispose();

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(9)]
    public void The_best_classes_come_best_first(int k)
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Pictures(13));
        using OnnxImageScoringTransformer transformer = _ml.Transforms.ScoreOnnxImages(_network.Model, options: new OnnxImageScorerOptions { TopK = k, BatchSize = 5 }).Fit(data);
        TopRow[] rows = [.. _ml.Data.CreateEnumerable<TopRow>(transformer.Transform(data), reuseRowObject: false)];
        foreach (TopRow row in rows)
        {
            int[] order = [.. Enumerable.Range(0, 3).OrderByDescending(i => ColourNetwork.Expected(row.Number)[i]).Take(k)];
            CollectionAssert.AreEqual(order.Select(i => ColourNetwork.Labels[i]).ToArray(), row.TopLabels);
            CollectionAssert.AreEqual(order.Select(i => row.Score[i]).ToArray(), row.TopScores);
        }
    }

    [TestMethod]
    public void Logits_come_from_inside_the_graph()
    {
        byte[] file = File.ReadAllBytes(_network.ModelFile);
        IDataView data = ColourNetwork.Load(_ml, _network.Pictures(9));
        using OnnxImageScoringTransformer transformer = _ml.Transforms.ScoreOnnxImages(_network.Model, options: new OnnxImageScorerOptions { Logits = true }).Fit(data);
        LogitsRow[] rows = [.. _ml.Data.CreateEnumerable<LogitsRow>(transformer.Transform(data), reuseRowObject: false)];
        foreach (LogitsRow row in rows)
        {
            double[] expected = [.. ColourNetwork.Colour(row.Number).Reverse().Select(value => value / 25.5)];
            for (int i = 0; i < 3; i++)
            {
                Assert.AreEqual(expected[i], row.Logits[i], 1e-5);
                Assert.AreEqual(ColourNetwork.Expected(row.Number)[i], row.Score[i], 1e-6);
            }
        }

        CollectionAssert.AreEqual(file, File.ReadAllBytes(_network.ModelFile), "the file on disk is not touched");
    }

    [TestMethod]
    [DataRow("flat", 3)]
    [DataRow("mean", 3)]
    [DataRow("logits", 3)]
    [DataRow("Score", 3)]
    public void Any_layer_is_a_vector_column(string layer, int length)
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Pictures(9));
        using OnnxImageFeaturesTransformer transformer = _ml.Transforms.ExtractOnnxImageFeatures(
            _network.Model, layer: layer, options: new OnnxImageScorerOptions { BatchSize = 4 }).Fit(data);
        Assert.AreEqual(length, transformer.Length);
        Assert.AreEqual(layer, transformer.Layer);
        IDataView view = transformer.Transform(data);
        var type = (VectorDataViewType)view.Schema["Features"].Type;
        Assert.AreEqual(length, type.Size);
        Assert.IsNull(view.Schema.GetColumnOrNull("Score"));
        foreach (FeaturesRow row in _ml.Data.CreateEnumerable<FeaturesRow>(view, reuseRowObject: false))
        {
            double[] means = [.. ColourNetwork.Colour(row.Number).Select(value => value / 255d)];
            double[] expected = layer switch
            {
                "flat" or "mean" => means,
                "logits" => [.. means.Reverse().Select(value => value * 10)],
                _ => ColourNetwork.Expected(row.Number),
            };
            for (int i = 0; i < length; i++)
            {
                Assert.AreEqual(expected[i], row.Features[i], 1e-5);
            }
        }
    }

    [TestMethod]
    public void A_layer_that_is_not_there_is_named_with_those_that_are()
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Picture(0));
        OnnxScoringException e = Assert.ThrowsExactly<OnnxScoringException>(() => _ml.Transforms.ExtractOnnxImageFeatures(_network.Model, layer: "fc99").Fit(data));
        StringAssert.Contains(e.Message, "fc99");
        StringAssert.Contains(e.Message, "mean, flat, logits, Score");
        StringAssert.Contains(e.Message, _network.ModelFile);
    }

    [TestMethod]
    public void Features_go_into_ML_NET_s_own_trainers()
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Pictures(60));
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Transforms.ExtractOnnxImageFeatures(_network.Model, layer: "flat"))
            .Append(_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
        using var model = pipeline.Fit(data);
        IDataView test = ColourNetwork.Load(_ml, [.. Enumerable.Range(100, 60).Select(_network.Picture)]);
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(model.Transform(test));
        Assert.IsGreaterThan(0.95, metrics.MicroAccuracy);
    }

    [TestMethod]
    public void Scores_and_features_pass_through_cache_split_and_cross_validation()
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Pictures(60));
        using OnnxImageFeaturesTransformer features = _ml.Transforms.ExtractOnnxImageFeatures(_network.Model, layer: "flat").Fit(data);
        IDataView cached = _ml.Data.Cache(features.Transform(data));
        float[][] direct = [.. features.Transform(data).GetColumn<float[]>("Features")];
        for (int pass = 0; pass < 2; pass++)
        {
            float[][] again = [.. cached.GetColumn<float[]>("Features")];
            for (int i = 0; i < direct.Length; i++)
            {
                CollectionAssert.AreEqual(direct[i], again[i]);
            }
        }

        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Transforms.ExtractOnnxImageFeatures(_network.Model, layer: "flat"))
            .Append(_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
        var folds = _ml.MulticlassClassification.CrossValidate(data, pipeline, numberOfFolds: 3);
        Assert.HasCount(3, folds);
        foreach (TrainCatalogBase.CrossValidationResult<MulticlassClassificationMetrics> fold in folds)
        {
            Assert.IsGreaterThan(0.9, fold.Metrics.MicroAccuracy);
        }

        var scorer = _ml.Transforms.MapLabelsToKeys(_network.Model).Append(_ml.Transforms.ScoreOnnxImages(_network.Model));
        foreach (TrainCatalogBase.CrossValidationResult<MulticlassClassificationMetrics> fold in _ml.MulticlassClassification.CrossValidate(data, scorer, numberOfFolds: 3))
        {
            Assert.AreEqual(1, fold.Metrics.MicroAccuracy);
        }
    }

    private sealed class TopRow
    {
        public int Number { get; set; }

        public float[] Score { get; set; } = [];

        public string[] TopLabels { get; set; } = [];

        public float[] TopScores { get; set; } = [];
    }

    private sealed class LogitsRow
    {
        public int Number { get; set; }

        public float[] Score { get; set; } = [];

        public float[] Logits { get; set; } = [];
    }

    private sealed class FeaturesRow
    {
        public int Number { get; set; }

        public float[] Features { get; set; } = [];
    }
}
