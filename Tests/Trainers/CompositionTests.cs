using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Trainers.Tests;

/// <summary>The trainer among ML.NET's own parts.</summary>
[TestClass]
public sealed class CompositionTests : IDisposable
{
    private static readonly NetworkTrainerOptions Options = Given.Small with { Epochs = 10, LearningRate = 0.02 };
    private readonly Given _given = new(perClass: 30);
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _given.Dispose();

    [TestMethod]
    public void It_stands_in_a_chain_between_other_estimators()
    {
        IDataView data = Given.Load(_ml, _given.Rows);
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label", "Name")
            .Append(_ml.Transforms.CopyColumns("Picture", "ImagePath"))
            .Append(_ml.MulticlassClassification.Trainers.AlexNet(Options with { ImageColumnName = "Picture" }, _ml))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Answer", "PredictedLabel"));
        using var model = pipeline.Fit(data);
        IDataView scored = model.Transform(data);
        string[] answers = [.. scored.GetColumn<string>("Answer")];
        Assert.IsGreaterThan(0.9, answers.Zip(_given.Rows, (answer, row) => answer == row.Name ? 1.0 : 0.0).Average());
    }

    [TestMethod]
    public void The_promised_columns_are_those_that_come()
    {
        IDataView data = Given.WithKeys(_ml, _given.Rows);
        NetworkTrainingEstimator estimator = _ml.MulticlassClassification.Trainers.AlexNet(Options with { MaxSteps = 1 });
        SchemaShape promised = estimator.GetOutputSchema(ShapeProbe.Of(_ml, data));
        SchemaShape.Column score = promised.Single(column => column.Name == "Score"), label = promised.Single(column => column.Name == "PredictedLabel");
        Assert.AreEqual((SchemaShape.Column.VectorKind.Vector, false), (score.Kind, score.IsKey));
        Assert.AreEqual(NumberDataViewType.Single, score.ItemType);
        Assert.IsTrue(score.Annotations.Any(annotation => annotation.Name == "SlotNames"));
        Assert.AreEqual((SchemaShape.Column.VectorKind.Scalar, true), (label.Kind, label.IsKey));
        Assert.IsTrue(label.Annotations.Any(annotation => annotation.Name == "KeyValues"));

        using NetworkTransformer model = estimator.Fit(data);
        DataViewSchema schema = model.GetOutputSchema(data.Schema);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 3), schema["Score"].Type);
        Assert.AreEqual(new KeyDataViewType(typeof(uint), 3), schema["PredictedLabel"].Type);
        Assert.IsTrue(schema["Score"].HasSlotNames());
        Assert.IsTrue(schema["PredictedLabel"].HasKeyValues());
    }

    [TestMethod]
    public void It_learns_from_one_part_of_a_split_and_is_measured_on_the_other()
    {
        DataOperationsCatalog.TrainTestData split = _ml.Data.TrainTestSplit(Given.Load(_ml, _given.Rows), 0.3, seed: 3);
        using var model = Pipeline(Options).Fit(split.TrainSet);
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(model.Transform(split.TestSet));
        Assert.IsGreaterThan(0.8, metrics.MicroAccuracy);
        int tested = (int)metrics.ConfusionMatrix.Counts.Sum(row => row.Sum()), trained = model.LastTransformer.Training.Run.Data.TrainingPictures + model.LastTransformer.Training.Run.Data.ValidationPictures;
        Assert.AreEqual(90, tested + trained);
    }

    [TestMethod]
    public void It_is_cross_validated_and_every_fold_keeps_its_model()
    {
        var folds = _ml.MulticlassClassification.CrossValidate(Given.Load(_ml, _given.Rows), Pipeline(Options), numberOfFolds: 3);
        Assert.HasCount(3, folds);
        NetworkTransformer[] models = [.. folds.Select(fold => ((TransformerChain<NetworkTransformer>)fold.Model).LastTransformer)];
        Assert.HasCount(3, models.Select(model => model.ModelFolder).Distinct());
        foreach (var fold in folds)
        {
            Assert.IsGreaterThan(0.8, fold.Metrics.MicroAccuracy);

            // The folds' own views score with models that all still stand.
            Assert.AreEqual(fold.Metrics.MicroAccuracy, _ml.MulticlassClassification.Evaluate(fold.ScoredHoldOutSet).MicroAccuracy);
        }

        foreach (NetworkTransformer model in models)
            model.Dispose();
    }

    [TestMethod]
    public void It_is_saved_and_comes_back_in_batches()
    {
        IDataView data = Given.Load(_ml, _given.Rows);
        string file = _given["model.zip"];
        float[] expected;
        using (TransformerChain<NetworkTransformer> model = Pipeline(Options with { Epochs = 2 }).Fit(data))
        {
            expected = Scores(model.Transform(data));
            _ml.Model.Save(model, data.Schema, file);
        }

        // The temporary folder of the model is gone by now: the file is all there is.
        ITransformer loaded = _ml.Model.LoadBatched(file, out DataViewSchema _);
        CollectionAssert.AreEqual(expected, Scores(loaded.Transform(data)));
        (loaded as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void It_answers_single_questions()
    {
        IDataView data = Given.Load(_ml, _given.Rows);
        using TransformerChain<NetworkTransformer> model = Pipeline(Options with { Epochs = 2 }).Fit(data);
        float[] expected = [.. model.Transform(data).GetColumn<float[]>("Score").First()];
        using PredictionEngine<PictureRow, Scored> engine = _ml.Model.CreatePredictionEngine<PictureRow, Scored>(model, new PredictionEngineOptions { OwnsTransformer = false });
        float[] score = engine.Predict(_given.Rows[0]).Score;
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], score[i], 1e-5);
    }

    private static float[] Scores(IDataView scored) => [.. scored.GetColumn<float[]>("Score").SelectMany(row => row)];

    private sealed class Scored
    {
        public float[] Score { get; set; } = [];
    }

    private EstimatorChain<NetworkTransformer> Pipeline(NetworkTrainerOptions options) =>
        _ml.Transforms.Conversion.MapValueToKey("Label", "Name").Append(_ml.MulticlassClassification.Trainers.AlexNet(options));
}
