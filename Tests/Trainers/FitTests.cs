using AlexNetMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace AlexNetMl.Trainers.Tests;

/// <summary>What Fit gives and leaves.</summary>
[TestClass]
public sealed class FitTests : IDisposable
{
    private readonly Given _given = new(perClass: 24);
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _given.Dispose();

    [TestMethod]
    public void It_learns_and_its_scorer_evaluates_in_key_order()
    {
        // Keys in the order standing, disc, lying: neither the folder's nor the alphabet's.
        PictureRow[] rows = [.. _given.Rows.OrderBy(row => (Array.IndexOf(Given.Classes, row.Name) + 1) % 3)];
        IDataView data = Given.WithKeys(_ml, rows);
        var told = new List<TrainingProgress>();
        var options = Given.Small with { Epochs = 12, LearningRate = 0.02, Progress = new Listener(told.Add) };
        using NetworkTransformer model = _ml.MulticlassClassification.Trainers.AlexNet(options).Fit(data);

        CollectionAssert.AreEqual(new[] { "standing", "disc", "lying" }, model.Labels.ToArray());
        IDataView scored = model.Transform(data);
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(scored);
        Assert.IsGreaterThan(0.9, metrics.MicroAccuracy);
        Assert.AreEqual(12, told.Count(value => value.Completed is not null));
        Assert.HasCount(12, model.Training.Result.Epochs);
        Assert.AreEqual(7, model.Training.Run.Data.ValidationPictures);

        // Unlabelled pictures are scored as well.
        IDataView plain = Given.Load(_ml, _given.Rows[..3]);
        Assert.AreEqual(3, model.Transform(plain).GetColumn<float[]>("Score").Count());
        VBuffer<ReadOnlyMemory<char>> names = default;
        model.GetOutputSchema(plain.Schema)["Score"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(new[] { "standing", "disc", "lying" }, names.DenseValues().Select(name => name.ToString()).ToArray());
    }

    [TestMethod]
    public void A_temporary_model_goes_with_its_transformer_and_nothing_else_is_left()
    {
        var ml = new MLContext { TempFilePath = Directory.CreateDirectory(_given["temporary"]).FullName };
        NetworkTransformer model = ml.MulticlassClassification.Trainers.AlexNet(Given.Small with { MaxSteps = 2 }, ml).Fit(Given.WithKeys(ml, _given.Rows));
        Assert.AreEqual(Path.GetDirectoryName(model.ModelFolder), ml.TempFilePath);
        CollectionAssert.AreEquivalent(new[] { model.ModelFolder }, Directory.GetFileSystemEntries(ml.TempFilePath));
        CollectionAssert.AreEqual(
            new[] { "README.md", "labels.txt", "model.onnx", "preprocessor_config.json" }, Directory.GetFiles(model.ModelFolder).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray());
        model.Dispose();
        Assert.IsEmpty(Directory.GetFileSystemEntries(ml.TempFilePath));
        Assert.ThrowsExactly<ObjectDisposedException>(() => model.Transform(Given.Load(ml)));
    }

    [TestMethod]
    public void A_model_in_a_folder_stays_and_is_fitted_once()
    {
        IDataView data = Given.WithKeys(_ml, _given.Rows);
        NetworkTrainingEstimator estimator = _ml.MulticlassClassification.Trainers.AlexNet(Given.Small with { MaxSteps = 2, OutputFolder = _given["model"] });
        estimator.Fit(data).Dispose();
        Assert.IsTrue(File.Exists(_given["model/model.onnx"]));
        using (var scorer = _ml.Transforms.ScoreOnnxImages(_given["model"]).Fit(data))
            CollectionAssert.AreEqual(Given.Classes, scorer.Labels.ToArray());
        Assert.Contains("OutputFolder", Assert.ThrowsExactly<InvalidOperationException>(() => estimator.Fit(data)).Message);
    }

    [TestMethod]
    public void The_log_tells_epochs_and_export()
    {
        var log = new LogLines(_ml);
        _ml.MulticlassClassification.Trainers.AlexNet(Given.Small with { Epochs = 2 }, _ml).Fit(Given.WithKeys(_ml, _given.Rows)).Dispose();
        string info = string.Join('\n', log.Of(ChannelMessageKind.Info));
        Assert.Contains("epoch 1 of 2: loss ", info);
        Assert.Contains("epoch 2 of 2: loss ", info);
        Assert.Contains("validation: loss", info);
        Assert.Contains("pictures: 65 for training, 7 for validation, 3 classes", info);
        Assert.Contains("tensors agree with torch", info);
    }

    [TestMethod]
    public void Rows_without_a_key_are_left_out_and_counted()
    {
        var log = new LogLines(_ml);
        PictureRow[] rows = [.. _given.Rows, new() { ImagePath = "nowhere.png", Name = "" }, new() { ImagePath = "nowhere.png", Name = "" }];
        using NetworkTransformer model = _ml.MulticlassClassification.Trainers.AlexNet(Given.Small with { MaxSteps = 1 }, _ml).Fit(Given.WithKeys(_ml, rows));
        Assert.AreEqual(72, model.Training.Run.Data.TrainingPictures + model.Training.Run.Data.ValidationPictures);
        Assert.Contains("2 of 74 rows of the training data are left out", string.Join('\n', log.Of(ChannelMessageKind.Warning)));
    }

    [TestMethod]
    public void A_class_without_pictures_keeps_its_slot_and_is_warned_of()
    {
        var log = new LogLines(_ml);
        IDataView all = Given.Load(_ml, _given.Rows);
        IDataView two = _ml.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(all).Transform(Given.Load(_ml, [.. _given.Rows.Where(row => row.Name != "lying")]));
        using NetworkTransformer model = _ml.MulticlassClassification.Trainers.AlexNet(Given.Small with { Epochs = 2 }, _ml).Fit(two);
        CollectionAssert.AreEqual(Given.Classes, model.Labels.ToArray());
        Assert.Contains("no picture to train on has the label 'lying'", string.Join('\n', log.Of(ChannelMessageKind.Warning)));
        Assert.DoesNotContain("skewed", log.ToString());
        Assert.AreEqual(3, model.Transform(two).GetColumn<float[]>("Score").First().Length);
    }

    [TestMethod]
    public void A_validation_set_is_matched_by_key_value_not_by_number()
    {
        var log = new LogLines(_ml);
        PictureRow[] held = [.. _given.Rows.Where((_, index) => index % 4 == 0).Reverse(), new() { ImagePath = _given.Rows[0].ImagePath, Name = "square" }];
        PictureRow[] kept = [.. _given.Rows.Where((_, index) => index % 4 != 0)];
        var options = Given.Small with { Epochs = 10, LearningRate = 0.02, ValidationSet = Given.WithKeys(_ml, held) };
        using NetworkTransformer model = _ml.MulticlassClassification.Trainers.AlexNet(options, _ml).Fit(Given.WithKeys(_ml, kept));

        Assert.AreEqual((54, 18), (model.Training.Run.Data.TrainingPictures, model.Training.Run.Data.ValidationPictures));
        Assert.Contains("1 of 19 rows of the validation set are left out", string.Join('\n', log.Of(ChannelMessageKind.Warning)));

        // The scorer and the trainer's own measurement are two programs: they agree on every picture only if the labels do.
        IDataView scored = model.Transform(new MLContext().Transforms.Conversion.MapValueToKey("Label", "Name").Fit(Given.Load(_ml, _given.Rows)).Transform(Given.Load(_ml, held[..^1])));
        Assert.AreEqual(_ml.MulticlassClassification.Evaluate(scored).MicroAccuracy, model.Training.Result.Epochs.Max(epoch => epoch.ValidationAccuracy), 1e-9);
    }

    [TestMethod]
    public void Without_validation_nothing_is_held_out()
    {
        using NetworkTransformer model = _ml.MulticlassClassification.Trainers.AlexNet(Given.Small with { MaxSteps = 1, ValidationFraction = 0 }).Fit(Given.WithKeys(_ml, _given.Rows));
        Assert.AreEqual((72, 0), (model.Training.Run.Data.TrainingPictures, model.Training.Run.Data.ValidationPictures));
    }

    [TestMethod]
    public void Keys_of_numbers_become_labels_and_keys_without_values_are_called_by_number()
    {
        NumberRow[] rows = [.. _given.Rows.Select(row => new NumberRow { ImagePath = row.ImagePath, Number = 10 * (Array.IndexOf(Given.Classes, row.Name) + 1), Key = (uint)Array.IndexOf(Given.Classes, row.Name) })];
        IDataView data = _ml.Data.LoadFromEnumerable(rows);
        data = _ml.Transforms.Conversion.MapValueToKey("Label", "Number").Fit(data).Transform(data);
        using NetworkTransformer numbers = _ml.MulticlassClassification.Trainers.AlexNet(Given.Small with { MaxSteps = 1 }).Fit(data);
        CollectionAssert.AreEqual(new[] { "10", "20", "30" }, numbers.Labels.ToArray());
        using NetworkTransformer plain = _ml.MulticlassClassification.Trainers.AlexNet(Given.Small with { MaxSteps = 1, LabelColumnName = "Key" }).Fit(data);
        CollectionAssert.AreEqual(new[] { "1", "2", "3" }, plain.Labels.ToArray());
    }

    [TestMethod]
    public void A_cancelled_run_is_resumed_by_the_next_fit()
    {
        IDataView data = Given.WithKeys(_ml, _given.Rows);
        using var cancellation = new CancellationTokenSource();
        var options = Given.Small with { RunFolder = _given["run"], Resume = true };
        var stopping = options with { CancellationToken = cancellation.Token, Progress = new Listener(value => { if (value.Completed is { Epoch: 1 }) cancellation.Cancel(); }) };
        Assert.Throws<OperationCanceledException>(() => _ml.MulticlassClassification.Trainers.AlexNet(stopping).Fit(data));

        using NetworkTransformer resumed = _ml.MulticlassClassification.Trainers.AlexNet(options).Fit(data);
        Assert.IsGreaterThan(0, resumed.Training.Result.FirstStep);
        _ml.MulticlassClassification.Trainers.AlexNet(Given.Small with { RunFolder = _given["whole"] }).Fit(data).Dispose();
        CollectionAssert.AreEqual(File.ReadAllBytes(_given["whole/weights.safetensors"]), File.ReadAllBytes(_given["run/weights.safetensors"]));

        // Other rows are another run.
        Assert.Contains("another than the one asked for", Assert.ThrowsExactly<InvalidOperationException>(
            () => _ml.MulticlassClassification.Trainers.AlexNet(options).Fit(Given.WithKeys(_ml, _given.Rows[1..]))).Message);
        Assert.Contains("Resume", Assert.ThrowsExactly<InvalidOperationException>(
            () => _ml.MulticlassClassification.Trainers.AlexNet(options with { Resume = false }).Fit(data)).Message);
    }

    [TestMethod]
    public void A_cancelled_fit_leaves_no_temporary_files()
    {
        var ml = new MLContext { TempFilePath = Directory.CreateDirectory(_given["temporary"]).FullName };
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => ml.MulticlassClassification.Trainers.AlexNet(Given.Small with { CancellationToken = cancellation.Token }, ml).Fit(Given.WithKeys(ml, _given.Rows)));
        Assert.IsEmpty(Directory.GetFileSystemEntries(ml.TempFilePath));
    }

