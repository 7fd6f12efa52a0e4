using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Pipelines.Tests;

/// <summary>
/// What ML.NET asks of every <see cref="IDataView"/>, <see cref="ITransformer"/> and <see cref="IRowToRowMapper"/>, over each of our transformers, and over two of ML.NET's own,
/// which says that the questions are fair.
/// </summary>
[TestClass]
public sealed class ConformanceTests : IDisposable
{
    private const int BatchSize = 4;

    private readonly ColourNetwork _network = new();
    private readonly TensorModels _models = new();
    private readonly MLContext _ml = new(seed: 1);

    public static IEnumerable<object[]> Subjects => [.. ((string[])["paths", "bytes", "images", "everything", "features", "tensors", "chain", "ML.NET copy", "ML.NET onnx"]).Select(name => (object[])[name])];

    public void Dispose()
    {
        _network.Dispose();
        _models.Dispose();
    }

    [TestMethod]
    [DynamicData(nameof(Subjects))]
    public void Schemas_keep_the_input_and_stay_what_they_are(string name)
    {
        using var subject = Make(name, 5);
        IDataView view = subject.View;
        DataViewSchema schema = view.Schema;
        Assert.AreSame(schema, view.Schema);
        DataViewSchema promised = subject.Transformer.GetOutputSchema(subject.Data.Schema);
        Assert.AreEqual(promised.Count, view.Schema.Count);
        for (int i = 0; i < promised.Count; i++)
        {
            Assert.AreEqual(promised[i].Name, view.Schema[i].Name);
            Assert.AreEqual(promised[i].Type, view.Schema[i].Type);
        }

        foreach (DataViewSchema.Column column in subject.Data.Schema)
        {
            Assert.AreEqual(column.Type, view.Schema[column.Name].Type);
        }

        Assert.AreEqual(subject.Data.GetRowCount(), view.GetRowCount());
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        Assert.AreSame(view.Schema, cursor.Schema);
    }

    [TestMethod]
    [DynamicData(nameof(Subjects))]
    public void Any_number_of_rows_comes_complete_in_order_and_again(string name)
    {
        foreach (int count in (int[])[0, 1, BatchSize - 1, BatchSize, BatchSize + 1, (3 * BatchSize) + 2, 50])
        {
            using var subject = Make(name, count);
            object[][] first = Rows.ReadAll(subject.View), second = Rows.ReadAll(subject.View);
            Assert.HasCount(count, first);
            Rows.Same(first, second);

            // What passes through is the input, value by value.
            object[][] input = Rows.ReadAll(subject.Data);
            for (int row = 0; row < count; row++)
            {
                foreach (DataViewSchema.Column column in subject.Data.Schema.Where(Rows.CanRead))
                {
                    Rows.Same(input[row][column.Index], first[row][subject.View.Schema[column.Name].Index]);
                }
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Subjects))]
    public void Every_column_alone_is_what_it_is_among_all(string name)
    {
        using var subject = Make(name, 9);
        object[][] all = Rows.ReadAll(subject.View);
        foreach (DataViewSchema.Column column in subject.View.Schema.Where(Rows.CanRead))
        {
            using DataViewRowCursor cursor = subject.View.GetRowCursor([column]);
            Assert.IsTrue(cursor.IsColumnActive(column));
            Func<object> read = Rows.Reader(cursor, column);
            int row = 0;
            for (; cursor.MoveNext(); row++)
            {
                Rows.Same(all[row][column.Index], read());
            }

            Assert.AreEqual(9, row);
            foreach (DataViewSchema.Column other in subject.View.Schema.Where(other => other.Index != column.Index && !cursor.IsColumnActive(other)))
            {
                Assert.Throws<Exception>(() => Rows.Reader(cursor, other), other.Name);
            }
        }

        using DataViewRowCursor nothing = subject.View.GetRowCursor([]);
        int rows = 0;
        while (nothing.MoveNext())
        {
            rows++;
        }

        Assert.AreEqual(9, rows);
    }

