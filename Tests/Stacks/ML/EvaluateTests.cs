using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class EvaluateTests
{
    private const double Close = 1e-9;

    [TestMethod]
    public void Figures_of_three_classes_equal_those_worked_out_by_hand()
    {
        // Slots are cat, dog, eel. Right, wrong, right, wrong by a tie of two others, right; the last has no label.
        MulticlassClassificationMetrics metrics = Evaluate(3,
            ("cat", [0.7f, 0.2f, 0.1f]),
            ("cat", [0.3f, 0.5f, 0.2f]),
            ("dog", [0.1f, 0.8f, 0.1f]),
            ("eel", [0.4f, 0.4f, 0.2f]),
            ("eel", [0.25f, 0.25f, 0.5f]),
            ("fox", [1, 0, 0]));

        double cats = -Math.Log(0.7f) - Math.Log(0.3f);
        double dogs = -Math.Log(0.8f);
        double eels = -Math.Log(0.2f) - Math.Log(0.5f);
        double loss = (cats + dogs + eels) / 5;
        double entropy = -(2 * Math.Log(2.0 / 5) + Math.Log(1.0 / 5) + 2 * Math.Log(2.0 / 5)) / 5;
        Assert.AreEqual(3.0 / 5, metrics.MicroAccuracy, Close);
        Assert.AreEqual((1.0 / 2 + 1.0 / 1 + 1.0 / 2) / 3, metrics.MacroAccuracy, Close);
        Assert.AreEqual(loss, metrics.LogLoss, Close);
        Assert.AreEqual((entropy - loss) / entropy, metrics.LogLossReduction, Close);
        Assert.AreEqual(cats / 2, metrics.PerClassLogLoss[0], Close);
        Assert.AreEqual(dogs, metrics.PerClassLogLoss[1], Close);
        Assert.AreEqual(eels / 2, metrics.PerClassLogLoss[2], Close);

        // Ranks of the right class: 0, 1, 0, 2, 0.
        Assert.AreEqual(3, metrics.TopKPredictionCount);
        Assert.HasCount(3, metrics.TopKAccuracyForAllK);
        Assert.AreEqual(3.0 / 5, metrics.TopKAccuracyForAllK[0], Close);
        Assert.AreEqual(4.0 / 5, metrics.TopKAccuracyForAllK[1], Close);
        Assert.AreEqual(5.0 / 5, metrics.TopKAccuracyForAllK[2], Close);
        Assert.AreEqual(5.0 / 5, metrics.TopKAccuracy, Close);

        // Rows are actual classes; of the tied ones the first is predicted.
        ConfusionMatrix matrix = metrics.ConfusionMatrix;
        Assert.AreEqual(3, matrix.NumberOfClasses);
        CollectionAssert.AreEqual((double[])[1, 1, 0], matrix.Counts[0].ToArray());
        CollectionAssert.AreEqual((double[])[0, 1, 0], matrix.Counts[1].ToArray());
        CollectionAssert.AreEqual((double[])[1, 0, 1], matrix.Counts[2].ToArray());
        CollectionAssert.AreEqual((double[])[1.0 / 2, 1.0 / 2, 1.0 / 1], matrix.PerClassPrecision.ToArray());
        CollectionAssert.AreEqual((double[])[1.0 / 2, 1.0 / 1, 1.0 / 2], matrix.PerClassRecall.ToArray());
        Assert.AreEqual(1, matrix.GetCountForClassPair(predictedClassIndicatorIndex: 1, actualClassIndicatorIndex: 0));
        Assert.AreEqual(0, matrix.GetCountForClassPair(predictedClassIndicatorIndex: 0, actualClassIndicatorIndex: 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => matrix.GetCountForClassPair(3, 0));
    }

    [TestMethod]
    public void The_table_shows_names_where_they_fit_and_numbers_where_they_do_not()
    {
        string table = Evaluate(0, ("cat", [1, 0, 0]), ("dog", [1, 0, 0]), ("eel", [0, 0, 1])).ConfusionMatrix.GetFormattedConfusionTable();
        string[] expected =
        [
            "",
            "Confusion table",
            "          ||========================",
            "PREDICTED ||   cat |   dog |   eel | Recall",
            "TRUTH     ||========================",
            "      cat ||     1 |     0 |     0 | 1.0000",
            "      dog ||     1 |     0 |     0 | 0.0000",
            "      eel ||     0 |     0 |     1 | 1.0000",
            "          ||========================",
            "Precision ||0.5000 |0.0000 |1.0000 |",
            "",
        ];
        CollectionAssert.AreEqual(expected, Lines(table));

        string numbered = Evaluate(["ankle boot", "bag", "coat"], 0, ("bag", [0, 1, 0])).ConfusionMatrix.GetFormattedConfusionTable();
        StringAssert.Contains(numbered, "PREDICTED     ||     0 |     1 |     2 | Recall");
        StringAssert.Contains(numbered, "0. ankle boot ||     0 |     0 |     0 | 0.0000");
        StringAssert.Contains(numbered, "1.        bag ||     0 |     1 |     0 | 1.0000");
    }

    [TestMethod]
    public void Of_equal_scores_the_class_with_the_lower_number_is_predicted()
    {
        Assert.AreEqual(1, Evaluate(0, ("cat", [0.5f, 0.5f, 0])).MicroAccuracy);
        MulticlassClassificationMetrics metrics = Evaluate(2, ("dog", [0.5f, 0.5f, 0]));
        Assert.AreEqual(0, metrics.MicroAccuracy);
        Assert.AreEqual(1, metrics.TopKAccuracy);
        Assert.AreEqual(1, metrics.ConfusionMatrix.Counts[1][0]);
    }

    [TestMethod]
    public void Probabilities_are_clipped_before_their_logarithm()
    {
        Assert.AreEqual(-Math.Log((float)1e-15), Evaluate(0, ("cat", [0, 1, 0])).LogLoss, Close);
        Assert.AreEqual(-Math.Log((float)1e-15), Evaluate(0, ("cat", [-3, 1, 0])).LogLoss, Close);
        Assert.AreEqual(0, Evaluate(0, ("cat", [7, 1, 0])).LogLoss, Close);
    }

    [TestMethod]
    public void Rows_with_scores_that_are_no_numbers_are_left_out()
    {
        MulticlassClassificationMetrics metrics = Evaluate(0,
            ("cat", [1, 0, 0]), ("cat", [float.NaN, 0, 0]), ("dog", [0, float.PositiveInfinity, 0]), ("dog", [float.NaN, float.NaN, float.NaN]));
        Assert.AreEqual(1, metrics.MicroAccuracy);
        Assert.AreEqual(1, metrics.MacroAccuracy);
        Assert.AreEqual(1, metrics.ConfusionMatrix.Counts.Sum(row => row.Sum()));
    }

    [TestMethod]
    public void A_class_without_rows_does_not_count_in_the_macro_accuracy()
    {
        Assert.AreEqual((1.0 + 0.5) / 2, Evaluate(0, ("cat", [1, 0, 0]), ("dog", [0, 1, 0]), ("dog", [1, 0, 0])).MacroAccuracy, Close);
        Assert.AreEqual(0, Evaluate(0, ("fox", [1, 0, 0])).MicroAccuracy);
    }

    [TestMethod]
    public void A_label_beyond_the_scores_is_wrong_with_the_highest_loss()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable((FloatLabel[])[new() { Label = 0, Score = [0.5f, 0.5f] }, new() { Label = 5, Score = [0.5f, 0.5f] }]);
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(data, topKPredictionCount: 2);
        Assert.AreEqual(0.5, metrics.MicroAccuracy, Close);
        Assert.AreEqual(0.5, metrics.TopKAccuracy, Close);
        Assert.AreEqual((Math.Log(2) - Math.Log((float)1e-15)) / 2, metrics.LogLoss, 1e-7);
        Assert.AreEqual(1, metrics.ConfusionMatrix.Counts.Sum(row => row.Sum()));
    }

    [TestMethod]
    public void Float_labels_are_class_numbers_and_others_are_left_out()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(
            new[] { 1, 0, 0.5f, -1, float.NaN }.Select(label => new FloatLabel { Label = label, Score = [0.1f, 0.9f] }));
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(data);
        Assert.AreEqual(0.5, metrics.MicroAccuracy, Close);
        Assert.AreEqual(0, metrics.TopKPredictionCount);
        Assert.AreEqual(0, metrics.TopKAccuracy);
        Assert.AreEqual(2, metrics.ConfusionMatrix.Counts.Sum(row => row.Sum()));
    }

    [TestMethod]
    public void A_perfect_scorer_scores_1_only_if_the_keys_follow_its_slots()
    {
        var ml = new MLContext();
        string[] slots = ["ant", "cat", "dog", "eel"];
        string[] seen = ["dog", "eel", "ant", "cat", "dog", "eel", "ant", "cat"];
        SchemaDefinition definition = SchemaDefinition.Create(typeof(Row));
        definition["Score"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 4);
        IDataView scored = ml.Data.LoadFromEnumerable(
            seen.Select(name => new Row { Name = name, Score = [.. slots.Select(slot => slot == name ? 1f : 0f)], PredictedLabel = name }), definition);
        MulticlassClassificationMetrics Measure(IDataView? keyData)
        {
            IDataView keyed = ml.Transforms.Conversion.MapValueToKey("Label", "Name", keyData: keyData).Fit(scored).Transform(scored);
            return ml.MulticlassClassification.Evaluate(keyed);
        }

        // By occurrence dog, eel, ant and cat are numbered 1 to 4, and none of them meets its slot.
        Assert.AreEqual(0, Measure(null).MicroAccuracy);
        MulticlassClassificationMetrics right = Measure(ml.Data.LoadFromEnumerable(TextRow.Of(slots)));
        Assert.AreEqual(1, right.MicroAccuracy);
        Assert.AreEqual(1, right.MacroAccuracy);
        Assert.AreEqual(0, right.LogLoss, Close);
        Assert.AreEqual(1, right.LogLossReduction, Close);
    }

    [TestMethod]
    public void No_rows_give_zeros()
    {
        MulticlassClassificationMetrics metrics = Evaluate(0);
        Assert.AreEqual(0, metrics.MicroAccuracy);
        Assert.AreEqual(0, metrics.MacroAccuracy);
        Assert.AreEqual(0, metrics.LogLoss);
    }

    [TestMethod]
    public void Columns_that_are_missing_or_of_another_type_are_named()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(Array.Empty<FloatLabel>());
        MulticlassClassificationCatalog catalog = ml.MulticlassClassification;
        void Fails(string part, Action evaluate)
        {
            Exception error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(evaluate);
            StringAssert.Contains(error.Message, part);
        }

        Fails("NoLabel", () => catalog.Evaluate(data, labelColumnName: "NoLabel"));
        Fails("NoScore", () => catalog.Evaluate(data, scoreColumnName: "NoScore"));
        Fails("NoPrediction", () => catalog.Evaluate(data, predictedLabelColumnName: "NoPrediction"));
        Fails("Schema mismatch for score column 'Unsized'", () => catalog.Evaluate(data, scoreColumnName: "Unsized"));
        Fails("Schema mismatch for score column 'Label'", () => catalog.Evaluate(data, scoreColumnName: "Label"));
        Fails("Schema mismatch for label column 'PredictedLabel': expected Single or Key, got String", () => catalog.Evaluate(data, labelColumnName: "PredictedLabel"));
        Fails("topKPredictionCount", () => catalog.Evaluate(data, topKPredictionCount: -1));
    }

    private static MulticlassClassificationMetrics Evaluate(int topK, params (string Label, float[] Score)[] rows) => Evaluate(["cat", "dog", "eel"], topK, rows);

    private static MulticlassClassificationMetrics Evaluate(string[] slots, int topK, params (string Label, float[] Score)[] rows)
    {
        var ml = new MLContext();
        SchemaDefinition definition = SchemaDefinition.Create(typeof(Row));
        definition["Score"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, slots.Length);
        definition["Score"].AddAnnotation("SlotNames", slots, new VectorDataViewType(TextDataViewType.Instance, slots.Length));
        IDataView data = ml.Data.LoadFromEnumerable(rows.Select(row => new Row { Name = row.Label, Score = row.Score }), definition);
        IDataView keyed = ml.Transforms.Conversion.MapValueToKey("Label", "Name", keyData: ml.Data.LoadFromEnumerable(TextRow.Of(slots))).Fit(data).Transform(data);
        return ml.MulticlassClassification.Evaluate(keyed, topKPredictionCount: topK);
    }

    private static string[] Lines(string text) => text.ReplaceLineEndings("\n").Split('\n');

    private sealed class Row
    {
        public string Name { get; set; } = "";

        public float[] Score { get; set; } = [];

        public string PredictedLabel { get; set; } = "";
    }

    private sealed class FloatLabel
    {
        public float Label { get; set; }

        [VectorType(2)]
        public float[] Score { get; set; } = [];

        public float[] Unsized { get; set; } = [];

        public string PredictedLabel { get; set; } = "";
    }
}
