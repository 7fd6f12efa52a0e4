using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines.Tests;

[TestClass]
public sealed class OutputTests
{
    private static readonly OnnxImageScorerOptions BatchesOfFour = new() { BatchSize = 4 };

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    [DataRow(1000)]
    public void Every_row_gets_its_own_picture_s_score(int rows)
    {
        using var network = new ColourNetwork();
        var ml = new MLContext(seed: 1);
        PictureRow[] pictures = network.Pictures(rows);
        IDataView data = ColourNetwork.Load(ml, pictures);
        using OnnxImageScoringTransformer transformer = ml.Transforms.ScoreOnnxImages(network.Model, options: BatchesOfFour).Fit(data);

        ScoredRow[] scored = [.. ml.Data.CreateEnumerable<ScoredRow>(transformer.Transform(data), reuseRowObject: false)];

        Assert.HasCount(rows, scored);
        using var scorer = OnnxImageScorer.Load(network.ModelFile, BatchesOfFour);
        IEnumerable<ImageInput> inputs = pictures.Select(picture => ImageInput.FromFile(picture.ImagePath));
        foreach ((ImageScore direct, ScoredRow row) in scorer.Score(inputs).Zip(scored))
        {
            Assert.AreEqual(direct.Index, row.Number);
            Assert.AreEqual(direct.Source, row.ImagePath);
            CollectionAssert.AreEqual(direct.Probabilities.ToArray(), row.Score);
            Assert.AreEqual((uint)direct.BestClass + 1, row.PredictedLabel);
            double[] expected = ColourNetwork.Expected(row.Number);
            for (int slot = 0; slot < expected.Length; slot++)
            {
                Assert.AreEqual(expected[slot], row.Score[slot], 1e-6);
            }
        }
    }

    [TestMethod]
    public void The_new_columns_have_their_types_slot_names_and_key_values()
    {
        using var network = new ColourNetwork();
        var ml = new MLContext();
        IDataView data = ColourNetwork.Load(ml, network.Picture(0));
        using OnnxImageScoringTransformer transformer = ml.Transforms.ScoreOnnxImages(network.Model).Fit(data);

        foreach (DataViewSchema schema in (DataViewSchema[])[transformer.GetOutputSchema(data.Schema), transformer.Transform(data).Schema])
        {
            CollectionAssert.AreEqual(
                new[] { "ImagePath", "Label", "Number", "Score", "PredictedLabel" }, schema.Select(column => column.Name).ToArray());
            Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 3), schema["Score"].Type);
            Assert.AreEqual(new KeyDataViewType(typeof(uint), 3), schema["PredictedLabel"].Type);

            Assert.IsTrue(schema["Score"].HasSlotNames());
            VBuffer<ReadOnlyMemory<char>> names = default;
            schema["Score"].GetSlotNames(ref names);
            CollectionAssert.AreEqual(ColourNetwork.Labels, names.DenseValues().Select(name => name.ToString()).ToArray());

