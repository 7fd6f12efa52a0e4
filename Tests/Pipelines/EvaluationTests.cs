using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines.Tests;

[TestClass]
public sealed class EvaluationTests : IDisposable
{
    private readonly ColourNetwork _network = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _network.Dispose();

    [TestMethod]
    [DataRow(0, 1, 2)]
    [DataRow(0, 2, 1)]
    [DataRow(1, 0, 2)]
    [DataRow(1, 2, 0)]
    [DataRow(2, 0, 1)]
    [DataRow(2, 1, 0)]
    public void A_perfect_scorer_is_perfect_whatever_label_comes_first(int first, int second, int third)
    {
        int[] order = [first, second, third];
        IEnumerable<int> numbers = Enumerable.Range(0, 4).SelectMany(i => order.Select(colour => (3 * i) + colour));
        IDataView data = ColourNetwork.Load(_ml, [.. numbers.Select(_network.Picture)]);

        MulticlassClassificationMetrics metrics = Evaluate(data, _ml.Transforms.MapLabelsToKeys(_network.Model));
        Assert.AreEqual(1, metrics.MicroAccuracy);
        Assert.AreEqual(1, metrics.MacroAccuracy);

        // What MapLabelsToKeys is for. Red is the picture of number 0, so only the order 2, 1, 0 happens to be the model's own.
        double plain = Evaluate(data, _ml.Transforms.Conversion.MapValueToKey("Label")).MicroAccuracy;
        int agreeing = order.Where((colour, key) => ColourNetwork.TrueLabel(colour) == ColourNetwork.Labels[key]).Count();
        Assert.AreEqual(agreeing / 3d, plain, 1e-9);
    }

    [TestMethod]
    public void Evaluate_s_figures_are_those_computed_by_hand()
    {
        PictureRow[] rows = _network.Pictures(31);
        var random = new Random(3);
        foreach (PictureRow row in rows)
        {
            row.Label = random.Next(3) == 0 ? ColourNetwork.Labels[random.Next(3)] : row.Label;
        }
        IDataView data = ColourNetwork.Load(_ml, rows);
        MulticlassClassificationMetrics metrics = Evaluate(data, _ml.Transforms.MapLabelsToKeys(_network.Model), topK: 2);

        double[,] confusion = new double[3, 3];
        double logLoss = 0;
        int second = 0;
        foreach (PictureRow row in rows)
        {
            int label = Array.IndexOf(ColourNetwork.Labels, row.Label);
            double[] scores = ColourNetwork.Expected(row.Number);
            confusion[label, Array.IndexOf(scores, scores.Max())]++;
            logLoss -= Math.Log(scores[label]);

            // Of equal scores the earlier class ranks first.
            int rank = scores.Where((score, other) => score > scores[label] || (score == scores[label] && other < label)).Count();
            second += rank < 2 ? 1 : 0;
        }
        double correct = 0;
        double recalls = 0;
        for (int label = 0; label < 3; label++)
        {
            double of = confusion[label, 0] + confusion[label, 1] + confusion[label, 2];
            correct += confusion[label, label];
            recalls += confusion[label, label] / of;
            Assert.AreEqual(confusion[label, label] / of, metrics.ConfusionMatrix.PerClassRecall[label], 1e-9);
            for (int predicted = 0; predicted < 3; predicted++)
            {
                Assert.AreEqual(confusion[label, predicted], metrics.ConfusionMatrix.Counts[label][predicted]);
            }
        }
        Assert.IsLessThan(rows.Length, correct, "the test would prove nothing");
        Assert.AreEqual(correct / rows.Length, metrics.MicroAccuracy, 1e-9);
        Assert.AreEqual(recalls / 3, metrics.MacroAccuracy, 1e-9);
        Assert.AreEqual(logLoss / rows.Length, metrics.LogLoss, 1e-5);
        Assert.AreEqual((double)second / rows.Length, metrics.TopKAccuracy, 1e-9);
    }

