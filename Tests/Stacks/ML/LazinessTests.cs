using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class LazinessTests
{
    [TestMethod]
    public void Building_a_pipeline_reads_nothing()
    {
        var ml = new MLContext();
        var source = new RecordingView(5);
        IDataView data = ml.Transforms.CopyColumns("D", "A").Append(Doubling(ml)).Fit(source).Transform(source);
        _ = ml.Data.TakeRows(data, 3);
        _ = ml.Data.TrainTestSplit(data, 0.5);
        Assert.AreEqual(0, source.Moved);
    }

    [TestMethod]
    public void Only_the_columns_that_are_needed_are_asked_for()
    {
        var ml = new MLContext();
        var source = new RecordingView(3);
        IDataView data = ml.Transforms.CopyColumns("D", "C").Append(Doubling(ml)).Fit(source).Transform(source);
        source.Asked.Clear();
        CollectionAssert.AreEqual((int[])[0, 2, 4], data.GetColumn<int>("Twice").ToArray());
        CollectionAssert.AreEqual((string[])["A"], source.Asked.Distinct().ToArray());
        source.Asked.Clear();
        CollectionAssert.AreEqual((int[])[200, 201, 202], data.GetColumn<int>("D").ToArray());
        CollectionAssert.AreEqual((string[])["C"], source.Asked.Distinct().ToArray());
        source.Asked.Clear();
        CollectionAssert.AreEqual((int[])[100, 101, 102], data.GetColumn<int>("B").ToArray());
        CollectionAssert.AreEqual((string[])["B"], source.Asked.Distinct().ToArray());
    }

    [TestMethod]
    public void A_column_nobody_asked_for_costs_nothing()
    {
        var ml = new MLContext();
        var source = new RecordingView(4);
        int calls = 0;
        IDataView data = ml.Transforms.CustomMapping<OneNumber, Doubled>((from, to) => Interlocked.Increment(ref calls), null).Fit(source).Transform(source);
        Assert.AreEqual(4, data.GetColumn<int>("B").Count());
        Assert.AreEqual(0, calls);
        Assert.AreEqual(0, source.Fetched["A"]);
        Assert.AreEqual(0, source.Fetched["C"]);
    }

    [TestMethod]
    public void A_value_is_computed_when_its_getter_is_called_and_once_per_row()
    {
        var ml = new MLContext();
        var source = new RecordingView(6);
        int calls = 0;
        IDataView data = ml.Transforms.CustomMapping<OneNumber, Doubled>(
            (from, to) =>
            {
                Interlocked.Increment(ref calls);
                to.Twice = 2 * from.A;
                to.Square = from.A * from.A;
            }, null).Fit(source).Transform(source);
        var row = ml.Data.CreateEnumerable<Doubled>(data, reuseRowObject: false).ToArray();
        Assert.AreEqual(6, calls, "two outputs of one row share one call");
        Assert.AreEqual(25, row[5].Square);
        Assert.AreEqual(10, row[5].Twice);
    }

    [TestMethod]
    public void Getters_read_the_row_that_the_cursor_stands_on()
    {
        var ml = new MLContext();
        var source = new RecordingView(3);
        IDataView data = Doubling(ml).Fit(source).Transform(source);
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Twice"], data.Schema["B"]]);
        Assert.AreEqual(-1, cursor.Position);
        ValueGetter<int> twice = cursor.GetGetter<int>(data.Schema["Twice"]);
        ValueGetter<int> b = cursor.GetGetter<int>(data.Schema["B"]);
        int value = 0;
        for (int i = 0; i < 3; i++)
        {
            Assert.IsTrue(cursor.MoveNext());
            Assert.AreEqual(i, cursor.Position);
            if (i == 1)
            {
                continue;
            }
            twice(ref value);
            Assert.AreEqual(2 * i, value);
            twice(ref value);
            Assert.AreEqual(2 * i, value);
            b(ref value);
            Assert.AreEqual(100 + i, value);
        }
        Assert.IsFalse(cursor.MoveNext());
    }

    [TestMethod]
    public void Inactive_columns_and_wrong_types_have_no_getter()
    {
        var ml = new MLContext();
        var source = new RecordingView(3);
        IDataView mapped = Doubling(ml).Fit(source).Transform(source);
        using (DataViewRowCursor cursor = mapped.GetRowCursor([mapped.Schema["B"]]))
        {
            Assert.IsTrue(cursor.IsColumnActive(mapped.Schema["B"]));
            Assert.IsFalse(cursor.IsColumnActive(mapped.Schema["Twice"]));
            Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<int>(mapped.Schema["Twice"]));
        }
        using (DataViewRowCursor cursor = mapped.GetRowCursor([mapped.Schema["Twice"]]))
        {
            Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<float>(mapped.Schema["Twice"]));
        }
        IDataView objects = ml.Data.LoadFromEnumerable(TextRow.Of("a"));
        using DataViewRowCursor plain = objects.GetRowCursor([]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => plain.GetGetter<ReadOnlyMemory<char>>(objects.Schema["Text"]));
    }

    [TestMethod]
    public void A_column_beyond_the_schema_is_refused()
    {
        var ml = new MLContext();
        var source = new RecordingView(3);
        IDataView data = Doubling(ml).Fit(source).Transform(source);
        Assert.Throws<InvalidOperationException>(() => ml.Data.LoadFromEnumerable(TextRow.Of("a")).GetRowCursor([data.Schema["Twice"]]));
    }

    [TestMethod]
    public void Taking_rows_reads_no_more_than_those()
    {
        int read = 0;
        IEnumerable<TextRow> Endless()
        {
            while (true)
            {
                read++;
                yield return new TextRow { Text = "x" };
            }
        }

        var ml = new MLContext();
        Assert.AreEqual(5, ml.Data.TakeRows(ml.Data.LoadFromEnumerable(Endless()), 5).GetColumn<string>("Text").Count());
        Assert.AreEqual(5, read);
    }

    [TestMethod]
    public void Disposing_a_cursor_disposes_the_one_it_reads_from()
    {
        var ml = new MLContext();
        var source = new RecordingView(3);
        IDataView data = ml.Data.TakeRows(ml.Transforms.DropColumns("C").Fit(source).Transform(source), 2);
        foreach (int _ in data.GetColumn<int>("A"))
        {
            break;
        }
        Assert.AreEqual(1, source.Disposed);
    }

    private static IEstimator<ITransformer> Doubling(MLContext ml)
        => ml.Transforms.CustomMapping<OneNumber, Doubled>(
            (from, to) =>
            {
                to.Twice = 2 * from.A;
                to.Square = from.A * from.A;
            }, null);

    private sealed class OneNumber
    {
        public int A { get; set; }
    }

    private sealed class Doubled
    {
        public int Twice { get; set; }

        public int Square { get; set; }
    }
}
