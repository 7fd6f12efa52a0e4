using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class SchemaTests
{
    [TestMethod]
    public void The_last_column_of_a_name_hides_the_others()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("A", NumberDataViewType.Single);
        builder.AddColumn("B", TextDataViewType.Instance);
        builder.AddColumn("A", NumberDataViewType.Double);
        DataViewSchema schema = builder.ToSchema();
        Assert.AreEqual(3, schema.Count);
        CollectionAssert.AreEqual((bool[])[true, false, false], schema.Select(column => column.IsHidden).ToArray());
        Assert.AreEqual(2, schema["A"].Index);
        Assert.AreEqual(NumberDataViewType.Double, schema["A"].Type);
        Assert.AreEqual(1, schema.GetColumnOrNull("B")!.Value.Index);
        Assert.IsNull(schema.GetColumnOrNull("C"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => schema["C"]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => schema[3]);
    }

    [TestMethod]
    public void Annotations_are_read_by_kind_and_type()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddPrimitiveValue("Answer", NumberDataViewType.Int32, 42);
        annotations.Add("Half", NumberDataViewType.Single, (ref float value) => value = 0.5f);
        var copied = new DataViewSchema.Annotations.Builder();
        copied.Add(annotations.ToAnnotations(), kind => kind == "Answer");
        DataViewSchema.Annotations result = copied.ToAnnotations();
        int answer = 0;
        result.GetValue("Answer", ref answer);
        Assert.AreEqual(42, answer);
        Assert.AreEqual(1, result.Schema.Count);
        float wrong = 0;
        Assert.ThrowsExactly<InvalidOperationException>(() => result.GetValue("Answer", ref wrong));
        Assert.ThrowsExactly<InvalidOperationException>(() => result.GetValue("Half", ref wrong));
        Assert.ThrowsExactly<ArgumentException>(() => annotations.Add("X", NumberDataViewType.Single, (ref int value) => value = 1));
    }

    [TestMethod]
    public void A_detached_column_keeps_its_annotations()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddPrimitiveValue("Answer", NumberDataViewType.Int32, 42);
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("A", NumberDataViewType.Int32, annotations.ToAnnotations());
        var second = new DataViewSchema.Builder();
        second.AddColumns([new DataViewSchema.DetachedColumn(builder.ToSchema()["A"])]);
        Assert.AreEqual("Answer", second.ToSchema()["A"].Annotations.Schema.Single().Name);
    }

    [TestMethod]
    public void Key_types_are_equal_by_content_and_count_at_least_one_key()
    {
        Assert.AreEqual(new KeyDataViewType(typeof(uint), 3), new KeyDataViewType(typeof(uint), 3UL));
        Assert.AreNotEqual(new KeyDataViewType(typeof(uint), 3), new KeyDataViewType(typeof(uint), 4));
        Assert.AreNotEqual(new KeyDataViewType(typeof(uint), 3), new KeyDataViewType(typeof(ulong), 3));
        Assert.AreEqual("Key<UInt32, 0-2>", new KeyDataViewType(typeof(uint), 3).ToString());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new KeyDataViewType(typeof(uint), 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new KeyDataViewType(typeof(byte), 256));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new KeyDataViewType(typeof(int), 3));
    }

    [TestMethod]
    public void Vector_types_know_their_dimensions()
    {
        var image = new VectorDataViewType(NumberDataViewType.Single, 3, 224, 224);
        Assert.AreEqual(150528, image.Size);
        Assert.IsTrue(image.IsKnownSize);
        CollectionAssert.AreEqual((int[])[3, 224, 224], image.Dimensions.ToArray());
        Assert.AreEqual(image, new VectorDataViewType(NumberDataViewType.Single, ImmutableArray.Create(3, 224, 224)));
        Assert.AreNotEqual(image, new VectorDataViewType(NumberDataViewType.Single, 150528));
        Assert.AreEqual(typeof(VBuffer<float>), image.RawType);
        Assert.IsFalse(new VectorDataViewType(TextDataViewType.Instance).IsKnownSize);
        Assert.AreEqual("Vector<Single, 5>", new VectorDataViewType(NumberDataViewType.Single, 5).ToString());
    }

    [TestMethod]
    public void Row_ids_derive_without_colliding()
    {
        var ids = new HashSet<DataViewRowId>();
        for (ulong i = 0; i < 200; i++)
        {
            var id = new DataViewRowId(i, 0);
            Assert.IsTrue(ids.Add(id));
            Assert.IsTrue(ids.Add(id.Next()));
            Assert.IsTrue(ids.Add(id.Fork()));
            Assert.IsTrue(ids.Add(id.Combine(new DataViewRowId(i, 1))));
        }
        Assert.AreEqual("00000000000000020000000000000001", new DataViewRowId(1, 2).ToString());
        Assert.IsTrue(new DataViewRowId(9, 1).CompareTo(new DataViewRowId(1, 2)) < 0);
    }
}