    [TestMethod]
    [DynamicData(nameof(Subjects))]
    public void Getters_may_be_made_before_the_first_row_and_are_good_on_rows_only(string name)
    {
        using var subject = Make(name, 6);
        object[][] all = Rows.ReadAll(subject.View);
        using DataViewRowCursor cursor = subject.View.GetRowCursor(subject.View.Schema);
        DataViewSchema.Column[] columns = [.. subject.View.Schema.Where(Rows.CanRead)];
        Func<object>[] getters = [.. columns.Select(column => Rows.Reader(cursor, column))];
        Assert.AreEqual(-1, cursor.Position);
        for (int row = 0; cursor.MoveNext(); row++)
        {
            Assert.AreEqual(row, cursor.Position);
            for (int i = 0; i < columns.Length; i++)
            {
                Rows.Same(all[row][columns[i].Index], getters[i]());
                Rows.Same(all[row][columns[i].Index], getters[i]());
            }
        }

        Assert.IsFalse(cursor.MoveNext(), "and stays at the end");
        if (!name.StartsWith("ML.NET", StringComparison.Ordinal))
        {
            Assert.AreEqual(-1, cursor.Position);
            foreach (int i in Enumerable.Range(0, columns.Length).Where(i => subject.Data.Schema.GetColumnOrNull(columns[i].Name) is null))
            {
                Assert.Throws<InvalidOperationException>(() => getters[i](), columns[i].Name);
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Subjects))]
    public void A_cursor_left_halfway_leaves_nothing_open(string name)
    {
        using var subject = Make(name, 30);
        var watched = new WatchedView(subject.Data);
        IDataView view = subject.Transformer.Transform(watched);
        for (int taken = 0; taken < 3 * BatchSize; taken++)
        {
            DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
            for (int row = 0; row < taken; row++)
            {
                Assert.IsTrue(cursor.MoveNext());
            }

            cursor.Dispose();
            cursor.Dispose();
            Assert.AreEqual(0, watched.Open, $"after {taken} rows");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Subjects))]
    public void A_set_of_cursors_gives_every_row_once(string name)
    {
        using var subject = Make(name, 40);
        object[][] all = Rows.ReadAll(subject.View);
        DataViewRowCursor[] set = subject.View.GetRowCursorSet(subject.View.Schema, 4);
        Assert.IsGreaterThan(0, set.Length);
        var seen = new Dictionary<DataViewRowId, object[]>();
        foreach (DataViewRowCursor cursor in set)
        {
            using (cursor)
            {
                DataViewSchema.Column number = subject.View.Schema["Number"];
                ValueGetter<int> getter = cursor.GetGetter<int>(number);
                ValueGetter<DataViewRowId> id = cursor.GetIdGetter();
                Func<object[]> read = Rows.Reader(cursor);
                while (cursor.MoveNext())
                {
                    DataViewRowId key = default;
                    id(ref key);
                    int value = 0;
                    getter(ref value);
                    object[] row = read();
                    Assert.IsTrue(seen.TryAdd(key, row), "an id twice");
                    Rows.Same(all[value], row);
                }
            }
        }

        Assert.HasCount(40, seen);
    }

    [TestMethod]
    [DynamicData(nameof(Subjects))]
    public void Cursors_side_by_side_and_on_threads_do_not_disturb_each_other(string name)
    {
        using var subject = Make(name, 25);
        object[][] all = Rows.ReadAll(subject.View);
        Parallel.For(0, 4, _ => Rows.Same(all, Rows.ReadAll(subject.View)));
        using DataViewRowCursor fast = subject.View.GetRowCursor(subject.View.Schema), slow = subject.View.GetRowCursor(subject.View.Schema);
        Func<object[]> readFast = Rows.Reader(fast), readSlow = Rows.Reader(slow);
        for (int row = 0; row < 25; row++)
        {
            Assert.IsTrue(fast.MoveNext());
            Rows.Same(all[row], readFast());
            if (row % 3 == 0)
            {
                Assert.IsTrue(slow.MoveNext());
                Rows.Same(all[row / 3], readSlow());
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Subjects))]
    public void Row_by_row_gives_what_the_cursor_gives(string name)
    {
        using var subject = Make(name, 10);
        object[][] all = Rows.ReadAll(subject.View);
        Assert.IsTrue(subject.Transformer.IsRowToRowMapper);
        IRowToRowMapper mapper = subject.Transformer.GetRowToRowMapper(subject.Data.Schema);
        Assert.AreSame(subject.Data.Schema, mapper.InputSchema);
        DataViewSchema.Column[] wanted = [.. mapper.OutputSchema];
        DataViewSchema.Column[] needed = [.. mapper.GetDependencies(wanted)];
        Assert.IsTrue(needed.All(column => column.Index < subject.Data.Schema.Count));
        using DataViewRowCursor input = subject.Data.GetRowCursor(needed);
        DataViewRow mapped = mapper.GetRow(input, wanted);
        Assert.AreSame(mapper.OutputSchema, mapped.Schema);
        Func<object[]> read = Rows.Reader(mapped);
        for (int row = 0; input.MoveNext(); row++)
        {
            Assert.AreEqual(input.Position, mapped.Position);
            object[] values = read();
            for (int column = 0; column < values.Length; column++)
            {
                Rows.Close(all[row][column], values[column], 1e-6f);
            }
        }

        if (subject.Added.Length > 0 && !name.StartsWith("ML.NET", StringComparison.Ordinal))
        {
            // A column that passes through needs itself only.
            DataViewSchema.Column number = mapper.OutputSchema["Number"];
            CollectionAssert.AreEqual(new[] { "Number" }, mapper.GetDependencies([number]).Select(column => column.Name).ToArray());
        }
    }

    [TestMethod]
    [DynamicData(nameof(Subjects))]
    public void A_million_rows_cost_little_where_nothing_is_scored(string name)
    {
        const int Count = 1_000_000;
        using var subject = Make(name, 1);
        IDataView data = subject.Repeat(Count);
        IDataView view = subject.Transformer.Transform(data);
        DataViewSchema.Column number = view.Schema["Number"];
        using DataViewRowCursor cursor = view.GetRowCursor([number]);
        ValueGetter<int> getter = cursor.GetGetter<int>(number);
        int value = 0;
        long rows = 0;
        while (cursor.MoveNext())
        {
            getter(ref value);
            rows++;
        }

        Assert.AreEqual(Count, rows);
    }

    private Subject Make(string name, int count)
    {
        PictureRow[] pictures = _network.Pictures(count);
        Row[] rows = [.. pictures.Select(picture => new Row
        {
            Number = picture.Number,
            ImagePath = picture.ImagePath,
            Picture = File.ReadAllBytes(picture.ImagePath),
            x = [picture.Number, 0.5f],
            Words = [$"{picture.Number}", "two"],
            When = new DateTime(2012, 12, 3).AddDays(picture.Number),
            Flag = picture.Number % 2 == 0,
        })];
        IDataView data = _ml.Data.LoadFromEnumerable(rows);
        if (name == "images")
        {
            data = _ml.Transforms.LoadImages("Image", string.Empty, "ImagePath").Fit(data).Transform(data);
        }

        var options = new OnnxImageScorerOptions { BatchSize = BatchSize };
        string tensors = _models.Identity($"conformance-{Guid.NewGuid():N}", DataType.Float, "batch", 2);
        ITransformer transformer = name switch
        {
            "paths" => _ml.Transforms.ScoreOnnxImages(_network.Model, options: options).Fit(data),
            "bytes" => _ml.Transforms.ScoreOnnxImages(_network.Model, "Picture", options).Fit(data),
            "images" => _ml.Transforms.ScoreOnnxImages(_network.Model, "Image", options).Fit(data),
            "everything" => _ml.Transforms.ScoreOnnxImages(
                _network.Model, options: options with { TopK = 2, Logits = true, OnInvalidImage = InvalidImageHandling.Mark }).Fit(data),
            "features" => _ml.Transforms.ExtractOnnxImageFeatures(_network.Model, layer: "flat", options: options).Fit(data),
            "tensors" => _ml.Transforms.ApplyOnnxModelBatched(tensors, batchSize: BatchSize).Fit(data),
            "chain" => _ml.Transforms.ScoreOnnxImages(_network.Model, options: options)
                .Append(_ml.Transforms.ApplyOnnxModelBatched(tensors, batchSize: 3))
                .Append(_ml.Transforms.CopyColumns("Copy", "Score")).Fit(data),
            "ML.NET copy" => _ml.Transforms.CopyColumns("Copy", "x").Fit(data),
            _ => _ml.Transforms.ApplyOnnxModel(tensors).Fit(data),
        };
        return new Subject(_ml, data, rows, transformer, name == "images");
    }

    private sealed class Subject(MLContext ml, IDataView data, Row[] rows, ITransformer transformer, bool images) : IDisposable
    {
        public IDataView Data => data;

        public ITransformer Transformer => transformer;

        public IDataView View { get; } = transformer.Transform(data);

        public DataViewSchema.Column[] Added => [.. View.Schema.Where(column => data.Schema.GetColumnOrNull(column.Name) is null)];

        public IDataView Repeat(int count)
        {
            IDataView many = ml.Data.LoadFromEnumerable(Enumerable.Repeat(rows[0], count));
            return images ? ml.Transforms.LoadImages("Image", string.Empty, "ImagePath").Fit(many).Transform(many) : many;
        }

        public void Dispose() => (transformer as IDisposable)?.Dispose();
    }

    private sealed class Row
    {
        public int Number { get; set; }

        public string ImagePath { get; set; } = string.Empty;

        public byte[] Picture { get; set; } = [];

        [VectorType(2)]
#pragma warning disable IDE1006 // the model's name for it
        public float[] x { get; set; } = new float[2];
#pragma warning restore IDE1006

        public string[] Words { get; set; } = [];

        public DateTime When { get; set; }

        public bool Flag { get; set; }
    }
}