    [TestMethod]
    public void Every_network_of_the_catalogue_is_a_trainer()
    {
        Assert.Contains("There is no network 'alexnett'", Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Trainers.Network("alexnett")).Message);
        foreach (string name in NetworkCatalog.Default.Names)
            Assert.AreEqual(name, _ml.MulticlassClassification.Trainers.Network(name).Architecture);
    }

    [TestMethod]
    public void A_residual_network_trains_exports_and_scores()
    {
        IDataView data = Given.WithKeys(_ml, _given.Rows);
        var options = Given.Small with { Side = 32, ShorterSide = 32, Width = 0.125, LearningRate = 0.05, Epochs = 3 };
        using NetworkTransformer model = _ml.MulticlassClassification.Trainers.Network("resnet20", options).Fit(data);
        Assert.AreEqual("resnet20", model.Training.Run.Architecture);
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(model.Transform(data));
        Assert.IsGreaterThan(0.5, metrics.MicroAccuracy);
        Assert.ThrowsExactly<TrainingRequestException>(() => _ml.MulticlassClassification.Trainers.Network("resnet20", options with { Recipe = Recipes.Paper }).Fit(data));
    }

    [TestMethod]
    public void A_network_of_one_s_own_is_a_trainer_too()
    {
        var own = new NetworkDefinition("mine", new AlexNetOptions { Side = 16, Width = 0.08, Initialization = AlexNetInitialization.He }, given => new AlexNet((AlexNetOptions)given))
        {
            Classifier = "fc8", Recipes = Recipes.All,
        };
        var options = Given.Small with { Networks = NetworkCatalog.Default.With(own), MaxSteps = 2 };
        using NetworkTransformer model = _ml.MulticlassClassification.Trainers.Network("mine", options).Fit(Given.WithKeys(_ml, _given.Rows));
        Assert.AreEqual("mine", model.Training.Run.Architecture);
    }

    private sealed class NumberRow
    {
        public string ImagePath { get; set; } = string.Empty;

        public int Number { get; set; }

        [KeyType(3)]
        public uint Key { get; set; }
    }

    private sealed class Listener(Action<TrainingProgress> tell) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => tell(value);
    }
}
