using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class ConcatenateTests
{
    [TestMethod]
    public void Scalars_and_vectors_become_one_vector_with_slot_names()
    {
        var ml = new MLContext();
        IDataView data = Load(ml, new Row { X = 1, Pair = [2, 3], Y = 4 }, new Row { X = 5, Pair = [6, 7], Y = 8 });
        IDataView joined = ml.Transforms.Concatenate("All", "X", "Pair", "Y").Fit(data).Transform(data);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 4), joined.Schema["All"].Type);
        CollectionAssert.AreEqual((string[])["X", "", "", "Y"], Reading.SlotNames(joined.Schema["All"]));
        CollectionAssert.AreEqual((float[])[1, 2, 3, 4, 5, 6, 7, 8], joined.GetColumn<float[]>("All").SelectMany(row => row).ToArray());
        IDataView twice = ml.Transforms.Concatenate("More", "All", "X").Fit(joined).Transform(joined);
        CollectionAssert.AreEqual((string[])["All.X", "", "", "All.Y", "X"], Reading.SlotNames(twice.Schema["More"]));
    }

    [TestMethod]
    public void One_vector_passes_on_as_it_is()
    {
        var ml = new MLContext();
        IDataView data = Load(ml, new Row { X = 1, Pair = [2, 3] });
        IDataView named = ml.Transforms.Concatenate("Named", "X", "Y").Fit(data).Transform(data);
        IDataView same = ml.Transforms.Concatenate("Same", "Named").Fit(named).Transform(named);
        CollectionAssert.AreEqual((string[])["X", "Y"], Reading.SlotNames(same.Schema["Same"]));
        IDataView plain = ml.Transforms.Concatenate("Plain", "Pair").Fit(data).Transform(data);
        Assert.IsFalse(plain.Schema["Plain"].HasSlotNames());
        Assert.AreEqual(1, ((VectorDataViewType)ml.Transforms.Concatenate("One", "X").Fit(data).Transform(data).Schema["One"].Type).Size);
    }

    [TestMethod]
    public void Unknown_lengths_make_an_unknown_length()
    {
        var ml = new MLContext();
        IDataView data = Load(ml, new Row { X = 1, Any = [] }, new Row { X = 2, Any = [3, 4, 5] });
        IDataView joined = ml.Transforms.Concatenate("All", "Any", "X").Fit(data).Transform(data);
        Assert.IsFalse(((VectorDataViewType)joined.Schema["All"].Type).IsKnownSize);
        Assert.IsFalse(joined.Schema["All"].HasSlotNames());
        CollectionAssert.AreEqual((float[])[1, 3, 4, 5, 2], joined.GetColumn<float[]>("All").SelectMany(row => row).ToArray());
    }

    [TestMethod]
    public void Mostly_empty_parts_stay_sparse()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(new[] { new Sparse { Values = new VBuffer<float>(10, 2, [7, 8], [1, 9]), X = 5 } });
        IDataView joined = ml.Transforms.Concatenate("All", "X", "Values").Fit(data).Transform(data);
        VBuffer<float> value = joined.GetColumn<VBuffer<float>>("All").Single();
        Assert.IsFalse(value.IsDense);
        CollectionAssert.AreEqual((int[])[0, 2, 10], value.GetIndices().ToArray());
        CollectionAssert.AreEqual((float[])[5, 7, 8], value.GetValues().ToArray());
    }

    [TestMethod]
    public void Mixed_types_keys_and_missing_columns_are_refused()
    {
        var ml = new MLContext();
        IDataView data = Load(ml, new Row());
        var chain = new EstimatorChain<ITransformer>().Append<ITransformer>(ml.Transforms.Concatenate("All", "X", "Number"));
        Exception error = Assert.Throws<InvalidOperationException>(() => chain.Fit(data));
        StringAssert.Contains(error.Message, "Concatenated columns should have the same type. Column 'Number' has type of Int32, but expected column type is Single.");
        error = Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.Concatenate("All", "X", "Number").Fit(data).Transform(data));
        StringAssert.Contains(error.Message, "Schema mismatch for input column 'Number': expected Single, got Int32");
        error = Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.Concatenate("All", "X", "Nowhere").Fit(data).Transform(data));
        StringAssert.Contains(error.Message, "Could not find input column 'Nowhere'");
        Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.Concatenate("All"));
        var keys = ml.Transforms.Conversion.MapValueToKey("Key", "X").Append(ml.Transforms.Concatenate("All", "Key"));
        error = Assert.Throws<InvalidOperationException>(() => keys.Fit(data));
        StringAssert.Contains(error.Message, "Column 'Key' is key. Concatenation of keys is unsupported.");
    }

    private static IDataView Load(MLContext ml, params Row[] rows) => ml.Data.LoadFromEnumerable(rows);

    private sealed class Row
    {
        public float X { get; set; }

        [VectorType(2)]
        public float[] Pair { get; set; } = [0, 0];

        public float Y { get; set; }

        public float[] Any { get; set; } = [];

        public int Number { get; set; }
    }

    private sealed class Sparse
    {
        [VectorType(10)]
        public VBuffer<float> Values { get; set; }

        public float X { get; set; }
    }
}
