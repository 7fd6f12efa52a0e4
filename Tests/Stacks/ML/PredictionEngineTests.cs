using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class PredictionEngineTests
{
    [TestMethod]
    public void An_engine_predicts_object_after_object()
    {
        var ml = new MLContext();
        using PredictionEngine<Point, Sum> engine = ml.Model.CreatePredictionEngine<Point, Sum>(Summing(ml).Fit(Points(ml)));
        for (int i = 0; i < 5; i++)
        {
            Assert.AreEqual((3 * i) + 1, engine.Predict(new Point { X = i, Y = (2 * i) + 1 }).Total);
        }
        Sum reused = new();
        Sum same = reused;
        engine.Predict(new Point { X = 4, Y = 5 }, ref reused);
        Assert.AreSame(same, reused);
        Assert.AreEqual(9f, reused.Total);
        Assert.AreEqual("X,Y,Total", Reading.Names(engine.OutputSchema));
        Assert.ThrowsExactly<ArgumentNullException>(() => engine.Predict(null!));
    }

    [TestMethod]
    public void A_chain_predicts_as_its_data_view_does()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(TextRow.Of("b", "a", "b"));
        ITransformer model = ml.Transforms.Conversion.MapValueToKey("Key", "Text").Append(ml.Transforms.Conversion.MapKeyToValue("Back", "Key")).Fit(data);
        using PredictionEngine<TextRow, KeyAndBack> engine = ml.Model.CreatePredictionEngine<TextRow, KeyAndBack>(model);
        foreach ((string text, uint key) in new[] { ("a", 2u), ("b", 1u), ("new", 0u) })
        {
            KeyAndBack prediction = engine.Predict(new TextRow { Text = text });
            Assert.AreEqual(key, prediction.Key);
            Assert.AreEqual(key == 0 ? string.Empty : text, prediction.Back);
        }
    }

    [TestMethod]
    public void Columns_that_the_prediction_lacks_or_the_model_lacks()
    {
        var ml = new MLContext();
        ITransformer model = Summing(ml).Fit(Points(ml));
        using (PredictionEngine<Point, SumAndMore> lenient = ml.Model.CreatePredictionEngine<Point, SumAndMore>(model))
        {
            SumAndMore prediction = lenient.Predict(new Point { X = 1, Y = 2 });
            Assert.AreEqual(3f, prediction.Total);
            Assert.AreEqual(0f, prediction.Nowhere);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => ml.Model.CreatePredictionEngine<Point, SumAndMore>(model, ignoreMissingColumns: false));
        Exception error = Assert.Throws<ArgumentOutOfRangeException>(() => ml.Model.CreatePredictionEngine<TextRow, Sum>(model));
        StringAssert.Contains(error.Message, "'X'");
    }

    [TestMethod]
    public void An_engine_takes_its_columns_types_from_a_schema()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(new[] { new Pair { Values = [1, 2] } });
        ITransformer model = ml.Transforms.Concatenate("Joined", "Values").Fit(data);
        using PredictionEngine<PairWithoutSize, JoinedValues> engine = ml.Model.CreatePredictionEngine<PairWithoutSize, JoinedValues>(model, data.Schema);
        CollectionAssert.AreEqual((float[])[3, 4], engine.Predict(new PairWithoutSize { Values = [3, 4] }).Joined);
        Assert.AreEqual(2, ((VectorDataViewType)engine.OutputSchema["Joined"].Type).Size);
    }

    [TestMethod]
    public void Disposing_an_engine_disposes_the_model_unless_told_otherwise()
    {
        var ml = new MLContext();
        var source = new RecordingView(1);
        var watched = new Watched(ml.Transforms.CopyColumns("D", "A").Fit(source));
        ml.Model.CreatePredictionEngine<Numbers, Copied>(watched, new PredictionEngineOptions { OwnsTransformer = false }).Dispose();
        Assert.AreEqual(0, watched.Disposed);
        PredictionEngine<Numbers, Copied> owner = ml.Model.CreatePredictionEngine<Numbers, Copied>(watched);
        Assert.AreEqual(7, owner.Predict(new Numbers { A = 7 }).D);
        owner.Dispose();
        owner.Dispose();
        Assert.AreEqual(1, watched.Disposed);
        ml.Model.CreatePredictionEngine<Numbers, Copied>(new TransformerChain<ITransformer>(watched)).Dispose();
        Assert.AreEqual(2, watched.Disposed);
    }

    [TestMethod]
    public void A_model_that_is_no_row_mapper_is_refused()
    {
        var ml = new MLContext();
        var watched = new Watched(ml.Transforms.CopyColumns("D", "A").Fit(new RecordingView(1))) { IsRowToRowMapper = false };
        Exception error = Assert.Throws<ArgumentOutOfRangeException>(() => ml.Model.CreatePredictionEngine<Numbers, Copied>(watched));
        StringAssert.Contains(error.Message, "Must be a row to row mapper");
        ITransformer chain = new TransformerChain<ITransformer>(watched);
        Assert.IsFalse(chain.IsRowToRowMapper);
        Assert.Throws<ArgumentOutOfRangeException>(() => ml.Model.CreatePredictionEngine<Numbers, Copied>(chain));
        Assert.Throws<InvalidOperationException>(() => chain.GetRowToRowMapper(new RecordingView(1).Schema));
    }

    [TestMethod]
    public void Engines_in_several_threads_share_a_model()
    {
        var ml = new MLContext();
        ITransformer model = Summing(ml).Fit(Points(ml));
        Parallel.For(0, 8, seed =>
        {
            var engine = ml.Model.CreatePredictionEngine<Point, Sum>(model, new PredictionEngineOptions { OwnsTransformer = false });
            for (int i = 0; i < 500; i++)
            {
                Assert.AreEqual(seed + i, engine.Predict(new Point { X = seed, Y = i }).Total);
            }
        });
    }

    private static IDataView Points(MLContext ml) => ml.Data.LoadFromEnumerable(new[] { new Point() });

    private static IEstimator<ITransformer> Summing(MLContext ml) => ml.Transforms.CustomMapping<Point, Sum>((from, to) => to.Total = from.X + from.Y, null);

    /// <summary>A transformer of someone else's that counts how often it was disposed.</summary>
    private sealed class Watched(ITransformer inner) : ITransformer, IDisposable
    {
        public bool IsRowToRowMapper { get; init; } = true;

        internal int Disposed { get; private set; }

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inner.GetOutputSchema(inputSchema);

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => inner.GetRowToRowMapper(inputSchema);

        public IDataView Transform(IDataView input) => inner.Transform(input);

        public void Save(ModelSaveContext ctx) => throw new NotSupportedException();

        public void Dispose() => Disposed++;
    }

    private sealed class Point
    {
        public float X { get; set; }

        public float Y { get; set; }
    }

    private sealed class Sum
    {
        public float Total { get; set; }
    }

    private sealed class SumAndMore
    {
        public float Total { get; set; }

        public float Nowhere { get; set; }
    }

    private sealed class KeyAndBack
    {
        public uint Key { get; set; }

        public string Back { get; set; } = "?";
    }

    private sealed class Pair
    {
        [VectorType(2)]
        public float[] Values { get; set; } = [];
    }

    private sealed class PairWithoutSize
    {
        public float[] Values { get; set; } = [];
    }

    private sealed class JoinedValues
    {
        public float[] Joined { get; set; } = [];
    }

    private sealed class Numbers
    {
        public int A { get; set; }

        public int B { get; set; }

        public int C { get; set; }
    }

    private sealed class Copied
    {
        public int D { get; set; }
    }
}
