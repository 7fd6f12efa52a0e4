using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace AlexNetMl.Pipelines.Tests;

[TestClass]
public sealed class EstimatorTests : IDisposable
{
    private readonly ColourNetwork _network = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _network.Dispose();

    [TestMethod]
    [DataRow(InvalidImageHandling.Stop)]
    [DataRow(InvalidImageHandling.Mark)]
    public void The_promised_columns_are_those_that_come(InvalidImageHandling handling)
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Picture(0));
        SchemaShape input = _ml.Transforms.CustomMapping<Nothing, PictureRow>((_, _) => { }, null!).GetOutputSchema(new SchemaShape([]));
        var options = new OnnxImageScorerOptions { OnInvalidImage = handling };
        OnnxImageScoringEstimator estimator = _ml.Transforms.ScoreOnnxImages(_network.Model, options: options);
        SchemaShape promise = estimator.GetOutputSchema(input);
        using OnnxImageScoringTransformer transformer = estimator.Fit(data);
        DataViewSchema real = transformer.GetOutputSchema(data.Schema);

        CollectionAssert.AreEquivalent(real.Select(column => column.Name).ToArray(), promise.Select(column => column.Name).ToArray());
        foreach (SchemaShape.Column column in promise)
        {
            DataViewType type = real[column.Name].Type;
            DataViewType item = type is VectorDataViewType vector ? vector.ItemType : type;
            bool isVector = type is VectorDataViewType;
            Assert.AreEqual(
                isVector ? SchemaShape.Column.VectorKind.Vector : SchemaShape.Column.VectorKind.Scalar, column.Kind, column.Name);
            Assert.AreEqual(item is KeyDataViewType, column.IsKey, column.Name);
            Assert.AreEqual(item.RawType, column.ItemType.RawType, column.Name);
            CollectionAssert.AreEquivalent(
                real[column.Name].Annotations.Schema.Select(annotation => annotation.Name).ToArray(),
                column.Annotations.Select(annotation => annotation.Name).ToArray(),
                column.Name);
            foreach (SchemaShape.Column annotation in column.Annotations)
            {
                Assert.AreEqual(SchemaShape.Column.VectorKind.Vector, annotation.Kind);
                Assert.AreEqual(TextDataViewType.Instance, annotation.ItemType);
            }
        }

        // ML.NET itself believes the promise: this estimator wants a key with key values.
        SchemaShape mapped = _ml.Transforms.Conversion.MapKeyToValue("Text", "PredictedLabel").GetOutputSchema(promise);
        Assert.AreEqual(TextDataViewType.Instance, mapped.Single(column => column.Name == "Text").ItemType);
    }

    [TestMethod]
    [DataRow("Absent", "Could not find input column 'Absent'", "'ImagePath'")]
    [DataRow("Number", "Schema mismatch for input column 'Number'", "expected String (a path), Vector<Byte> (an encoded picture) or Image, got Int32")]
    [DataRow("Weights", "Schema mismatch for input column 'Weights'", "expected String (a path), Vector<Byte> (an encoded picture) or Image, got Vector<Single, 4>")]
    [DataRow("Words", "Schema mismatch for input column 'Words'", "expected String (a path), Vector<Byte> (an encoded picture) or Image, got V")]
    [DataRow("Key", "Schema mismatch for input column 'Key'", "expected String (a path), Vector<Byte> (an encoded picture) or Image, got Key<UInt32, 0-4>")]
    public void A_column_that_holds_no_paths_is_refused_everywhere(string column, string expected, string found)
    {
        IDataView data = _ml.Data.LoadFromEnumerable(new[] { new ManyColumns() });
        IDataView good = ColourNetwork.Load(_ml, _network.Picture(0));
        SchemaShape shape = _ml.Transforms.CustomMapping<Nothing, ManyColumns>((_, _) => { }, null!).GetOutputSchema(new SchemaShape([]));
        OnnxImageScoringEstimator estimator = _ml.Transforms.ScoreOnnxImages(_network.Model, column);

        // A promise knows no sizes and no counts.
        string promised = found.Replace(", 4>", ">", StringComparison.Ordinal).Replace(", 0-4>", ">", StringComparison.Ordinal);
        Expect(() => estimator.GetOutputSchema(shape), promised);
        Expect(() => new EstimatorChain<ITransformer>().Append(estimator).Fit(data), promised);
        Expect(() => estimator.Fit(data), found);
        if (column == "Absent")
        {
            using OnnxImageScoringTransformer transformer = _ml.Transforms.ScoreOnnxImages(_network.Model, "Label").Fit(good);
            ArgumentOutOfRangeException e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => transformer.Transform(data));
            StringAssert.Contains(e.Message, "Could not find input column 'Label'");
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => transformer.GetOutputSchema(data.Schema));
        }

        void Expect(Action action, string type)
        {
            ArgumentOutOfRangeException e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(action);
            StringAssert.Contains(e.Message, expected);
            StringAssert.Contains(e.Message, type);
        }
    }

    [TestMethod]
    public void A_missing_or_broken_model_is_named_by_fit()
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Picture(0));
        string broken = _network.WriteFile("broken.onnx", [8, 8, 255, 255]);
        using var models = new TensorModels();
        string noImages = models.Identity("no-images", AlexNetMl.Onnx.Proto.TensorProto.Types.DataType.Float, "batch", 3);
        foreach (string path in (string[])[Path.Combine(_network.Folder, "absent.onnx"), _network.Folder, broken, noImages])
        {
            OnnxScoringException e = Assert.ThrowsExactly<OnnxScoringException>(() => _ml.Transforms.ScoreOnnxImages(path).Fit(data));
            StringAssert.Contains(e.Message, path);
        }
        Assert.ThrowsExactly<ArgumentException>(() => _ml.Transforms.ScoreOnnxImages(" "));
        Assert.ThrowsExactly<ArgumentException>(() => _ml.Transforms.ScoreOnnxImages(_network.Model, inputColumn: string.Empty));
        Assert.ThrowsExactly<ArgumentException>(() => _ml.Transforms.MapLabelsToKeys(_network.Model, outputColumn: string.Empty));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Transforms.ScoreOnnxImages(_network.Model, options: new OnnxImageScorerOptions { BatchSize = 0 }).Fit(data));
    }

    [TestMethod]
    public void A_context_hears_which_model_runs_where()
    {
        List<LoggingEventArgs> messages = [];
        _ml.Log += (_, message) => messages.Add(message);
        IDataView data = ColourNetwork.Load(_ml, _network.Picture(0));
        _ml.Transforms.ScoreOnnxImages(_network.Model).Fit(data).Dispose();
        Assert.DoesNotContain(message => message.Message.Contains("model.onnx", StringComparison.Ordinal), messages);

        using OnnxImageScoringTransformer transformer = _ml.Transforms.ScoreOnnxImages(_network.Model, context: _ml).Fit(data);
        Assert.Contains(
            message => message.Kind == ChannelMessageKind.Info
                && message.Source.Contains("ScoreOnnxImages", StringComparison.Ordinal)
                && message.Message.Contains(transformer.ModelPath, StringComparison.Ordinal)
                && message.Message.Contains(transformer.Provider, StringComparison.Ordinal),
            messages);
    }

    [TestMethod]
    public void A_context_names_the_device_unless_the_options_do()
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Picture(0));
        _ml.GpuDeviceId = 0;
        _ml.FallbackToCpu = true;

        using OnnxImageScoringTransformer chosen = Fit(new OnnxImageScorerOptions { Device = OnnxDevice.Cpu }, _ml);
        StringAssert.Contains(chosen.Provider, "CPU");
        Assert.IsNull(chosen.FallbackReason);
        using OnnxImageScoringTransformer alone = Fit(null, null);
        Assert.IsNull(alone.FallbackReason);

        using OnnxImageScoringTransformer asked = Fit(new OnnxImageScorerOptions { BatchSize = 2 }, _ml);
        bool hasCuda = asked.Provider.Contains("CUDA", StringComparison.OrdinalIgnoreCase);
        Assert.AreEqual(hasCuda, asked.FallbackReason is null, "either CUDA runs or the reason is given");
        if (!hasCuda)
        {
            _ml.FallbackToCpu = false;
            Assert.ThrowsExactly<OnnxScoringException>(() => Fit(null, _ml));
        }

        OnnxImageScoringTransformer Fit(OnnxImageScorerOptions? options, MLContext? context)
            => _ml.Transforms.ScoreOnnxImages(_network.Model, options: options, context: context).Fit(data);
    }

    private sealed class Nothing;

    private sealed class ManyColumns
    {
        public string ImagePath { get; set; } = string.Empty;

        public int Number { get; set; }

        [VectorType(4)]
        public float[] Weights { get; set; } = new float[4];

        public string[] Words { get; set; } = [];

        [KeyType(5)]
        public uint Key { get; set; }
    }
}
