using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class EnumerableTests
{
    private static readonly string[] Letters = ["a", "b", "c"];

    [TestMethod]
    public void Members_become_columns_of_their_types()
    {
        DataViewSchema schema = new MLContext().Data.LoadFromEnumerable(Array.Empty<Everything>()).Schema;
        Assert.AreEqual("Field,Number,Name,Renamed,Sized,Free,Bytes,Texts,Buffer,Key,Flag", Reading.Names(schema));
        Assert.AreEqual(NumberDataViewType.Double, schema["Field"].Type);
        Assert.AreEqual(NumberDataViewType.Int32, schema["Number"].Type);
        Assert.AreEqual(TextDataViewType.Instance, schema["Name"].Type);
        Assert.AreEqual(TextDataViewType.Instance, schema["Renamed"].Type);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 2), schema["Sized"].Type);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single), schema["Free"].Type);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Byte), schema["Bytes"].Type);
        Assert.AreEqual(new VectorDataViewType(TextDataViewType.Instance), schema["Texts"].Type);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Int64), schema["Buffer"].Type);
        Assert.AreEqual(new KeyDataViewType(typeof(uint), 4), schema["Key"].Type);
        Assert.AreEqual(BooleanDataViewType.Instance, schema["Flag"].Type);
    }

    [TestMethod]
    public void Objects_come_back_as_they_went_in()
    {
        var ml = new MLContext();
        Everything[] rows = Enumerable.Range(0, 5).Select(Everything.Make).ToArray();
        Everything[] back = ml.Data.CreateEnumerable<Everything>(ml.Data.LoadFromEnumerable(rows), reuseRowObject: false).ToArray();
        Assert.HasCount(rows.Length, back);
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.AreEqual(rows[i].Field, back[i].Field);
            Assert.AreEqual(rows[i].Number, back[i].Number);
            Assert.AreEqual(rows[i].Name ?? "", back[i].Name);
            Assert.AreEqual(rows[i].Other, back[i].Other);
            Assert.AreEqual(rows[i].Flag, back[i].Flag);
            CollectionAssert.AreEqual(rows[i].Sized, back[i].Sized);
            CollectionAssert.AreEqual(rows[i].Free ?? [], back[i].Free ?? [], "an empty vector leaves a null member null");
            CollectionAssert.AreEqual(rows[i].Bytes, back[i].Bytes);
            CollectionAssert.AreEqual(rows[i].Texts, back[i].Texts);
            CollectionAssert.AreEqual(rows[i].Buffer.DenseValues().ToArray(), back[i].Buffer.DenseValues().ToArray());
            Assert.AreEqual("untouched", back[i].Ignored);
        }
    }

    [TestMethod]
    public void Key_members_hold_numbers_from_0_and_their_columns_keys_from_1()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 6).Select(Everything.Make));
        CollectionAssert.AreEqual((uint[])[1, 2, 3, 4, 0, 0], data.GetColumn<uint>("Key").ToArray());

        // Written back, the key itself is stored.
        CollectionAssert.AreEqual((uint[])[1, 2, 3, 4, 0, 0], ml.Data.CreateEnumerable<Everything>(data, false).Select(row => row.Key).ToArray());
    }

    [TestMethod]
    public void Each_enumeration_starts_anew_and_two_cursors_do_not_disturb_each_other()
    {
        var ml = new MLContext();
        IDataView data = ml.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(ml.Data.LoadFromEnumerable(TextRow.Of(Letters)))
            .Transform(ml.Data.LoadFromEnumerable(TextRow.Of("a", "b", "c", "b", "a")));
        uint[] expected = [1, 2, 3, 2, 1];
        CollectionAssert.AreEqual(expected, data.GetColumn<uint>("Key").ToArray());
        CollectionAssert.AreEqual(expected, data.GetColumn<uint>("Key").ToArray());
        using IEnumerator<uint> first = data.GetColumn<uint>("Key").GetEnumerator();
        using IEnumerator<string> second = data.GetColumn<string>("Text").GetEnumerator();
        for (int i = 0; i < 2; i++)
        {
            Assert.IsTrue(first.MoveNext());
        }
        Assert.IsTrue(second.MoveNext());
        Assert.AreEqual("a", second.Current);
        Assert.AreEqual(2u, first.Current);
        Assert.IsTrue(first.MoveNext());
        Assert.AreEqual(3u, first.Current);
        Assert.IsTrue(second.MoveNext());
        Assert.AreEqual("b", second.Current);
    }

    [TestMethod]
    public void A_reused_row_object_is_the_same_object_each_time()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(TextRow.Of(Letters));
        Assert.AreEqual(1, ml.Data.CreateEnumerable<TextRow>(data, reuseRowObject: true).Distinct().Count());
        Assert.AreEqual(3, ml.Data.CreateEnumerable<TextRow>(data, reuseRowObject: false).Distinct().Count());
        CollectionAssert.AreEqual(Letters, ml.Data.CreateEnumerable<TextRow>(data, reuseRowObject: true).Select(row => row.Text).ToArray());

        // So are its arrays, as long as their lengths stay.
        IDataView vectors = ml.Data.LoadFromEnumerable((Free[])[new() { Values = [1, 2] }, new() { Values = [3, 4] }, new() { Values = [5] }]);
        float[][] arrays = ml.Data.CreateEnumerable<Free>(vectors, reuseRowObject: true).Select(row => row.Values).ToArray();
        Assert.AreSame(arrays[0], arrays[1]);
        CollectionAssert.AreEqual((float[])[3, 4], arrays[0]);
        CollectionAssert.AreEqual((float[])[5], arrays[2]);
    }

    [TestMethod]
    public void Missing_columns_are_an_error_unless_ignored()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(TextRow.Of(Letters));
        Exception error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.Data.CreateEnumerable<TwoTexts>(data, false));
        StringAssert.Contains(error.Message, "'Other'");
        TwoTexts row = ml.Data.CreateEnumerable<TwoTexts>(data, false, ignoreMissingColumns: true).First();
        Assert.AreEqual("a", row.Text);
        Assert.AreEqual("as made", row.Other);
    }

    [TestMethod]
    public void A_member_of_the_wrong_type_is_an_error_that_names_both()
    {
        var ml = new MLContext();
        Exception error = Assert.ThrowsExactly<InvalidOperationException>(
            () => ml.Data.CreateEnumerable<WrongText>(ml.Data.LoadFromEnumerable(TextRow.Of(Letters)), false));
        StringAssert.Contains(error.Message, "'Text'");
        StringAssert.Contains(error.Message, "System.Single");
    }

    [TestMethod]
    public void A_definition_can_rename_resize_and_annotate_columns()
    {
        var ml = new MLContext();
        SchemaDefinition definition = SchemaDefinition.Create(typeof(Free));
        definition["Values"].ColumnName = "Score";
        definition["Score"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 3);
        definition["Score"].AddAnnotation("SlotNames", Letters, new VectorDataViewType(TextDataViewType.Instance, 3));
        IDataView data = ml.Data.LoadFromEnumerable((Free[])[new() { Values = [1, 2, 3] }], definition);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 3), data.Schema["Score"].Type);
        Assert.IsTrue(data.Schema["Score"].HasSlotNames());
        CollectionAssert.AreEqual(Letters, Reading.SlotNames(data.Schema["Score"]));
        CollectionAssert.AreEqual((float[])[1, 2, 3], data.GetColumn<float[]>("Score").Single());

        // A schema can be taken over whole, annotations included.
        IDataView again = ml.Data.LoadFromEnumerable((Scored[])[new() { Score = [4, 5, 6] }], data.Schema);
        CollectionAssert.AreEqual(Letters, Reading.SlotNames(again.Schema["Score"]));
    }

    [TestMethod]
    public void Members_can_be_left_out_by_direction()
    {
        Assert.AreEqual("Both,ReadOnly", string.Join(",", SchemaDefinition.Create(typeof(Directed), SchemaDefinition.Direction.Read).Select(c => c.ColumnName)));
        Assert.AreEqual("Both", string.Join(",", SchemaDefinition.Create(typeof(Directed), SchemaDefinition.Direction.Write).Select(c => c.ColumnName)));
        Assert.IsNull(SchemaDefinition.Create(typeof(Directed))["Missing"]);
    }

    [TestMethod]
    public void Types_that_no_column_can_hold_are_refused_by_name()
    {
        var ml = new MLContext();
        Exception error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.Data.LoadFromEnumerable(Array.Empty<Unsupported>()));
        StringAssert.Contains(error.Message, nameof(Unsupported.Value));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SchemaDefinition.Create(typeof(BadKey)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SchemaDefinition.Create(typeof(BadVector)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SchemaDefinition.Create(typeof(TwiceNamed)));
    }

    [TestMethod]
    public void A_null_row_stops_the_enumeration_with_an_error()
    {
        IDataView data = new MLContext().Data.LoadFromEnumerable((TextRow[])[new(), null!]);
        Assert.ThrowsExactly<InvalidOperationException>(() => data.GetColumn<string>("Text").Count());
    }

    [TestMethod]
    public void GetColumn_converts_text_and_vectors_and_refuses_the_rest()
    {
        IDataView data = new MLContext().Data.LoadFromEnumerable(Enumerable.Range(0, 2).Select(Everything.Make));
        CollectionAssert.AreEqual((string[])["t0", "u0"], data.GetColumn<string[]>("Texts").First());
        CollectionAssert.AreEqual((byte[])[0, 1], data.GetColumn<byte[]>("Bytes").First());
        Assert.AreEqual(2, data.GetColumn<VBuffer<float>>(data.Schema["Sized"]).First().Length);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => data.GetColumn<float>("Number"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => data.GetColumn<int[]>("Number"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => data.GetColumn<int>("Nowhere"));
    }

    [TestMethod]
    public void TakeRows_and_SkipRows_cut_the_sequence()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 10).Select(i => new TextRow { Text = $"{i}" }).ToList());
        Assert.AreEqual("0,1,2", string.Join(",", ml.Data.TakeRows(data, 3).GetColumn<string>("Text")));
        Assert.AreEqual("7,8,9", string.Join(",", ml.Data.SkipRows(data, 7).GetColumn<string>("Text")));
        Assert.AreEqual("4,5", string.Join(",", ml.Data.TakeRows(ml.Data.SkipRows(data, 4), 2).GetColumn<string>("Text")));
        Assert.AreEqual(10, ml.Data.TakeRows(data, 99).GetColumn<string>("Text").Count());
        Assert.AreEqual(0, ml.Data.SkipRows(data, 99).GetColumn<string>("Text").Count());
        Assert.AreEqual(3, ml.Data.TakeRows(data, 3).GetRowCount());
        Assert.AreEqual(10, data.GetRowCount());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.Data.TakeRows(data, 0));
    }

    private sealed class Everything
    {
        public double Field;

        public int Number { get; set; }

        public string? Name { get; set; }

        [ColumnName("Renamed")]
        public string Other { get; set; } = "";

        [VectorType(2)]
        public float[] Sized { get; set; } = [];

        public float[]? Free { get; set; }

        public byte[] Bytes { get; set; } = [];

        public string[] Texts { get; set; } = [];

        public VBuffer<long> Buffer { get; set; }

        [KeyType(4)]
        public uint Key { get; set; }

        public bool Flag { get; set; }

        [NoColumn]
        public string Ignored { get; set; } = "untouched";

        internal static Everything Make(int i)
            => new()
            {
                Field = i / 3.0,
                Number = -i,
                Name = i % 2 == 0 ? null : $"name {i}",
                Other = $"other {i}",
                Sized = [i, i + 1],
                Free = i % 2 == 0 ? null : [.. Enumerable.Range(0, i).Select(x => (float)x)],
                Bytes = [(byte)i, 1],
                Texts = [$"t{i}", $"u{i}"],
                Buffer = new VBuffer<long>(4, 1, [i], [i % 4]),
                Key = (uint)i,
                Flag = i % 2 == 0,
                Ignored = "set",
            };
    }

    private sealed class TwoTexts
    {
        public string Text { get; set; } = "";

        public string Other { get; set; } = "as made";
    }

    private sealed class WrongText
    {
        public float Text { get; set; }
    }

    private sealed class Free
    {
        public float[] Values = [];
    }

    private sealed class Scored
    {
        public float[] Score { get; set; } = [];
    }

    private sealed class Directed
    {
        public int Both { get; set; }

        public int ReadOnly => Both;
    }

    private sealed class Unsupported
    {
        public Version? Value { get; set; }
    }

    private sealed class BadKey
    {
        [KeyType(3)]
        public int Value { get; set; }
    }

    private sealed class BadVector
    {
        [VectorType(3)]
        public float Value { get; set; }
    }

    private sealed class TwiceNamed
    {
        public int A { get; set; }

        [ColumnName("A")]
        public int B { get; set; }
    }
}
