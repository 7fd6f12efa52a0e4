using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class KeyMappingTests
{
    private static readonly string[] Animals = ["dog", "ant", "", "cat", "dog", "Cat"];

    [TestMethod]
    public void Keys_are_numbered_by_occurrence_and_empty_text_has_none()
    {
        var ml = new MLContext();
        IDataView data = Mapped(ml, ml.Transforms.Conversion.MapValueToKey("Key", "Text"), Animals);
        Assert.AreEqual(new KeyDataViewType(typeof(uint), 4), data.Schema["Key"].Type);
        CollectionAssert.AreEqual((uint[])[1, 2, 0, 3, 1, 4], data.GetColumn<uint>("Key").ToArray());
        Assert.IsTrue(data.Schema["Key"].HasKeyValues());
        CollectionAssert.AreEqual((string[])["dog", "ant", "cat", "Cat"], Reading.KeyValues(data.Schema["Key"]));
    }

    [TestMethod]
    public void Keys_by_value_follow_ordinal_order()
    {
        var ml = new MLContext();
        IDataView data = Mapped(ml, ml.Transforms.Conversion.MapValueToKey("Key", "Text", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue), Animals);
        CollectionAssert.AreEqual((string[])["Cat", "ant", "cat", "dog"], Reading.KeyValues(data.Schema["Key"]));
        CollectionAssert.AreEqual((uint[])[4, 2, 0, 3, 4, 1], data.GetColumn<uint>("Key").ToArray());
    }

    [TestMethod]
    public void Key_data_alone_decides_the_numbers()
    {
        var ml = new MLContext();
        IDataView keys = ml.Data.LoadFromEnumerable(TextRow.Of("cat", "dog", "eel"));
        IDataView data = Mapped(ml, ml.Transforms.Conversion.MapValueToKey("Key", "Text", keyData: keys), Animals);
        CollectionAssert.AreEqual((uint[])[2, 0, 0, 1, 2, 0], data.GetColumn<uint>("Key").ToArray());
        CollectionAssert.AreEqual((string[])["cat", "dog", "eel"], Reading.KeyValues(data.Schema["Key"]));
    }

    [TestMethod]
    public void Key_data_of_several_columns_or_another_type_is_refused()
    {
        var ml = new MLContext();
        IDataView two = ml.Data.LoadFromEnumerable(Array.Empty<Pair>());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.Transforms.Conversion.MapValueToKey("Key", "Text", keyData: two));
        IDataView numbers = ml.Transforms.SelectColumns("Value").Fit(two).Transform(two);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => Mapped(ml, ml.Transforms.Conversion.MapValueToKey("Key", "Text", keyData: numbers), Animals));
    }

    [TestMethod]
    public void No_more_keys_than_allowed_are_given_out()
    {
        var ml = new MLContext();
        IDataView data = Mapped(ml, ml.Transforms.Conversion.MapValueToKey("Key", "Text", maximumNumberOfKeys: 2), Animals);
        CollectionAssert.AreEqual((uint[])[1, 2, 0, 0, 1, 0], data.GetColumn<uint>("Key").ToArray());
        Assert.AreEqual(new KeyDataViewType(typeof(uint), 2), data.Schema["Key"].Type);

        // A full map ends the reading.
        var source = new RecordingView(10);
        ml.Transforms.Conversion.MapValueToKey("Key", "A", maximumNumberOfKeys: 3).Fit(source);
        Assert.AreEqual(3, source.Moved);
    }

    [TestMethod]
    public void Values_unseen_when_fitting_are_missing_afterwards()
    {
        var ml = new MLContext();
        ITransformer map = ml.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(ml.Data.LoadFromEnumerable(TextRow.Of("a", "b")));
        IDataView data = map.Transform(ml.Data.LoadFromEnumerable(TextRow.Of("b", "z", "a")));
        CollectionAssert.AreEqual((uint[])[2, 0, 1], data.GetColumn<uint>("Key").ToArray());
    }

    [TestMethod]
    public void Values_come_back_from_their_keys()
    {
        var ml = new MLContext();
        IDataView data = Mapped(
            ml, ml.Transforms.Conversion.MapValueToKey("Key", "Text", maximumNumberOfKeys: 3).Append(ml.Transforms.Conversion.MapKeyToValue("Back", "Key")), Animals);
        CollectionAssert.AreEqual((string[])["dog", "ant", "", "cat", "dog", ""], data.GetColumn<string>("Back").ToArray());
        Assert.AreEqual(TextDataViewType.Instance, data.Schema["Back"].Type);
    }

    [TestMethod]
    public void Numbers_make_the_round_trip_and_NaN_is_missing()
    {
        var ml = new MLContext();
        IDataView source = ml.Data.LoadFromEnumerable(new[] { 2.5f, float.NaN, -1, 2.5f }.Select(value => new Pair { Value = value, Count = (int)(2 * value) }));
        IDataView data = ml.Transforms.Conversion.MapValueToKey((InputOutputColumnPair[])[new("ValueKey", "Value"), new("CountKey", "Count")])
            .Append(ml.Transforms.Conversion.MapKeyToValue((InputOutputColumnPair[])[new("ValueBack", "ValueKey"), new("CountBack", "CountKey")]))
            .Fit(source).Transform(source);
        CollectionAssert.AreEqual((uint[])[1, 0, 2, 1], data.GetColumn<uint>("ValueKey").ToArray());
        CollectionAssert.AreEqual((float[])[2.5f, float.NaN, -1, 2.5f], data.GetColumn<float>("ValueBack").ToArray());
        CollectionAssert.AreEqual(source.GetColumn<int>("Count").ToArray(), data.GetColumn<int>("CountBack").ToArray());
        Assert.IsTrue(data.Schema["ValueKey"].HasKeyValues(NumberDataViewType.Single));
        Assert.IsFalse(data.Schema["ValueKey"].HasKeyValues());
    }

    [TestMethod]
    public void Key_values_can_be_asked_for_as_text()
    {
        var ml = new MLContext();
        IDataView source = ml.Data.LoadFromEnumerable(new[] { 2.5f, -1 }.Select(value => new Pair { Value = value }));
        IDataView data = ml.Transforms.Conversion.MapValueToKey("Key", "Value", addKeyValueAnnotationsAsText: true).Fit(source).Transform(source);
        CollectionAssert.AreEqual((string[])["2.5", "-1"], Reading.KeyValues(data.Schema["Key"]));
    }

    [TestMethod]
    public void Vectors_are_mapped_item_by_item()
    {
        var ml = new MLContext();
        IDataView source = ml.Data.LoadFromEnumerable((Words[])[new() { Text = ["x", "y"] }, new() { Text = ["z", "x"] }, new() { Text = [] }]);
        IDataView data = ml.Transforms.Conversion.MapValueToKey("Keys", "Text").Append(ml.Transforms.Conversion.MapKeyToValue("Back", "Keys")).Fit(source).Transform(source);
        uint[][] keys = data.GetColumn<uint[]>("Keys").ToArray();
        CollectionAssert.AreEqual((uint[])[1, 2], keys[0]);
        CollectionAssert.AreEqual((uint[])[3, 1], keys[1]);
        Assert.IsEmpty(keys[2]);
        CollectionAssert.AreEqual((string[])["z", "x"], data.GetColumn<string[]>("Back").ElementAt(1));
    }

    [TestMethod]
    public void Keys_of_keys_keep_the_values_of_the_first()
    {
        var ml = new MLContext();
        IDataView first = Mapped(ml, ml.Transforms.Conversion.MapValueToKey("Key", "Text", keyData: ml.Data.LoadFromEnumerable(TextRow.Of("cat", "dog", "ant"))), Animals);
        IDataView data = ml.Transforms.Conversion.MapValueToKey("Again", "Key").Fit(first).Transform(first);
        CollectionAssert.AreEqual((uint[])[1, 2, 0, 3, 1, 0], data.GetColumn<uint>("Again").ToArray());
        CollectionAssert.AreEqual((string[])["dog", "ant", "cat"], Reading.KeyValues(data.Schema["Again"]));
    }

    [TestMethod]
    public void An_empty_map_has_a_key_type_and_no_key_values()
    {
        var ml = new MLContext();
        IDataView data = Mapped(ml, ml.Transforms.Conversion.MapValueToKey("Key", "Text"), "", "");
        Assert.AreEqual(new KeyDataViewType(typeof(uint), 1), data.Schema["Key"].Type);
        Assert.IsFalse(data.Schema["Key"].HasKeyValues());
        CollectionAssert.AreEqual((uint[])[0, 0], data.GetColumn<uint>("Key").ToArray());
    }

    [TestMethod]
    public void Keys_without_values_cannot_be_mapped_back()
    {
        var ml = new MLContext();
        IDataView keyed = ml.Data.LoadFromEnumerable(Array.Empty<Bare>());
        Exception error = Assert.Throws<Exception>(() => ml.Transforms.Conversion.MapKeyToValue("Back", "Key").Append(ml.Transforms.CopyColumns("C", "Back")).Fit(keyed));
        StringAssert.Contains(error.Message, "key values");
        error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => ml.Transforms.Conversion.MapKeyToValue("Back", "Number").Append(ml.Transforms.CopyColumns("C", "Back")).Fit(keyed));
        StringAssert.Contains(error.Message, "expected KeyType");
        Assert.ThrowsExactly<InvalidOperationException>(() => ml.Transforms.Conversion.MapKeyToValue("Back", "Key").Fit(keyed));
    }

    private static IDataView Mapped<T>(MLContext ml, IEstimator<T> estimator, params string[] texts)
        where T : class, ITransformer
    {
        IDataView data = ml.Data.LoadFromEnumerable(TextRow.Of(texts));
        return estimator.Fit(data).Transform(data);
    }

    private sealed class Pair
    {
        public float Value { get; set; }

        public int Count { get; set; }
    }

    private sealed class Words
    {
        public string[] Text { get; set; } = [];
    }

    private sealed class Bare
    {
        [KeyType(3)]
        public uint Key { get; set; }

        public float Number { get; set; }
    }
}