            Assert.IsTrue(schema["PredictedLabel"].HasKeyValues(TextDataViewType.Instance));
            VBuffer<ReadOnlyMemory<char>> values = default;
            schema["PredictedLabel"].GetKeyValues(ref values);
            CollectionAssert.AreEqual(ColourNetwork.Labels, values.DenseValues().Select(value => value.ToString()).ToArray());
        }
    }

    [TestMethod]
    public void The_predicted_key_maps_back_to_the_label_s_text()
    {
        using var network = new ColourNetwork();
        var ml = new MLContext();
        IDataView data = ColourNetwork.Load(ml, network.Pictures(7));
        using TransformerChain<Microsoft.ML.Transforms.KeyToValueMappingTransformer> chain = ml.Transforms.ScoreOnnxImages(network.Model)
            .Append(ml.Transforms.Conversion.MapKeyToValue("Answer", "PredictedLabel")).Fit(data);

        CollectionAssert.AreEqual(
            Enumerable.Range(0, 7).Select(ColourNetwork.TrueLabel).ToArray(),
            chain.Transform(data).GetColumn<string>("Answer").ToArray());
    }

    [TestMethod]
    public void Older_columns_of_the_same_names_are_hidden_not_lost()
    {
        using var network = new ColourNetwork();
        var ml = new MLContext();
        var row = new OlderRow { Score = 0.25f, ImagePath = network.Picture(1).ImagePath, PredictedLabel = "old" };
        IDataView data = ml.Data.LoadFromEnumerable(new[] { row });
        using OnnxImageScoringTransformer transformer = ml.Transforms.ScoreOnnxImages(network.Model).Fit(data);
        IDataView view = transformer.Transform(data);

        CollectionAssert.AreEqual(
            new[] { "Score", "Score", "ImagePath", "PredictedLabel", "PredictedLabel" },
            view.Schema.Select(column => column.Name).ToArray());
        CollectionAssert.AreEqual(new[] { true, false, false, true, false }, view.Schema.Select(column => column.IsHidden).ToArray());

        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        ValueGetter<float> oldScore = cursor.GetGetter<float>(view.Schema[0]);
        ValueGetter<VBuffer<float>> newScore = cursor.GetGetter<VBuffer<float>>(view.Schema["Score"]);
        ValueGetter<ReadOnlyMemory<char>> oldLabel = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema[3]);
        Assert.IsTrue(cursor.MoveNext());
        float old = 0;
        oldScore(ref old);
        Assert.AreEqual(0.25f, old);
        VBuffer<float> scores = default;
        newScore(ref scores);
        Assert.AreEqual(3, scores.Length);
        ReadOnlyMemory<char> label = default;
        oldLabel(ref label);
        Assert.AreEqual("old", label.ToString());
    }

    [TestMethod]
    public void Score_buffers_of_any_shape_can_be_handed_in()
    {
        using var network = new ColourNetwork();
        var ml = new MLContext();
        IDataView data = ColourNetwork.Load(ml, network.Pictures(2));
        using OnnxImageScoringTransformer transformer = ml.Transforms.ScoreOnnxImages(network.Model).Fit(data);
        IDataView view = transformer.Transform(data);
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Score"]]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(view.Schema["Score"]);

        Assert.IsTrue(cursor.MoveNext());
        VBuffer<float> sparse = new(1000, 2, [7, 8], [3, 900]);
        getter(ref sparse);
        Assert.IsTrue(sparse.IsDense);
        float[] first = [.. sparse.DenseValues()];
        Assert.AreEqual(ColourNetwork.Expected(0)[2], first[2], 1e-6);

        Assert.IsTrue(cursor.MoveNext());
        VBuffer<float> other = default;
        getter(ref other);
        CollectionAssert.AreEqual(first, sparse.DenseValues().ToArray(), "an earlier row's buffer stays as it was");
    }

    [TestMethod]
    public void What_the_transformer_says_about_its_model()
    {
        using var network = new ColourNetwork();
        var ml = new MLContext();
        using OnnxImageScoringTransformer transformer = ml.Transforms.ScoreOnnxImages(network.Model).Fit(ColourNetwork.Load(ml));
        CollectionAssert.AreEqual(ColourNetwork.Labels, transformer.Labels.ToArray());
        Assert.AreEqual(ColourNetwork.Side, transformer.Preprocessing.CropSide);
        Assert.AreEqual(network.ModelFile, Path.GetFullPath(transformer.ModelPath));
        Assert.AreEqual("ImagePath", transformer.InputColumn);
        StringAssert.Contains(transformer.Provider, "CPU");
        Assert.IsNull(transformer.FallbackReason);
    }

    private sealed class OlderRow
    {
        public float Score { get; set; }

        public string ImagePath { get; set; } = string.Empty;

        public string PredictedLabel { get; set; } = string.Empty;
    }
}
