using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class CacheTests
{
    [TestMethod]
    public void A_column_is_read_once_and_only_when_asked_for()
    {
        var ml = new MLContext();
        var source = new RecordingView(300);
        IDataView cache = ml.Data.Cache(source);
        Assert.IsEmpty(source.Asked);
        int[] expected = Enumerable.Range(0, 300).ToArray();
        for (int i = 0; i < 3; i++)
        {
            CollectionAssert.AreEqual(expected, cache.GetColumn<int>("A").ToArray());
        }
        Assert.AreEqual(300, source.Fetched["A"]);
        Assert.AreEqual(0, source.Fetched["B"]);
        CollectionAssert.AreEqual(expected.Select(i => 100 + i).ToArray(), cache.GetColumn<int>("B").ToArray());
        CollectionAssert.AreEqual((string[])["A", "B"], source.Asked);
        Assert.AreEqual(300, source.Fetched["B"]);
        Assert.AreEqual(0, source.Fetched["C"]);
    }

    [TestMethod]
    public void Two_columns_of_different_passes_stay_in_step()
    {
        var ml = new MLContext();
        IDataView cache = ml.Data.Cache(new RecordingView(1000));
        Assert.AreEqual(1000, cache.GetColumn<int>("C").Count());
        using DataViewRowCursor cursor = cache.GetRowCursor([cache.Schema["A"], cache.Schema["C"]]);
        Assert.IsFalse(cursor.IsColumnActive(cache.Schema["B"]));
        ValueGetter<int> a = cursor.GetGetter<int>(cache.Schema["A"]);
        ValueGetter<int> c = cursor.GetGetter<int>(cache.Schema["C"]);
        int first = 0;
        int second = 0;
        for (int i = 0; i < 1000; i++)
        {
            Assert.IsTrue(cursor.MoveNext());
            Assert.AreEqual(i, cursor.Position);
            a(ref first);
            c(ref second);
            Assert.AreEqual(i, first);
            Assert.AreEqual(200 + i, second);
        }
        Assert.IsFalse(cursor.MoveNext());
    }

    [TestMethod]
    public void Several_cursors_at_once_see_all_rows()
    {
        var ml = new MLContext();
        var source = new RecordingView(5000);
        IDataView cache = ml.Data.Cache(source);
        long[] sums = new long[8];
        Parallel.For(0, sums.Length, new ParallelOptions { MaxDegreeOfParallelism = sums.Length },
            i => sums[i] = cache.GetColumn<int>(i % 2 == 0 ? "A" : "B").Sum(value => (long)value));
        for (int i = 0; i < sums.Length; i++)
        {
            Assert.AreEqual((5000L * 4999 / 2) + (i % 2 * 500000L), sums[i]);
        }
        Assert.AreEqual(5000, source.Fetched["A"]);
        Assert.AreEqual(5000, source.Fetched["B"]);
    }

    [TestMethod]
    public void A_cursor_set_shares_the_rows_out()
    {
        var ml = new MLContext();
        var source = new RecordingView(1000);
        IDataView data = ml.Transforms.CopyColumns("D", "A").Append(ml.Transforms.SelectColumns("D")).Fit(source).Transform(ml.Data.Cache(source));
        DataViewRowCursor[] cursors = data.GetRowCursorSet([data.Schema["D"]], 4);
        Assert.IsGreaterThan(0, cursors.Length);
        var seen = new System.Collections.Concurrent.ConcurrentBag<int>();
        Task.WaitAll(cursors.Select(cursor => Task.Run(() =>
        {
            using (cursor)
            {
                ValueGetter<int> getter = cursor.GetGetter<int>(cursor.Schema["D"]);
                ValueGetter<DataViewRowId> getId = cursor.GetIdGetter();
                int value = 0;
                DataViewRowId id = default;
                long batch = -1;
                while (cursor.MoveNext())
                {
                    getter(ref value);
                    getId(ref id);
                    Assert.AreEqual((ulong)value, id.Low);
                    Assert.IsGreaterThanOrEqualTo(batch, cursor.Batch);
                    batch = cursor.Batch;
                    seen.Add(value);
                }
            }
        })).ToArray());
        CollectionAssert.AreEqual(Enumerable.Range(0, 1000).ToArray(), seen.Order().ToArray());
    }

    [TestMethod]
    public void Text_vectors_and_keys_come_back_as_they_were()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(new[]
        {
            new Row { Text = "one", Known = [1, 2], Any = [], Key = 0 },
            new Row { Text = string.Empty, Known = [3, 4], Any = [5, 6, 7], Key = 2 },
        });
        IDataView cache = ml.Data.Cache(data);
        Assert.AreSame(data.Schema, cache.Schema);
        for (int i = 0; i < 2; i++)
        {
            CollectionAssert.AreEqual((string[])["one", string.Empty], cache.GetColumn<string>("Text").ToArray());
            CollectionAssert.AreEqual((float[])[1, 2, 3, 4], cache.GetColumn<float[]>("Known").SelectMany(values => values).ToArray());
            CollectionAssert.AreEqual((int[])[0, 3], cache.GetColumn<double[]>("Any").Select(values => values.Length).ToArray());
            CollectionAssert.AreEqual((uint[])[1, 3], cache.GetColumn<uint>("Key").ToArray());
        }
    }

    [TestMethod]
    public void Nothing_and_columns_that_are_not_there()
    {
        var ml = new MLContext();
        IDataView empty = ml.Data.Cache(new RecordingView(0));
        Assert.AreEqual(0, empty.GetColumn<int>("A").Count());
        using (DataViewRowCursor cursor = empty.GetRowCursor([]))
        {
            Assert.IsFalse(cursor.MoveNext());
        }
        IDataView some = ml.Data.Cache(new RecordingView(3));
        using (DataViewRowCursor cursor = some.GetRowCursor([]))
        {
            int rows = 0;
            while (cursor.MoveNext())
            {
                rows++;
            }
            Assert.AreEqual(3, rows);
        }
        Assert.Throws<Exception>(() => ml.Data.Cache(new RecordingView(3), "Nowhere"));
    }

    [TestMethod]
    public void A_prefetched_column_is_read_without_being_asked_for()
    {
        var ml = new MLContext();
        var source = new RecordingView(10);
        IDataView cache = ml.Data.Cache(source, "B");
        CollectionAssert.AreEqual((string[])["B"], source.Asked.ToArray());
        Assert.AreEqual(10, cache.GetColumn<int>("B").Count());
        CollectionAssert.AreEqual((string[])["B"], source.Asked.ToArray());
    }

    [TestMethod]
    public void Shuffled_rows_are_the_same_rows()
    {
        var ml = new MLContext();
        IDataView cache = ml.Data.Cache(new RecordingView(500));
        Assert.IsTrue(cache.CanShuffle);
        using DataViewRowCursor cursor = cache.GetRowCursor([cache.Schema["A"]], new Random(3));
        ValueGetter<int> getter = cursor.GetGetter<int>(cache.Schema["A"]);
        var seen = new List<int>();
        int value = 0;
        while (cursor.MoveNext())
        {
            getter(ref value);
            seen.Add(value);
        }
        CollectionAssert.AreNotEqual(Enumerable.Range(0, 500).ToArray(), seen);
        CollectionAssert.AreEqual(Enumerable.Range(0, 500).ToArray(), seen.Order().ToArray());
        Assert.AreEqual(500, cache.GetRowCount());
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";

        [VectorType(2)]
        public float[] Known { get; set; } = [];

        public double[] Any { get; set; } = [];

        [KeyType(5)]
        public uint Key { get; set; }
    }
}
