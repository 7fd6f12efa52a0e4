using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Onnx;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class OnnxTests
{
    [TestMethod]
    public void A_model_runs_over_columns_named_as_its_inputs()
    {
        var ml = new MLContext();
        IDataView data = Load(ml, [-1, 2, -3], [4, -5, 6]);
        using OnnxTransformer model = ml.Transforms.ApplyOnnxModel(Bytes(OnnxBytes.Relu(3, "cat", "dog", "owl"))).Fit(data);
        IDataView result = model.Transform(data);
        Assert.AreEqual("x,Score", Reading.Names(result.Schema));
        Assert.AreEqual(NumberDataViewType.Single, ((VectorDataViewType)result.Schema["Score"].Type).ItemType);
        Assert.AreEqual(3, ((VectorDataViewType)result.Schema["Score"].Type).Size);
        CollectionAssert.AreEqual((float[])[0, 2, 0, 4, 0, 6], result.GetColumn<float[]>("Score").SelectMany(row => row).ToArray());
        CollectionAssert.AreEqual((string[])["cat", "dog", "owl"], Names(result.Schema["Score"]));
        CollectionAssert.AreEqual((float[])[0, 2, 0, 4, 0, 6], result.GetColumn<float[]>("Score").SelectMany(row => row).ToArray());
    }

    [TestMethod]
    public void Every_way_to_name_the_model_gives_the_same()
    {
        var ml = new MLContext();
        using var folder = new TemporaryFolder();
        string file = folder.File("relu.onnx");
        byte[] bytes = OnnxBytes.Relu(3);
        File.WriteAllBytes(file, bytes);
        var shapes = new Dictionary<string, int[]> { ["x"] = [1, 3], ["Score"] = [1, 3] };
        IDataView data = Load(ml, [-1, 2, -3]);
        IEstimator<OnnxTransformer>[] ways =
        [
            ml.Transforms.ApplyOnnxModel(file),
            ml.Transforms.ApplyOnnxModel(Bytes(bytes)),
            ml.Transforms.ApplyOnnxModel(file, shapes),
            ml.Transforms.ApplyOnnxModel(Bytes(bytes), shapes),
            ml.Transforms.ApplyOnnxModel("Score", "x", file),
            ml.Transforms.ApplyOnnxModel("Score", "x", Bytes(bytes)),
            ml.Transforms.ApplyOnnxModel("Score", "x", file, shapes),
            ml.Transforms.ApplyOnnxModel(["Score"], ["x"], file),
            ml.Transforms.ApplyOnnxModel(["Score"], ["x"], Bytes(bytes)),
            ml.Transforms.ApplyOnnxModel(["Score"], ["x"], file, shapes, recursionLimit: 50),
            ml.Transforms.ApplyOnnxModel(new OnnxOptions { ModelFile = file, InputColumns = ["x"], OutputColumns = ["Score"], IntraOpNumThreads = 1 }),
        ];
        foreach (IEstimator<OnnxTransformer> way in ways)
        {
            using OnnxTransformer model = way.Fit(data);
            CollectionAssert.AreEqual((float[])[0, 2, 0], model.Transform(data).GetColumn<float[]>("Score").Single());
        }
    }

    [TestMethod]
    public void A_free_dimension_beside_the_first_takes_vectors_of_any_length_and_two_are_refused()
    {
        var ml = new MLContext();
        byte[] one = OnnxBytes.Model(OnnxBytes.Node("Relu", "x", "y"), OnnxBytes.Input("x", OnnxBytes.Float, "batch", "n"), OnnxBytes.Output("y", OnnxBytes.Float, "batch", "n"));
        IDataView data = ml.Data.LoadFromEnumerable(new[] { new Any { x = [-1, 1] }, new Any { x = [1, -2, 3] } });
        using (OnnxTransformer model = ml.Transforms.ApplyOnnxModel(Bytes(one)).Fit(data))
        {
            IDataView result = model.Transform(data);
            Assert.IsFalse(((VectorDataViewType)result.Schema["y"].Type).IsKnownSize);
            CollectionAssert.AreEqual((float[])[0, 1, 1, 0, 3], result.GetColumn<float[]>("y").SelectMany(row => row).ToArray());
        }
        byte[] two = OnnxBytes.Model(
            OnnxBytes.Node("Relu", "x", "y"), OnnxBytes.Input("x", OnnxBytes.Float, "batch", "h", "w"), OnnxBytes.Output("y", OnnxBytes.Float, "batch", "h", "w"));
        Exception error = Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.ApplyOnnxModel(Bytes(two)).Fit(data).Transform(data));
        StringAssert.Contains(error.Message, "Only 1 unknown dimension is allowed");
    }

    [TestMethod]
    public void The_suffix_that_converters_add_is_taken_off_column_names()
    {
        var ml = new MLContext();
        byte[] model = OnnxBytes.Model(OnnxBytes.Node("Relu", "x", "y.output"), OnnxBytes.Input("x", OnnxBytes.Float, 1, 3), OnnxBytes.Output("y.output", OnnxBytes.Float, 1, 3));
        IDataView data = Load(ml, [-1, 2, -3]);
        using OnnxTransformer transformer = ml.Transforms.ApplyOnnxModel(Bytes(model)).Fit(data);
        CollectionAssert.AreEqual((float[])[0, 2, 0], transformer.Transform(data).GetColumn<float[]>("y").Single());
    }

    [TestMethod]
    public void Numbers_and_texts_of_other_types_pass_through()
    {
        var ml = new MLContext();
        byte[] model = OnnxBytes.Model(
            OnnxBytes.Node("Identity", "Longs", "L"), OnnxBytes.Input("Longs", OnnxBytes.Int64, 1, 2), OnnxBytes.Output("L", OnnxBytes.Int64, 1, 2),
            OnnxBytes.Node("Identity", "Texts", "T"), OnnxBytes.Input("Texts", OnnxBytes.Text, 1, 2), OnnxBytes.Output("T", OnnxBytes.Text, 1, 2));
        IDataView data = ml.Data.LoadFromEnumerable(new[] { new Mixed { Longs = [1L << 40, -1], Texts = ["ä", "b"] } });
        using OnnxTransformer transformer = ml.Transforms.ApplyOnnxModel(Bytes(model)).Fit(data);
        IDataView result = transformer.Transform(data);
        CollectionAssert.AreEqual((long[])[1L << 40, -1], result.GetColumn<long[]>("L").Single());
        CollectionAssert.AreEqual((string[])["ä", "b"], result.GetColumn<string[]>("T").Single());
    }

    [TestMethod]
    public void Half_precision_weights_are_refused()
    {
        var ml = new MLContext();
        byte[] model = OnnxBytes.Model(
            OnnxBytes.Tensor("w", OnnxBytes.Half, 1, [0, 0x3c]), OnnxBytes.Node("Cast", "w", "wide", attributes: [[.. "\n\u0002to"u8, .. new byte[] { 0x18, 1, 0xa0, 1, 2 }]]),
            OnnxBytes.Node("Relu", "x", "y"), OnnxBytes.Input("x", OnnxBytes.Float, 1, 3), OnnxBytes.Output("y", OnnxBytes.Float, 1, 3));
        Exception error = Assert.Throws<InvalidOperationException>(() => ml.Transforms.ApplyOnnxModel(Bytes(model)));
        StringAssert.Contains(error.Message, "Unsupported ONNX scalar type: Float16");
    }

    [TestMethod]
    public void Wrong_names_types_sizes_and_files_are_refused()
    {
        var ml = new MLContext();
        byte[] relu = OnnxBytes.Relu(3);
        IDataView data = Load(ml, [1, 2, 3]);
        Exception error = Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.ApplyOnnxModel("Nowhere", "x", Bytes(relu)));
        StringAssert.Contains(error.Message, "Ouput tensor, Nowhere, does not exist in the ONNX model. Available output names are [Score].");
        error = Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.ApplyOnnxModel("Score", "Nowhere", Bytes(relu)).Fit(data));
        StringAssert.Contains(error.Message, "Input tensor, Nowhere, does not exist in the ONNX model. Available input names are [x].");
        IDataView others = ml.Data.LoadFromEnumerable(new[] { new Mixed() });
        error = Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.ApplyOnnxModel(Bytes(relu)).Fit(others));
        StringAssert.Contains(error.Message, "Could not find input column 'x'");
        IDataView doubles = ml.Data.LoadFromEnumerable(new[] { new Doubles { x = [1, 2, 3] } });
        error = Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.ApplyOnnxModel(Bytes(relu)).Fit(doubles));
        StringAssert.Contains(error.Message, "Schema mismatch for input column 'x': expected Single, got Vector<Double>");
        IDataView four = ml.Data.LoadFromEnumerable(new[] { new Four() });
        error = Assert.Throws<InvalidOperationException>(() => ml.Transforms.ApplyOnnxModel(Bytes(relu)).Fit(four));
        StringAssert.Contains(error.Message, "Input shape mismatch: Input 'x' has shape 1,3, but input data is of length 4.");
        error = Assert.Throws<IOException>(() => ml.Transforms.ApplyOnnxModel("no-such.onnx"));
        StringAssert.Contains(error.Message, "no-such.onnx");
        error = Assert.Throws<InvalidOperationException>(() => ml.Transforms.ApplyOnnxModel(Bytes([1, 2, 3, 4])));
        StringAssert.Contains(error.Message, "Error initializing model");
        error = Assert.Throws<ArgumentOutOfRangeException>(
            () => ml.Transforms.ApplyOnnxModel(Bytes(relu), new Dictionary<string, int[]> { ["x"] = [1, 4] }));
        StringAssert.Contains(error.Message, "is not compatible with the shape");
    }

    [TestMethod]
    public void Engines_predict_with_a_model_that_they_dispose()
    {
        var ml = new MLContext();
        IDataView data = Load(ml, [1, 2, 3]);
        OnnxTransformer model = ml.Transforms.ApplyOnnxModel(Bytes(OnnxBytes.Relu(3))).Fit(data);
        using (PredictionEngine<Three, Scores> engine = ml.Model.CreatePredictionEngine<Three, Scores>(model))
        {
            for (int i = -3; i < 3; i++)
            {
                CollectionAssert.AreEqual((float[])[Math.Max(i, 0), 0, 1], engine.Predict(new Three { x = [i, -1, 1] }).Score);
            }
        }
    }

    private static MemoryStream Bytes(byte[] model) => new(model);

    private static string[] Names(DataViewSchema.Column column)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.Annotations.GetValue("SlotNames", ref names);
        return names.DenseValues().Select(name => name.ToString()).ToArray();
    }

    private static IDataView Load(MLContext ml, params float[][] rows) => ml.Data.LoadFromEnumerable(rows.Select(row => new Three { x = row }));

    // Named as the models' inputs are.
#pragma warning disable IDE1006, CA1708
    private sealed class Three
    {
        [VectorType(3)]
        public float[] x { get; set; } = [];
    }

    private sealed class Four
    {
        [VectorType(4)]
        public float[] x { get; set; } = new float[4];
    }

    private sealed class Any
    {
        public float[] x { get; set; } = [];
    }

    private sealed class Doubles
    {
        public double[] x { get; set; } = [];
    }
#pragma warning restore IDE1006, CA1708

    private sealed class Mixed
    {
        [VectorType(2)]
        public long[] Longs { get; set; } = [];

        [VectorType(2)]
        public string[] Texts { get; set; } = [];
    }

    private sealed class Scores
    {
        public float[] Score { get; set; } = [];
    }
}
