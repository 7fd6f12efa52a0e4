using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Microsoft.ML.Transforms.Onnx;

namespace AlexNetMl.Pipelines.Tests;

/// <summary>Models in ML.NET's files: plain ML.NET loads and runs them, and this library gets its own back.</summary>
[TestClass]
public sealed class SaveLoadTests : IDisposable
{
    private readonly ColourNetwork _network = new();
    private readonly TensorModels _models = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose()
    {
        _network.Dispose();
        _models.Dispose();
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Plain_ML_NET_loads_and_runs_a_saved_scorer(bool alone)
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Pictures(9));
        string path;
        using (OnnxImageScoringTransformer scorer = _ml.Transforms.ScoreOnnxImages(_network.Model).Fit(data))
        {
            path = Save(alone ? scorer : new TransformerChain<ITransformer>(_ml.Transforms.CopyColumns("Copy", "Number").Fit(data), scorer), data);
        }

        ITransformer plain = new MLContext().Model.Load(path, out DataViewSchema schema);
        CollectionAssert.AreEqual(data.Schema.Select(column => column.Name).ToArray(), schema.Select(column => column.Name).ToArray());
        ITransformer[] all = [.. Flatten(plain)];
        Assert.IsTrue(Array.TrueForAll(all, member => member.GetType().Assembly.GetName().Name!.StartsWith("Microsoft.", StringComparison.Ordinal)), string.Join(", ", all.Select(member => member.GetType())));
        CollectionAssert.AreEqual(
            new[] { typeof(ImageLoadingTransformer), typeof(ImageResizingTransformer), typeof(ImagePixelExtractingTransformer), typeof(OnnxTransformer) },
            all.Skip(alone ? 0 : 1).Select(member => member.GetType()).ToArray());

