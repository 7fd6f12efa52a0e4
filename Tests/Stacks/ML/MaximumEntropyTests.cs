using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class MaximumEntropyTests
{
    private const int Inputs = 3;

    [TestMethod]
    [DataRow(1f, 1f)]
    [DataRow(0f, 1f)]
    [DataRow(5f, 0.1f)]
    [DataRow(0f, 0.01f)]
    public void Training_finds_the_minimum_of_the_penalised_loss(float l1, float l2)
    {
        var ml = new MLContext(1);
        Row[] rows = Rows(300);
        IDataView data = Keyed(ml, rows);

        // A bound: near the minimum of a flat loss the real trainer's floats may never change as little as its tolerance asks for.
        var options = new LbfgsMaximumEntropyMulticlassTrainer.Options { L1Regularization = l1, L2Regularization = l2, MaximumNumberOfIterations = 500 };
        MulticlassPredictionTransformer<MaximumEntropyModelParameters> model = ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(options).Fit(data);
        double[] found = Parameters(model.Model);
        var reference = new ProximalGradient(rows, l1, l2);
        double[] best = reference.Minimize(20000);
        Assert.AreEqual(reference.Value(best), reference.Value(found), 2e-5 * reference.Value(best));
        IDataView result = model.Transform(data);
        float[][] scores = result.GetColumn<float[]>("Score").ToArray();
        uint[] predicted = result.GetColumn<uint>("PredictedLabel").ToArray();
        for (int i = 0; i < rows.Length; i++)
        {
            double[] expected = ProximalGradient.Probabilities(best, rows[i].Features);
            for (int c = 0; c < 3; c++)
            {
                Assert.AreEqual(expected[c], scores[i][c], 0.01);
            }
            Assert.AreEqual(1, scores[i].Sum(), 1e-4);
            Assert.AreEqual(Array.IndexOf(scores[i], scores[i].Max()) + 1, (int)predicted[i]);
        }
    }

    [TestMethod]
    public void The_penalty_of_weights_leaves_useless_features_at_zero()
    {
        var ml = new MLContext(1);
        var model = ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 20).Fit(Keyed(ml, Rows(300)));
        VBuffer<float>[] weights = [];
        model.Model.GetWeights(ref weights, out int classes);
        Assert.AreEqual(3, classes);
        Assert.IsTrue(weights.Take(3).All(row => row.GetItemOrDefault(2) == 0), "the third feature is noise");
        Assert.IsTrue(weights.Take(3).Any(row => row.GetItemOrDefault(0) != 0));
        Assert.AreEqual(3, model.Model.GetBiases().Count());
        Assert.AreEqual("Features", model.FeatureColumnName);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, Inputs), model.FeatureColumnType);
    }

    [TestMethod]
    public void Columns_and_annotations_are_those_of_multiclass_scores()
    {
        var ml = new MLContext(1);
        IDataView data = Keyed(ml, Rows(60));
        var trainer = ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy();
        DataViewSchema schema = trainer.Fit(data).GetOutputSchema(data.Schema);
        Assert.AreEqual("Text,Features,Weight,Label,PredictedLabel,Score", Reading.Names(schema));
        Assert.AreEqual(new KeyDataViewType(typeof(uint), 3), schema["PredictedLabel"].Type);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 3), schema["Score"].Type);
        CollectionAssert.AreEqual((string[])["cat", "dog", "owl"], Reading.KeyValues(schema["PredictedLabel"]));
        CollectionAssert.AreEqual((string[])["cat", "dog", "owl"], Reading.SlotNames(schema["Score"]));
        ReadOnlyMemory<char> kind = default;
        schema["Score"].Annotations.GetValue("ScoreColumnKind", ref kind);
        Assert.AreEqual("MulticlassClassification", kind.ToString());
        schema["PredictedLabel"].Annotations.GetValue("ScoreValueKind", ref kind);
        Assert.AreEqual("PredictedLabel", kind.ToString());
        uint id = 0;
        schema["Score"].Annotations.GetValue("ScoreColumnSetId", ref id);
        Assert.AreEqual(1u, id);
        var chain = ml.Transforms.Conversion.MapValueToKey("Label", "Text").Append(trainer).Append(ml.Transforms.Conversion.MapKeyToValue("Answer", "PredictedLabel"));
        IDataView plain = ml.Data.LoadFromEnumerable(Rows(60));
        string[] answers = chain.Fit(plain).Transform(plain).GetColumn<string>("Answer").ToArray();
        Assert.IsGreaterThan(50, answers.Zip(Rows(60)).Count(pair => pair.First == pair.Second.Text));
    }

    [TestMethod]
    public void A_trained_model_predicts_saves_and_loads()
    {
        var ml = new MLContext(1);
        Row[] rows = Rows(90);
        IDataView data = ml.Data.LoadFromEnumerable(rows);
        ITransformer model = ml.Transforms.Conversion.MapValueToKey("Label", "Text").Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy())
            .Append(ml.Transforms.Conversion.MapKeyToValue("Answer", "PredictedLabel")).Fit(data);
        using var stream = new MemoryStream();
        ml.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        ITransformer loaded = new MLContext().Model.Load(stream, out _);
        Assert.AreEqual(Reading.Names(model.GetOutputSchema(data.Schema)), Reading.Names(loaded.GetOutputSchema(data.Schema)));
        using PredictionEngine<Row, Prediction> first = ml.Model.CreatePredictionEngine<Row, Prediction>(model);
        using PredictionEngine<Row, Prediction> second = ml.Model.CreatePredictionEngine<Row, Prediction>(loaded);
        foreach (Row row in rows)
        {
            Prediction expected = first.Predict(row);
            Prediction actual = second.Predict(row);
            CollectionAssert.AreEqual(expected.Score, actual.Score);
            Assert.AreEqual(expected.Answer, actual.Answer);
        }
    }

    [TestMethod]
    public void Weights_count_and_training_goes_on_from_a_model()
    {
        var ml = new MLContext(1);
        Row[] rows = Rows(90);
        foreach (Row row in rows)
        {
            row.Weight = row.Text == "owl" ? 1000 : 0.001f;
        }
        IDataView data = Keyed(ml, rows);
        var trainer = ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(exampleWeightColumnName: "Weight");
        MulticlassPredictionTransformer<MaximumEntropyModelParameters> model = trainer.Fit(data);
        Assert.IsTrue(model.Transform(data).GetColumn<uint>("PredictedLabel").All(key => key == 3));
        MulticlassPredictionTransformer<MaximumEntropyModelParameters> again = trainer.Fit(data, model.Model);
        Assert.IsTrue(again.Transform(data).GetColumn<uint>("PredictedLabel").All(key => key == 3));
    }

    [TestMethod]
    public void Unlabelled_rows_are_left_out_and_wrong_columns_refused()
    {
        var ml = new MLContext(1);
        Row[] rows = Rows(90);
        Row[] more = [.. rows, new Row { Text = "", Features = [100, 100, 100] }, new Row { Text = "cat", Features = [float.NaN, 0, 0] }];
        double[] without = Parameters(Train(ml, Keyed(ml, rows)));
        double[] with = Parameters(Train(ml, Keyed(ml, more)));
        for (int i = 0; i < with.Length; i++)
        {
            Assert.AreEqual(without[i], with[i], 1e-3);
        }
        IDataView plain = ml.Data.LoadFromEnumerable(rows);
        Exception error = Assert.Throws<ArgumentOutOfRangeException>(() => ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Text").Fit(plain));
        StringAssert.Contains(error.Message, "Schema mismatch for label column 'Text': expected Key<UInt32>, got String");
        error = Assert.Throws<ArgumentOutOfRangeException>(() => ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Nowhere").Fit(plain));
        StringAssert.Contains(error.Message, "Could not find label column 'Nowhere'");
        error = Assert.Throws<ArgumentOutOfRangeException>(() => ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(featureColumnName: "Weight").Fit(Keyed(ml, rows)));
        StringAssert.Contains(error.Message, "Schema mismatch for feature column 'Weight': expected Vector<Single>, got Single");
        Assert.Throws<InvalidOperationException>(() => Train(ml, ml.Data.TakeRows(Keyed(ml, [.. more[90..91], .. rows]), 1)));
    }

    internal static Row[] Rows(int count)
    {
        var random = new Random(1);
        string[] names = ["cat", "dog", "owl"];
        return [.. Enumerable.Range(0, count).Select(i => new Row
        {
            Text = names[i % 3],
            Features = [(float)((i % 3) + (1.5 * random.NextDouble())), (float)((2.5 * random.NextDouble()) - (i % 3)), (float)random.NextDouble()],
        })];
    }

    private static MaximumEntropyModelParameters Train(MLContext ml, IDataView data) => ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy().Fit(data).Model;

    private static IDataView Keyed(MLContext ml, Row[] rows)
    {
        IDataView data = ml.Data.LoadFromEnumerable(rows);
        return ml.Transforms.Conversion.MapValueToKey("Label", "Text").Fit(data).Transform(data);
    }

    /// <summary>Biases, then the weights class by class.</summary>
    private static double[] Parameters(MaximumEntropyModelParameters model)
    {
        VBuffer<float>[] weights = [];
        model.GetWeights(ref weights, out int classes);
        return [.. model.GetBiases().Select(value => (double)value), .. weights.Take(classes).SelectMany(row => row.DenseValues()).Select(value => (double)value)];
    }

    /// <summary>The textbook minimiser: gradient steps and soft thresholding with momentum (Beck and Teboulle, 2009), in double precision.</summary>
    private sealed class ProximalGradient(Row[] rows, double l1, double l2)
    {
        private static readonly string[] Names = ["cat", "dog", "owl"];

        internal static double[] Probabilities(double[] x, float[] features)
        {
            var scores = new double[3];
            for (int c = 0; c < 3; c++)
            {
                scores[c] = x[c];
                for (int i = 0; i < Inputs; i++)
                {
                    scores[c] += x[3 + (c * Inputs) + i] * features[i];
                }
            }
            double most = scores.Max();
            double sum = scores.Sum(score => Math.Exp(score - most));
            return Array.ConvertAll(scores, score => Math.Exp(score - most) / sum);
        }

        internal double Value(double[] x)
            => (rows.Sum(row => -Math.Log(Probabilities(x, row.Features)[Array.IndexOf(Names, row.Text)]))
                + (l2 / 2 * x.Skip(3).Sum(w => w * w)) + (l1 * x.Skip(3).Sum(Math.Abs))) / rows.Length;

        internal double[] Minimize(int steps)
        {
            // An upper bound of the curvature: half the largest squared length of a row, its bias included.
            double step = 1 / ((0.5 * rows.Max(row => 1 + row.Features.Sum(value => (double)value * value))) + (l2 / rows.Length));
            var x = new double[3 + (3 * Inputs)];
            double[] ahead = [.. x];
            double momentum = 1;
            for (int k = 0; k < steps; k++)
            {
                double[] gradient = Gradient(ahead);
                var next = new double[x.Length];
                for (int i = 0; i < x.Length; i++)
                {
                    double moved = ahead[i] - (step * gradient[i]);
                    next[i] = i < 3 ? moved : Math.Sign(moved) * Math.Max(0, Math.Abs(moved) - (step * l1 / rows.Length));
                }
                double more = (1 + Math.Sqrt(1 + (4 * momentum * momentum))) / 2;
                ahead = [.. next.Select((value, i) => value + ((momentum - 1) / more * (value - x[i])))];
                (x, momentum) = (next, more);
            }
            return x;
        }

        private double[] Gradient(double[] x)
        {
            var gradient = new double[x.Length];
            foreach (Row row in rows)
            {
                double[] probabilities = Probabilities(x, row.Features);
                for (int c = 0; c < 3; c++)
                {
                    double share = (probabilities[c] - (Names[c] == row.Text ? 1 : 0)) / rows.Length;
                    gradient[c] += share;
                    for (int i = 0; i < Inputs; i++)
                    {
                        gradient[3 + (c * Inputs) + i] += share * row.Features[i];
                    }
                }
            }
            for (int i = 3; i < x.Length; i++)
            {
                gradient[i] += l2 * x[i] / rows.Length;
            }
            return gradient;
        }
    }

    internal sealed class Row
    {
        public string Text { get; set; } = "";

        [VectorType(Inputs)]
        public float[] Features { get; set; } = [];

        public float Weight { get; set; } = 1;
    }

    private sealed class Prediction
    {
        public float[] Score { get; set; } = [];

        public string Answer { get; set; } = "";
    }
}
