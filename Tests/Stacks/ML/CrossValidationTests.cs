using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class CrossValidationTests
{
    [TestMethod]
    public void Every_row_is_tested_once_and_trained_on_otherwise()
    {
        var ml = new MLContext(1);
        IReadOnlyList<DataOperationsCatalog.TrainTestData> folds = ml.Data.CrossValidationSplit(ml.Data.LoadFromEnumerable(Numbers(1000)), 4, seed: 3);
        Assert.HasCount(4, folds);
        CollectionAssert.AreEqual(Enumerable.Range(0, 1000).ToArray(), folds.SelectMany(fold => fold.TestSet.GetColumn<int>("Index")).Order().ToArray());
        foreach (DataOperationsCatalog.TrainTestData fold in folds)
        {
            int[] test = fold.TestSet.GetColumn<int>("Index").ToArray();
            int[] train = fold.TrainSet.GetColumn<int>("Index").ToArray();
            CollectionAssert.AreEqual(Enumerable.Range(0, 1000).ToArray(), test.Concat(train).Order().ToArray());
            Assert.IsTrue(test.Length is > 180 and < 320, $"{test.Length} rows");
            CollectionAssert.AreEqual(test, fold.TestSet.GetColumn<int>("Index").ToArray(), "enumerated twice");
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => ml.Data.CrossValidationSplit(ml.Data.LoadFromEnumerable(Numbers(3)), 1));
    }

    [TestMethod]
    public void Rows_of_equal_sampling_keys_stay_together()
    {
        var ml = new MLContext(1);
        IReadOnlyList<DataOperationsCatalog.TrainTestData> folds = ml.Data.CrossValidationSplit(ml.Data.LoadFromEnumerable(Numbers(600)), 3, "Group");
        foreach (DataOperationsCatalog.TrainTestData fold in folds)
        {
            Assert.IsEmpty(fold.TestSet.GetColumn<string>("Group").Intersect(fold.TrainSet.GetColumn<string>("Group")));
        }
        CollectionAssert.AreEqual(Enumerable.Range(0, 600).ToArray(), folds.SelectMany(fold => fold.TestSet.GetColumn<int>("Index")).Order().ToArray());
        Exception error = Assert.Throws<ArgumentOutOfRangeException>(() => ml.Data.CrossValidationSplit(ml.Data.LoadFromEnumerable(Numbers(6)), 3, "Nowhere"));
        StringAssert.Contains(error.Message, "'Nowhere'");
    }

    [TestMethod]
    public void A_classifier_is_trained_and_evaluated_per_fold()
    {
        var ml = new MLContext(1);
        IDataView data = ml.Data.LoadFromEnumerable(MaximumEntropyTests.Rows(300));
        IDataView keyed = ml.Transforms.Conversion.MapValueToKey("Label", "Text").Fit(data).Transform(data);
        var results = ml.MulticlassClassification.CrossValidate(keyed, ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(), numberOfFolds: 3);
        Assert.HasCount(3, results);
        int tested = 0;
        for (int i = 0; i < results.Count; i++)
        {
            Assert.AreEqual(i, results[i].Fold);
            Assert.IsNotNull(results[i].Model);
            int rows = results[i].ScoredHoldOutSet.GetColumn<float[]>("Score").Count();
            tested += rows;
            Assert.AreEqual(rows, results[i].Metrics.ConfusionMatrix.Counts.Sum(counts => counts.Sum()), 0.5);
            Assert.IsGreaterThan(0.8, results[i].Metrics.MicroAccuracy);
        }
        Assert.AreEqual(300, tested);
        Assert.Throws<ArgumentOutOfRangeException>(() => ml.MulticlassClassification.CrossValidate(keyed, ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(), numberOfFolds: 1));
    }

    private static IEnumerable<Numbered> Numbers(int count) => Enumerable.Range(0, count).Select(i => new Numbered { Index = i, Group = $"g{i % 40}" });

    private sealed class Numbered
    {
        public int Index { get; set; }

        public string Group { get; set; } = "";
    }
}