        IDataView scored = plain.Transform(data);
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["Score"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(ColourNetwork.Labels, names.DenseValues().Select(name => name.ToString()).ToArray());
        ScoreOnly[] rows = [.. _ml.Data.CreateEnumerable<ScoreOnly>(scored, reuseRowObject: false)];
        Assert.HasCount(9, rows);
        foreach (ScoreOnly row in rows)
        {
            for (int i = 0; i < 3; i++)
            {
                Assert.AreEqual(ColourNetwork.Expected(row.Number)[i], row.Score[i], 1e-5);
            }
        }

        (plain as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void The_batched_scorer_comes_back_with_its_options_and_labels()
    {
        PictureRow[] pictures = _network.Pictures(23);
        pictures[7].ImagePath = "nowhere.png";
        IDataView data = ColourNetwork.Load(_ml, pictures);
        var options = new OnnxImageScorerOptions { BatchSize = 5, TopK = 2, Logits = true, OnInvalidImage = InvalidImageHandling.Mark, DecodeThreads = 3, RuntimeThreads = 1 };
        var chain = _ml.Transforms.CopyColumns("Copy", "ImagePath")
            .Append(_ml.Transforms.ScoreOnnxImages(_network.Model, "Copy", options))
            .Append(_ml.Transforms.CopyColumns("Again", "Score"))
            .Fit(data);
        FullRow[] before = Read(chain.Transform(data));
        string path = Save(chain, data);
        chain.Dispose();

        ITransformer loaded = _ml.Model.LoadBatched(path, out DataViewSchema _);
        OnnxImageScoringTransformer scorer = Flatten(loaded).OfType<OnnxImageScoringTransformer>().Single();
        Assert.AreEqual(options, scorer.Options);
        Assert.AreEqual("Copy", scorer.InputColumn);
        CollectionAssert.AreEqual(ColourNetwork.Labels, scorer.Labels.ToArray());
        FullRow[] after = Read(loaded.Transform(data));
        for (int i = 0; i < before.Length; i++)
        {
            CollectionAssert.AreEqual(before[i].Score, after[i].Score, $"row {i}: the same bits");
            CollectionAssert.AreEqual(before[i].Again, after[i].Again);
            CollectionAssert.AreEqual(before[i].Logits, after[i].Logits);
            CollectionAssert.AreEqual(before[i].TopLabels, after[i].TopLabels);
            Assert.AreEqual(before[i].PredictedLabel, after[i].PredictedLabel);
            Assert.AreEqual(before[i].Error, after[i].Error);
        }

        // What was loaded can be saved, and its own file is gone with it.
        string second = Save(loaded, data);
        string file = scorer.ModelPath;
        Assert.IsTrue(File.Exists(file));
        (loaded as IDisposable)?.Dispose();
        Assert.IsFalse(File.Exists(file));
        ITransformer again = _ml.Model.LoadBatched(second, out _);
        CollectionAssert.AreEqual(before[3].Score, Read(again.Transform(data))[3].Score);
        (again as IDisposable)?.Dispose();

        FullRow[] Read(IDataView view) => [.. _ml.Data.CreateEnumerable<FullRow>(view, reuseRowObject: false)];
    }

    [TestMethod]
    [DataRow(OnnxInputForm.Window)]
    [DataRow(OnnxInputForm.Square)]
    [DataRow(OnnxInputForm.TenCrop)]
    public void Files_that_take_pixels_save_too(OnnxInputForm form)
    {
        string path = Path.Combine(_network.Folder, $"{form}.onnx");
        var preprocessing = new ImagePreprocessing { ShorterSide = 10, CropSide = ColourNetwork.Side };
        OnnxModel model = OnnxModel.FromProto(OnnxFile.Read(_network.ModelFile));
        model = PictureInput.Add(model, PreprocessingNumbers.From(preprocessing), form);
        model.SetMetadata(new OnnxImageModelMetadata { Labels = ColourNetwork.Labels, PreprocessingJson = preprocessing.ToJson(), InputForm = form }.ToDictionary());
        OnnxFile.Write(model, path);
        RoundTrip(_ml.Transforms.ScoreOnnxImages(path), 1e-5);
    }

    [TestMethod]
    public void Half_precision_is_widened()
    {
        string path = Path.Combine(_network.Folder, "half.onnx");
        OnnxModel half = Float16Weights.Convert(OnnxModel.FromProto(OnnxFile.Read(_network.ModelFile)));
        Assert.IsTrue(half.Initializers.Any(source => source.ElementType == AlexNetMl.Onnx.Proto.TensorProto.Types.DataType.Float16));
        OnnxFile.Write(half, path);
        RoundTrip(_ml.Transforms.ScoreOnnxImages(path), 1e-5);
    }

    [TestMethod]
    [DataRow("flat", "Features")]
    [DataRow("flat", "flat")]
    [DataRow("mean", "logits")]
    public void Features_are_saved_too(string layer, string column)
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Pictures(9));
        using OnnxImageFeaturesTransformer features = _ml.Transforms.ExtractOnnxImageFeatures(_network.Model, layer: layer, outputColumn: column).Fit(data);
        float[][] before = [.. features.Transform(data).GetColumn<float[]>(column)];
        string path = Save(features, data);
        ITransformer plain = _ml.Model.Load(path, out _), batched = _ml.Model.LoadBatched(path, out _);
        Assert.IsInstanceOfType<OnnxImageFeaturesTransformer>(batched);
        float[][] plainly = [.. plain.Transform(data).GetColumn<float[]>(column)], after = [.. batched.Transform(data).GetColumn<float[]>(column)];
        for (int i = 0; i < before.Length; i++)
        {
            CollectionAssert.AreEqual(before[i], after[i]);
            for (int j = 0; j < 3; j++)
            {
                Assert.AreEqual(before[i][j], plainly[i][j], 1e-5);
            }
        }

        (plain as IDisposable)?.Dispose();
        (batched as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void Tensor_models_come_back_and_plain_ones_stay_plain()
    {
        string path = _models.Identity("pair", AlexNetMl.Onnx.Proto.TensorProto.Types.DataType.Float, "batch", 2);
        string plainPath = _models.Write("other", Doubling());
        IDataView data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 9).Select(i => new Pair { x = [i, -i] }).ToArray());
        var chain = _ml.Transforms.ApplyOnnxModelBatched(path, batchSize: 4).Append(_ml.Transforms.ApplyOnnxModel(["z"], ["x"], plainPath)).Fit(data);
        string zip = Save(chain, data);
        ITransformer plain = _ml.Model.Load(zip, out _), batched = _ml.Model.LoadBatched(zip, out _);
        Assert.IsTrue(Flatten(plain).All(member => member is OnnxTransformer));
        ITransformer[] members = [.. Flatten(batched)];
        Assert.AreEqual(4, ((OnnxBatchedTransformer)members[0]).BatchSize);
        Assert.IsInstanceOfType<OnnxTransformer>(members[1]);
        foreach (ITransformer model in (ITransformer[])[chain, plain, batched])
        {
            int i = 0;
            foreach (PairResult row in _ml.Data.CreateEnumerable<PairResult>(model.Transform(data), reuseRowObject: false))
            {
                CollectionAssert.AreEqual(new float[] { i, -i }, row.y);
                CollectionAssert.AreEqual(new float[] { 2 * i, -2 * i }, row.z);
                i++;
            }

            Assert.AreEqual(9, i);
            (model as IDisposable)?.Dispose();
        }

        static OnnxGraphBuilder Doubling()
        {
            var graph = new OnnxGraphBuilder("doubling");
            graph.AddInput("x", AlexNetMl.Onnx.Proto.TensorProto.Types.DataType.Float, "batch", 2);
            graph.AddNode("Add", ["x", "x"], ["z"]);
            graph.AddOutput("z", AlexNetMl.Onnx.Proto.TensorProto.Types.DataType.Float, "batch", 2);
            return graph;
        }
    }

