using AlexNetMl.Onnx;
using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Pipelines.Tests;

/// <summary>Any ONNX model, in batches: what ML.NET's own <c>ApplyOnnxModel</c> gives is what must come.</summary>
[TestClass]
public sealed class TensorModelTests : IDisposable
{
    private readonly TensorModels _models = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _models.Dispose();

    [TestMethod]
    public void Every_element_type_comes_through_as_ML_NET_gives_it()
    {
        Check(DataType.Float, i => (float[])[i, -i / 3f]);
        Check(DataType.Double, i => (double[])[i, -i / 3d]);
        Check(DataType.Int8, i => (sbyte[])[(sbyte)i, (sbyte)-i]);
        Check(DataType.Uint8, i => (byte[])[(byte)i, (byte)(255 - i)]);
        Check(DataType.Int16, i => (short[])[(short)(i * 300), (short)-i]);
        Check(DataType.Uint16, i => (ushort[])[(ushort)(i * 600), (ushort)i]);
        Check(DataType.Int32, i => (int[])[i << 20, -i]);
        Check(DataType.Uint32, i => (uint[])[(uint)i << 24, (uint)i]);
        Check(DataType.Int64, i => (long[])[(long)i << 40, -i]);
        Check(DataType.Uint64, i => (ulong[])[(ulong)i << 56, (ulong)i]);
        Check(DataType.Bool, i => (bool[])[i % 2 == 0, i % 3 == 0]);

        void Check<T>(DataType type, Func<int, T[]> row)
        {
            string path = _models.Identity($"identity-{type}", type, "batch", 2);
            SchemaDefinition two = SchemaDefinition.Create(typeof(Pair<T>));
            two["x"].ColumnType = new VectorDataViewType(((VectorDataViewType)two["x"].ColumnType).ItemType, 2);
            IDataView data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 50).Select(i => new Pair<T> { x = row(i) }).ToArray(), two);
            using OnnxBatchedTransformer ours = _ml.Transforms.ApplyOnnxModelBatched(path, batchSize: 7).Fit(data);
            using var theirs = _ml.Transforms.ApplyOnnxModel(path).Fit(data);
            IDataView result = ours.Transform(data), plain = theirs.Transform(data);
            Assert.AreEqual(plain.Schema["y"].Type, result.Schema["y"].Type);
            T[][] expected = [.. plain.GetColumn<T[]>("y")], actual = [.. result.GetColumn<T[]>("y")];
            Assert.HasCount(50, actual);
            for (int i = 0; i < 50; i++)
            {
                CollectionAssert.AreEqual(row(i), actual[i], $"{type}, row {i}");
                CollectionAssert.AreEqual(expected[i], actual[i]);
            }
        }
    }

    [TestMethod]
    public void Texts_come_through()
    {
        string path = _models.Identity("texts", DataType.String, "batch", 1);
        IDataView data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => new Text { x = $"text {i} äöü" }).ToArray());
        using OnnxBatchedTransformer transformer = _ml.Transforms.ApplyOnnxModelBatched(path, batchSize: 8).Fit(data);
        IDataView result = transformer.Transform(data);
        Assert.AreEqual(new VectorDataViewType(TextDataViewType.Instance, 1, 1), result.Schema["y"].Type);
        CollectionAssert.AreEqual(
            Enumerable.Range(0, 20).Select(i => $"text {i} äöü").ToArray(), result.GetColumn<string[]>("y").Select(row => row.Single()).ToArray());
    }

    [TestMethod]
    public void Several_inputs_and_outputs_and_any_of_them()
    {
        string path = _models.Several();
        SeveralRow[] rows = [.. Enumerable.Range(0, 33).Select(i => new SeveralRow { x = [i % 3, (i + 1) % 3, 1.5f], scale = i, offset = i / 2d })];
        IDataView data = _ml.Data.LoadFromEnumerable(rows);
        using OnnxBatchedTransformer transformer = _ml.Transforms.ApplyOnnxModelBatched(path, batchSize: 8).Fit(data);
        CollectionAssert.AreEqual(new[] { "x", "scale", "offset" }, transformer.InputColumns.ToArray());
        SeveralResult[] results = [.. _ml.Data.CreateEnumerable<SeveralResult>(transformer.Transform(data), reuseRowObject: false)];
        for (int i = 0; i < rows.Length; i++)
        {
            for (int j = 0; j < 3; j++)
            {
                Assert.AreEqual((rows[i].x[j] * rows[i].scale) + rows[i].offset, results[i].y[j], 1e-6);
                Assert.AreEqual(rows[i].x[j] > rows[i].scale, results[i].above[j]);
            }

            Assert.AreEqual(Array.IndexOf(rows[i].x, rows[i].x.Max()), results[i].place.Single());
        }

        using OnnxBatchedTransformer some = _ml.Transforms.ApplyOnnxModelBatched(["place"], ["x", "scale", "offset"], path).Fit(data);
        IDataView view = some.Transform(data);
        Assert.IsNull(view.Schema.GetColumnOrNull("y"));
        CollectionAssert.AreEqual(results.Select(row => row.place.Single()).ToArray(), view.GetColumn<long[]>("place").Select(row => row.Single()).ToArray());
        OnnxScoringException e = Assert.ThrowsExactly<OnnxScoringException>(() => _ml.Transforms.ApplyOnnxModelBatched(["place"], ["x"], path).Fit(data));
        StringAssert.Contains(e.Message, "'scale'");
    }

    [TestMethod]
    public void Slot_names_suffixes_streams_and_given_shapes_are_ML_NET_s()
    {
        var graph = new OnnxGraphBuilder("named");
        graph.AddInput("x", DataType.Float, "batch", 2);
        graph.AddNode("Neg", ["x"], ["y.output"]);
        graph.AddOutput("y.output", DataType.Float, "batch", 2);
        string path = _models.Write("named", graph, model => SlotNames.Add(model, "y", ["left", "right"]));
        IDataView data = _ml.Data.LoadFromEnumerable(new[] { new Pair<float> { x = [1, 2] } });
        using FileStream stream = File.OpenRead(path);
        using OnnxBatchedTransformer ours = _ml.Transforms.ApplyOnnxModelBatched(stream).Fit(data);
        IDataView view = ours.Transform(data);
        VBuffer<ReadOnlyMemory<char>> names = default;
        view.Schema["y"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(new[] { "left", "right" }, names.DenseValues().Select(name => name.ToString()).ToArray());
        CollectionAssert.AreEqual(new[] { -1f, -2f }, view.GetColumn<float[]>("y").Single());

        string open = _models.Identity("open", DataType.Float, "batch", "length");
        OnnxScoringException e = Assert.ThrowsExactly<OnnxScoringException>(() => _ml.Transforms.ApplyOnnxModelBatched(open).Fit(data));
        StringAssert.Contains(e.Message, "[batch, length]");
        StringAssert.Contains(e.Message, "shapeDictionary");
        using OnnxBatchedTransformer given = _ml.Transforms.ApplyOnnxModelBatched(open, new Dictionary<string, int[]> { ["x"] = [1, 2] }).Fit(data);
        IDataView result = given.Transform(data);
        CollectionAssert.AreEqual(new[] { 1f, 2f }, result.GetColumn<float[]>("y").Single());
        Assert.AreEqual(0, ((VectorDataViewType)result.Schema["y"].Type).Size, "its length is told by a run");
    }

    [TestMethod]
    public void What_does_not_fit_is_named_at_fit_or_before()
    {
        string path = _models.Identity("three", DataType.Float, "batch", 3);
        Refused(path, new Pair<float> { x = [1, 2] }, "Input shape mismatch", "2 values", "3 a row");
        SchemaRefused(path, new Fixed2(), "Schema mismatch for input column 'x': expected Vector<Single, 3>, got Vector<Single, 2>");
        SchemaRefused(path, new Pair<double> { x = [1, 2, 3] }, "Schema mismatch for input column 'x': expected Vector<Single, 3>, got");
        SchemaRefused(path, new Text { x = "a" }, "Schema mismatch for input column 'x': expected Vector<Single, 3>, got String");
        SchemaRefused(path, new Other(), "Could not find input column 'x' among 'q'");

        IDataView data = _ml.Data.LoadFromEnumerable(new[] { new Pair<float> { x = [1, 2, 3] } });
        foreach ((string model, string part) in ((string, string)[])
        [
            (_models.Identity("fixed", DataType.Float, 4, 3), "no batch axis"),
            (_models.Identity("scalar", DataType.Float), "no batch axis"),
            (_models.Identity("half", DataType.Float16, "batch", 3), "Float16"),
        ])
        {
            OnnxScoringException e = Assert.ThrowsExactly<OnnxScoringException>(() => _ml.Transforms.ApplyOnnxModelBatched(model).Fit(data));
            StringAssert.Contains(e.Message, part);
            StringAssert.Contains(e.Message, "'x'");
        }

        using OnnxBatchedTransformer summing = _ml.Transforms.ApplyOnnxModelBatched(_models.WithoutRows(), batchSize: 2)
            .Fit(data);
        IDataView two = _ml.Data.LoadFromEnumerable(Enumerable.Repeat(new Pair<float> { x = [1, 2, 3] }, 2).ToArray());
        OnnxScoringException rows = Assert.ThrowsExactly<OnnxScoringException>(() => summing.Transform(two).GetColumn<float[]>("sum").Count());
        StringAssert.Contains(rows.Message, "'sum'");
        Assert.ThrowsExactly<OnnxScoringException>(() => _ml.Transforms.ApplyOnnxModelBatched("nowhere.onnx").Fit(data));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.ApplyOnnxModelBatched(path, batchSize: 0));

        void Refused(string model, Pair<float> row, params string[] parts)
        {
            IDataView view = _ml.Data.LoadFromEnumerable(new[] { row });
            using OnnxBatchedTransformer transformer = _ml.Transforms.ApplyOnnxModelBatched(model).Fit(view);
            InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(() => transformer.Transform(view).GetColumn<float[]>("y").Count());
            Array.ForEach(parts, part => StringAssert.Contains(e.Message, part));
        }

        void SchemaRefused<T>(string model, T row, string expected)
            where T : class, new()
        {
            IDataView view = _ml.Data.LoadFromEnumerable(new[] { row });
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.ApplyOnnxModelBatched(model).Fit(view)).Message, expected);
            if (row is not Fixed2)
            {
                SchemaShape shape = _ml.Transforms.CustomMapping<Nothing, T>((_, _) => { }, null!).GetOutputSchema(new SchemaShape([]));
                StringAssert.Contains(
                    Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.ApplyOnnxModelBatched(model).GetOutputSchema(shape)).Message,
                    expected.Split(", got")[0]);
            }
        }
    }

    [TestMethod]
    public void An_engine_predicts_single_rows()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(new[] { new SeveralRow() });
        using OnnxBatchedTransformer transformer = _ml.Transforms.ApplyOnnxModelBatched(_models.Several()).Fit(data);
        using ConcurrentPredictionEngine<SeveralRow, SeveralResult> engine = _ml.Model.CreateConcurrentPredictionEngine<SeveralRow, SeveralResult>(transformer);
        Parallel.For(0, 200, i =>
        {
            SeveralResult result = engine.Predict(new SeveralRow { x = [i, 1, 2], scale = 2, offset = i });
            Assert.AreEqual((2d * i) + i, result.y[0], 1e-6);
            Assert.AreEqual(i > 2, result.above[0]);
        });
    }

    [TestMethod]
    public void A_million_cheap_rows_come_in_order()
    {
        const int Count = 1_000_000;
        IDataView data = _ml.Data.LoadFromEnumerable(Counting(Count));
        using OnnxBatchedTransformer transformer = _ml.Transforms.ApplyOnnxModelBatched(_models.Identity("one", DataType.Int32, "batch", 1), batchSize: 4096).Fit(data);
        IDataView view = transformer.Transform(data);
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["y"], view.Schema["x"]]);
        ValueGetter<VBuffer<int>> y = cursor.GetGetter<VBuffer<int>>(view.Schema["y"]);
        ValueGetter<int> x = cursor.GetGetter<int>(view.Schema["x"]);
        VBuffer<int> value = default;
        int number = 0, rows = 0;
        for (; cursor.MoveNext(); rows++)
        {
            y(ref value);
            x(ref number);
            if (number != rows || value.GetValues()[0] != rows)
            {
                Assert.Fail($"row {rows}: {number} and {value.GetValues()[0]}");
            }
        }

        Assert.AreEqual(Count, rows);

        static IEnumerable<Number> Counting(int count)
        {
            for (int i = 0; i < count; i++)
            {
                yield return new Number { x = i };
            }
        }
    }

#pragma warning disable IDE1006 // the names are the models' own
    private sealed class Nothing;

    private sealed class Pair<T>
    {
        public T[] x { get; set; } = [];
    }

    private sealed class Fixed2
    {
        [VectorType(2)]
        public float[] x { get; set; } = new float[2];
    }

    private sealed class Other
    {
        public float q { get; set; }
    }

    private sealed class Text
    {
        public string x { get; set; } = string.Empty;
    }

    private sealed class Number
    {
        public int x { get; set; }
    }

    private sealed class SeveralRow
    {
        [VectorType(3)]
        public float[] x { get; set; } = new float[3];

        public float scale { get; set; }

        public double offset { get; set; }
    }

    private sealed class SeveralResult
    {
        public double[] y { get; set; } = [];

        public long[] place { get; set; } = [];

        public bool[] above { get; set; } = [];
    }
}