    [TestMethod]
    public void Keys_stand_in_the_model_s_order_and_unknown_labels_are_refused_or_missing()
    {
        string[] labels = ["red", "violet", "blue", "", "green", "Red"];
        IDataView data = ColourNetwork.Load(_ml, [.. labels.Select(label => new PictureRow { Label = label })]);
        IDataView mapped = _ml.Transforms.MapLabelsToKeys(_network.ModelFile, "Key", "Label", allowUnknown: true).Fit(data).Transform(data);

        ArgumentOutOfRangeException e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.MapLabelsToKeys(_network.ModelFile, "Key", "Label").Fit(data));
        StringAssert.Contains(e.Message, "'Label'");
        StringAssert.Contains(e.Message, "expected one of the 3 labels");
        StringAssert.Contains(e.Message, "'blue', 'green', 'red'");
        StringAssert.Contains(e.Message, "got 'Red', 'violet'.");
        Assert.AreEqual(new KeyDataViewType(typeof(uint), 3), mapped.Schema["Key"].Type);
        CollectionAssert.AreEqual(new uint[] { 3, 0, 1, 0, 2, 0 }, mapped.GetColumn<uint>("Key").ToArray());
        VBuffer<ReadOnlyMemory<char>> values = default;
        mapped.Schema["Key"].GetKeyValues(ref values);
        CollectionAssert.AreEqual(ColourNetwork.Labels, values.DenseValues().Select(value => value.ToString()).ToArray());
        CollectionAssert.AreEqual(labels, mapped.GetColumn<string>("Label").ToArray());
    }

    [TestMethod]
    public void Labels_that_cannot_be_told_apart_are_refused()
    {
        IDataView data = ColourNetwork.Load(_ml, new PictureRow());
        string path = Path.Combine(_network.Folder, "labels.onnx");
        ColourNetwork.Write(path, ["crane", "maillot", "crane"]);
        OnnxScoringException twice = Assert.ThrowsExactly<OnnxScoringException>(() => _ml.Transforms.MapLabelsToKeys(path).Fit(data));
        StringAssert.Contains(twice.Message, "Classes 0 and 2");
        StringAssert.Contains(twice.Message, "'crane'");

        ColourNetwork.Write(path, ["crane", "", "maillot"]);
        OnnxScoringException empty = Assert.ThrowsExactly<OnnxScoringException>(() => _ml.Transforms.MapLabelsToKeys(path).Fit(data));
        StringAssert.Contains(empty.Message, "Class 1");
    }

    [TestMethod]
    public void A_label_column_that_is_no_text_is_named_with_its_type()
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Picture(0));
        IEstimator<ITransformer> number = _ml.Transforms.MapLabelsToKeys(_network.Model, "Key", "Number");
        IEstimator<ITransformer> chain = new EstimatorChain<ITransformer>().Append(number);
        IEstimator<ITransformer> keys = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Transforms.MapLabelsToKeys(_network.Model));
        (IEstimator<ITransformer>, string, string)[] cases =
            [(number, "'Number'", "Int32"), (chain, "'Number'", "Int32"), (keys, "'Label'", "Key<UInt32>")];
        foreach ((IEstimator<ITransformer> estimator, string name, string found) in cases)
        {
            ArgumentOutOfRangeException e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.Fit(data));
            StringAssert.Contains(e.Message, name);
            StringAssert.Contains(e.Message, "expected String");
            StringAssert.Contains(e.Message, found);
        }
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.MapLabelsToKeys(_network.Model, "Key", "Absent").Fit(data));
        Assert.ThrowsExactly<OnnxScoringException>(() => _ml.Transforms.MapLabelsToKeys(Path.Combine(_network.Folder, "absent")).Fit(data));
    }

    private MulticlassClassificationMetrics Evaluate(IDataView data, IEstimator<ITransformer> labels, int topK = 0)
    {
        var options = new OnnxImageScorerOptions { BatchSize = 4 };
        using var chain = labels.Append(_ml.Transforms.ScoreOnnxImages(_network.Model, options: options)).Fit(data);
        return _ml.MulticlassClassification.Evaluate(chain.Transform(data), topKPredictionCount: topK);
    }
}
