using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class SaveLoadTests
{
    [TestMethod]
    public void A_chain_of_column_and_key_transforms_comes_back()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(Rows());
        ITransformer model = ml.Transforms.Conversion.MapValueToKey("Key", "Text")
            .Append(ml.Transforms.Conversion.MapValueToKey("NumberKey", "Number", keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue))
            .Append(ml.Transforms.Conversion.MapKeyToValue("Back", "Key"))
            .Append(ml.Transforms.CopyColumns("Copy", "Number"))
            .Append(ml.Transforms.Concatenate("Joined", "Copy", "Pair", "Number"))
            .Append(ml.Transforms.DropColumns("Copy"))
            .Append(ml.Transforms.SelectColumns("Joined", "Back", "Key", "NumberKey")).Fit(data);
        AssertSame(ml, model, data);
    }

    [TestMethod]
    public void A_schema_comes_back_with_types_and_annotations()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(Rows());
        IDataView keyed = ml.Transforms.Conversion.MapValueToKey("Key", "Text").Append(ml.Transforms.Concatenate("Joined", "Number", "Pair")).Fit(data).Transform(data);
        DataViewSchema schema = RoundTrip(ml, ml.Transforms.CopyColumns("A", "Key").Fit(keyed), keyed.Schema).Schema!;
        Assert.AreEqual(string.Join("; ", keyed.Schema.Select(column => $"{column.Name} {column.Type}")), string.Join("; ", schema.Select(column => $"{column.Name} {column.Type}")));
        CollectionAssert.AreEqual((string[])["b", "a"], Reading.KeyValues(schema["Key"]));
        CollectionAssert.AreEqual((string[])["Number", "", ""], Reading.SlotNames(schema["Joined"]));
        Assert.IsNull(RoundTrip(ml, ml.Transforms.CopyColumns("A", "Key").Fit(keyed), null).Schema);
    }

    [TestMethod]
    public void Values_of_every_kind_become_the_same_keys_again()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(new[]
        {
            new Kinds { Flag = true, Time = new DateTime(2012, 9, 30, 1, 2, 3, DateTimeKind.Unspecified), Span = TimeSpan.FromSeconds(1.5), Small = 200, Real = 0.1, Big = ulong.MaxValue },
            new Kinds { Flag = false, Time = new DateTime(2015, 12, 10), Span = TimeSpan.FromDays(-2), Small = 1, Real = double.MaxValue, Big = 0 },
        });
        string[] names = ["Flag", "Time", "Span", "Small", "Real", "Big"];
        ITransformer model = ml.Transforms.Conversion.MapValueToKey(names.Select(name => new InputOutputColumnPair(name + "Key", name)).ToArray()).Fit(data);
        ITransformer loaded = RoundTrip(ml, model, data.Schema).Model;
        foreach (string name in names)
        {
            CollectionAssert.AreEqual(model.Transform(data).GetColumn<uint>(name + "Key").ToArray(), loaded.Transform(data).GetColumn<uint>(name + "Key").ToArray(), name);
        }
    }

    [TestMethod]
    public void Pictures_and_an_onnx_model_come_back()
    {
        var ml = new MLContext();
        using var folder = new TemporaryFolder();
        using (MLImage image = TestImages.Noise(9, 7))
        {
            image.Save(folder.File("a.png"));
        }
        IDataView data = ml.Data.LoadFromEnumerable(TextRow.Of("a.png"));
        string onnx = folder.File("relu.onnx");
        File.WriteAllBytes(onnx, OnnxBytes.Relu(24, [.. Enumerable.Range(0, 24).Select(i => $"class {i}")]));
        ITransformer model = ml.Transforms.LoadImages("Image", folder.Path, "Text")
            .Append(ml.Transforms.ResizeImages("Image", 4, 2, resizing: ImageResizingEstimator.ResizingKind.IsoCrop, cropAnchor: ImageResizingEstimator.Anchor.Top))
            .Append(ml.Transforms.ExtractPixels("x", "Image", interleavePixelColors: true, offsetImage: 100, scaleImage: 0.1f))
            .Append(ml.Transforms.ApplyOnnxModel(["Score"], ["x"], onnx, new Dictionary<string, int[]> { ["x"] = [1, 24] }, recursionLimit: 70)).Fit(data);
        string file = folder.File("model.zip");
        ml.Model.Save(model, data.Schema, file);
        File.Delete(onnx);
        ITransformer loaded = new MLContext().Model.Load(file, out DataViewSchema schema);
        Assert.AreEqual("Text", Reading.Names(schema));
        IDataView expected = model.Transform(data);
        IDataView result = loaded.Transform(data);
        CollectionAssert.AreEqual(expected.GetColumn<float[]>("Score").Single(), result.GetColumn<float[]>("Score").Single());
        Assert.AreEqual(expected.Schema["Score"].Type, result.Schema["Score"].Type);
        VBuffer<ReadOnlyMemory<char>> names = default;
        result.Schema["Score"].Annotations.GetValue("SlotNames", ref names);
        Assert.AreEqual("class 23", names.GetItemOrDefault(23).ToString());
        (loaded as IDisposable)?.Dispose();
        (model as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void A_transformer_of_ones_own_saves_what_it_delegates_to()
    {
        var ml = new MLContext();
        var source = new RecordingView(2);
        ITransformer chain = ml.Transforms.CopyColumns("D", "A").Append(ml.Transforms.CopyColumns("E", "D")).Fit(source);
        ITransformer loaded = RoundTrip(ml, new Delegating(chain), source.Schema).Model;
        CollectionAssert.AreEqual((int[])[0, 1], loaded.Transform(source).GetColumn<int>("E").ToArray());
        ITransformer inChain = RoundTrip(ml, new TransformerChain<ITransformer>(new Delegating(chain), ml.Transforms.CopyColumns("F", "E").Fit(chain.Transform(source))), source.Schema).Model;
        CollectionAssert.AreEqual((int[])[0, 1], inChain.Transform(source).GetColumn<int>("F").ToArray());
    }

    [TestMethod]
    public void A_mapping_in_code_cannot_be_saved_and_leaves_no_file()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(Rows());
        ITransformer model = ml.Transforms.CustomMapping<Row, Added>((from, to) => to.Twice = 2 * from.Number, null).Fit(data);
        Exception error = Assert.Throws<InvalidOperationException>(() => ml.Model.Save(model, data.Schema, new MemoryStream()));
        StringAssert.Contains(error.Message, "Empty contract name for a transform: the transform cannot be saved");
    }

    [TestMethod]
    public void What_is_no_model_is_refused()
    {
        var ml = new MLContext();
        Assert.ThrowsExactly<FormatException>(() => ml.Model.Load(new MemoryStream([1, 2, 3]), out _));
        Assert.ThrowsExactly<FormatException>(() => ml.Model.Load(new MemoryStream([]), out _));
        Assert.Throws<IOException>(() => ml.Model.Load(Path.Combine(Path.GetTempPath(), "no-such-model.zip"), out _));
    }

    private static void AssertSame(MLContext ml, ITransformer model, IDataView data)
    {
        (ITransformer loaded, DataViewSchema? schema) = RoundTrip(ml, model, data.Schema);
        Assert.AreEqual(Reading.Names(data.Schema), Reading.Names(schema!));
        Assert.AreEqual(Describe(model.GetOutputSchema(data.Schema)), Describe(loaded.GetOutputSchema(data.Schema)));
        IDataView expected = model.Transform(data);
        IDataView result = loaded.Transform(data);
        CollectionAssert.AreEqual(expected.GetColumn<float[]>("Joined").SelectMany(row => row).ToArray(), result.GetColumn<float[]>("Joined").SelectMany(row => row).ToArray());
        CollectionAssert.AreEqual(expected.GetColumn<string>("Back").ToArray(), result.GetColumn<string>("Back").ToArray());
        CollectionAssert.AreEqual(expected.GetColumn<uint>("NumberKey").ToArray(), result.GetColumn<uint>("NumberKey").ToArray());
        CollectionAssert.AreEqual(Reading.KeyValues(expected.Schema["Key"]), Reading.KeyValues(result.Schema["Key"]));
    }

    private static string Describe(DataViewSchema schema)
        => string.Join("; ", schema.Select(column => $"{column.Name} {column.Type} {string.Join(",", column.Annotations.Schema.Select(a => $"{a.Name} {a.Type}"))}"));

    private static (ITransformer Model, DataViewSchema? Schema) RoundTrip(MLContext ml, ITransformer model, DataViewSchema? schema)
    {
        using var stream = new MemoryStream();
        ml.Model.Save(model, schema, stream);
        stream.Position = 0;
        ITransformer loaded = new MLContext().Model.Load(stream, out DataViewSchema read);
        return (loaded, read);
    }

    private static Row[] Rows() => [new Row { Text = "b", Number = 2.5f, Pair = [1, 2] }, new Row { Text = "a", Number = -1, Pair = [3, 4] }, new Row { Text = "b", Number = 0 }];

    private sealed class Delegating(ITransformer inner) : ITransformer
    {
        public bool IsRowToRowMapper => inner.IsRowToRowMapper;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inner.GetOutputSchema(inputSchema);

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => inner.GetRowToRowMapper(inputSchema);

        public IDataView Transform(IDataView input) => inner.Transform(input);

        public void Save(ModelSaveContext ctx) => ((ICanSaveModel)inner).Save(ctx);
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";

        public float Number { get; set; }

        [VectorType(2)]
        public float[] Pair { get; set; } = [0, 0];
    }

    private sealed class Added
    {
        public float Twice { get; set; }
    }

    private sealed class Kinds
    {
        public bool Flag { get; set; }

        public DateTime Time { get; set; }

        public TimeSpan Span { get; set; }

        public byte Small { get; set; }

        public double Real { get; set; }

        public ulong Big { get; set; }
    }
}
