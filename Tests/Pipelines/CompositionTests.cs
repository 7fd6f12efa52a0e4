using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines.Tests;

/// <summary>The estimator among ML.NET's own.</summary>
[TestClass]
public sealed class CompositionTests : IDisposable
{
    private readonly ColourNetwork _network = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _network.Dispose();

    [TestMethod]
    public void Columns_can_be_copied_and_made_before_and_selected_after()
    {
        string folder = _network.Folder;
        _network.Pictures(6);
        IDataView data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 6).Select(number => new NumberRow { Number = number }).ToArray());
        void MakePath(NumberRow row, PathRow path) => path.Made = Path.Combine(folder, $"{row.Number:00000}.png");
        var pipeline = _ml.Transforms.CustomMapping<NumberRow, PathRow>(MakePath, null!)
            .Append(_ml.Transforms.CopyColumns("Copied", "Made"))
            .Append(_ml.Transforms.ScoreOnnxImages(_network.ModelFile, "Copied", new OnnxImageScorerOptions { BatchSize = 4 }))
            .Append(_ml.Transforms.CustomMapping<ScoreOnly, BestRow>((row, best) => best.Best = row.Score.Max(), null!))
            .Append(_ml.Transforms.SelectColumns("Number", "Best", "PredictedLabel"));
        using var chain = pipeline.Fit(data);
        IDataView result = chain.Transform(data);

        CollectionAssert.AreEqual(new[] { "Number", "Best", "PredictedLabel" }, result.Schema.Select(column => column.Name).ToArray());
        CollectionAssert.AreEqual(Enumerable.Range(0, 6).ToArray(), result.GetColumn<int>("Number").ToArray());
        CollectionAssert.AreEqual(
            Enumerable.Range(0, 6).Select(ColourNetwork.TrueLabel).ToArray(),
            result.GetColumn<uint>("PredictedLabel").Select(key => ColourNetwork.Labels[key - 1]).ToArray());
        foreach ((int number, float best) in result.GetColumn<float>("Best").Index())
        {
            Assert.AreEqual(ColourNetwork.Expected(number).Max(), best, 1e-6);
        }
    }

    [TestMethod]
    public void Rows_can_be_taken_and_split_before_and_after()
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Pictures(40));
        using OnnxImageScoringTransformer transformer = Fit(data);

        Check(transformer.Transform(_ml.Data.TakeRows(data, 7)), 7);
        Check(_ml.Data.TakeRows(transformer.Transform(data), 7), 7);
        foreach (DataOperationsCatalog.TrainTestData split in (DataOperationsCatalog.TrainTestData[])
            [_ml.Data.TrainTestSplit(transformer.Transform(data), 0.25), _ml.Data.TrainTestSplit(data, 0.25)])
        {
            IDataView[] parts = [.. ((IDataView[])[split.TrainSet, split.TestSet])
                .Select(part => part.Schema.GetColumnOrNull("Score") is null ? transformer.Transform(part) : part)];
            int[] numbers = [.. parts.SelectMany(part => Check(part, null))];
            CollectionAssert.AreEquivalent(Enumerable.Range(0, 40).ToArray(), numbers);
        }
    }

    [TestMethod]
    public void A_chain_disposes_its_scorer()
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Pictures(2));
        var chain = _ml.Transforms.CopyColumns("Copy", "ImagePath")
            .Append(_ml.Transforms.ScoreOnnxImages(_network.Model, "Copy"))
            .Fit(data);
        OnnxImageScoringTransformer transformer = chain.LastTransformer;
        chain.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => transformer.Transform(chain.First().Transform(data)));
    }

    [TestMethod]
    public void A_second_scorer_hides_the_first_one_s_columns()
    {
        string reversed = Path.Combine(_network.Folder, "reversed.onnx");
        ColourNetwork.Write(reversed, ["a", "b", "c"]);
        IDataView data = ColourNetwork.Load(_ml, _network.Pictures(3));
        using var chain = _ml.Transforms.ScoreOnnxImages(_network.Model)
            .Append(_ml.Transforms.CopyColumns("First", "PredictedLabel"))
            .Append(_ml.Transforms.ScoreOnnxImages(reversed))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Second", "PredictedLabel"))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("First"))
            .Fit(data);
        IDataView result = chain.Transform(data);
        CollectionAssert.AreEqual(new[] { "c", "b", "a" }, result.GetColumn<string>("Second").ToArray());
        CollectionAssert.AreEqual(new[] { "red", "green", "blue" }, result.GetColumn<string>("First").ToArray());
        Assert.AreEqual(2, result.Schema.Count(column => column.Name == "Score"));
    }

    [TestMethod]
    public void A_scored_view_can_be_scored_again_by_another_fit()
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Pictures(9));
        using OnnxImageScoringTransformer first = Fit(data);
        using OnnxImageScoringTransformer second = Fit(first.Transform(data));
        Check(second.Transform(first.Transform(data)), 9);
    }

    private OnnxImageScoringTransformer Fit(IDataView data)
        => _ml.Transforms.ScoreOnnxImages(_network.Model, options: new OnnxImageScorerOptions { BatchSize = 4 }).Fit(data);

    private int[] Check(IDataView scored, int? rows)
    {
        ScoredRow[] all = [.. _ml.Data.CreateEnumerable<ScoredRow>(scored, reuseRowObject: false)];
        foreach (ScoredRow row in all)
        {
            Assert.AreEqual(ColourNetwork.Expected(row.Number)[0], row.Score[0], 1e-6);
        }
        Assert.HasCount(rows ?? all.Length, all);
        return [.. all.Select(row => row.Number)];
    }

    private sealed class NumberRow
    {
        public int Number { get; set; }
    }

    private sealed class PathRow
    {
        public string Made { get; set; } = string.Empty;
    }

    private sealed class ScoreOnly
    {
        public float[] Score { get; set; } = [];
    }

    private sealed class BestRow
    {
        public float Best { get; set; }
    }
}