    [TestMethod]
    public void What_plain_ML_NET_could_not_run_is_refused_with_the_remedy()
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Picture(0));
        IDataView images = _ml.Transforms.LoadImages("Image", string.Empty, "ImagePath").Fit(data).Transform(data);
        IDataView bytes = _ml.Data.LoadFromEnumerable(new[] { new Bytes { Picture = [1] } });
        foreach ((IDataView view, string column) in ((IDataView, string)[])[(images, "Image"), (bytes, "Picture")])
        {
            using OnnxImageScoringTransformer scorer = _ml.Transforms.ScoreOnnxImages(_network.Model, column).Fit(view);
            NotSupportedException e = Assert.ThrowsExactly<NotSupportedException>(() => Save(scorer, view));
            StringAssert.Contains(e.Message, $"'{column}'");
            StringAssert.Contains(e.Message, "text column of paths");
        }
    }

    private void RoundTrip(OnnxImageScoringEstimator estimator, double tolerance)
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Pictures(9));
        using OnnxImageScoringTransformer scorer = estimator.Fit(data);
        float[][] before = [.. scorer.Transform(data).GetColumn<float[]>("Score")];
        string path = Save(scorer, data);
        ITransformer plain = _ml.Model.Load(path, out _), batched = _ml.Model.LoadBatched(path, out _);
        float[][] plainly = [.. plain.Transform(data).GetColumn<float[]>("Score")], after = [.. batched.Transform(data).GetColumn<float[]>("Score")];
        for (int i = 0; i < 9; i++)
        {
            CollectionAssert.AreEqual(before[i], after[i]);
            for (int j = 0; j < 3; j++)
            {
                Assert.AreEqual(before[i][j], plainly[i][j], tolerance);
            }
        }

        (plain as IDisposable)?.Dispose();
        (batched as IDisposable)?.Dispose();
    }

    private string Save(ITransformer model, IDataView data)
    {
        string path = Path.Combine(_network.Folder, $"{Guid.NewGuid():N}.zip");
        _ml.Model.Save(model, data.Schema, path);
        return path;
    }

    private static IEnumerable<ITransformer> Flatten(ITransformer transformer)
        => transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [transformer];

#pragma warning disable IDE1006 // the names are the models' own
    private sealed class ScoreOnly
    {
        public int Number { get; set; }

        public float[] Score { get; set; } = [];
    }

    private sealed class FullRow
    {
        public float[] Score { get; set; } = [];

        public float[] Again { get; set; } = [];

        public float[] Logits { get; set; } = [];

        public string[] TopLabels { get; set; } = [];

        public uint PredictedLabel { get; set; }

        public string Error { get; set; } = string.Empty;
    }

    private sealed class Bytes
    {
        public byte[] Picture { get; set; } = [];
    }

    private sealed class Pair
    {
        [VectorType(2)]
        public float[] x { get; set; } = new float[2];
    }

    private sealed class PairResult
    {
        public float[] y { get; set; } = [];

        public float[] z { get; set; } = [];
    }
}
