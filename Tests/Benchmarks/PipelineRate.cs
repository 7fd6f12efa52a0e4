using System.Diagnostics;
using System.Globalization;
using AlexNetMl.Imaging;
using AlexNetMl.Pipelines;
using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Transforms.Image;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// AlexNet-224 through ML.NET pipelines. All contestants take turns on the same files in one process with as many ONNX Runtime threads; rates are medians of the rounds, ratios medians
/// of each round's ratio.
/// </summary>
public static class PipelineRate
{
    private const int Files = 1000;
    private const int Rounds = 5;
    private const int BatchSize = 64;

    private static readonly int Threads = Environment.ProcessorCount;

    /// <summary>From JPEG files: ours, the best simple loop with the same file and with LRN nodes, and ML.NET's own chain.</summary>
    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var work = new Workspace();
        (string standard, string nodes) = work.Networks();
        string[] files = work.Photos(Files);
        var ml = new MLContext(seed: 1);
        using OnnxImageScoringTransformer ours = Ours(ml, standard, work.Rows(ml, files));
        using var loop = new Loop(standard);
        using var lrnLoop = new Loop(nodes);
        using var plain = new PlainMlNet(ml, standard, work.Rows(ml, files));
        (string Name, Action<string[]> Score)[] contestants =
        [
            ("ScoreOnnxImages", part => Count(ours.Transform(work.Rows(ml, part)), "Score", part.Length)),
            ("simple loop, same file", loop.Score),
            ("simple loop, LRN nodes", lrnLoop.Score),
            ("ML.NET's own chain", part => Count(plain.Transform(work.Rows(ml, part)), "Score", part.Length)),
        ];
        output.WriteLine($"AlexNet-224, {Files} JPEG files of 500 x 375, {Threads} threads, batches of {BatchSize}, {Rounds} rounds of {Files / Rounds}");
        double[][] rates = Rates(contestants, [.. files.Chunk(Files / Rounds)]);
        Report(output, contestants.Select(contestant => contestant.Name), rates);
    }

    /// <summary>Decoded pictures and ready tensors against raw ONNX Runtime on ready-made batches.</summary>
    public static void RunDecoded(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var work = new Workspace();
        string standard = work.Networks().Standard;
        var ml = new MLContext(seed: 1);
        const int Rows = 4 * BatchSize;
        byte[] pixels = new byte[256 * 256 * 4];
        new Random(1).NextBytes(pixels);
        ImageRow[] images = [.. Enumerable.Range(0, Rows).Select(_ => new ImageRow { Image = MLImage.CreateFromPixels(256, 256, MLPixelFormat.Rgba32, pixels) })];
        float[] tensor = new float[3 * 224 * 224];
        TensorRow[] tensors = [.. Enumerable.Range(0, Rows).Select(_ => new TensorRow { input = tensor })];
        IDataView imageRows = ml.Data.LoadFromEnumerable(images), tensorRows = ml.Data.LoadFromEnumerable(tensors);
        using OnnxImageScoringTransformer scorer = ml.Transforms.ScoreOnnxImages(standard, "Image", Options).Fit(imageRows);
        using OnnxBatchedTransformer batched = ml.Transforms.ApplyOnnxModelBatched(standard, batchSize: BatchSize).Fit(tensorRows);
        using InferenceSession session = Session(standard);
        float[] batch = new float[BatchSize * tensor.Length];
        (string, Action<int>)[] contestants =
        [
            ("raw ONNX Runtime, batches", _ => Repeat(Rows / BatchSize, () => Raw(session, batch, BatchSize))),
            ("ScoreOnnxImages, images", _ => Count(scorer.Transform(imageRows), "Score", Rows)),
            ("ApplyOnnxModelBatched", _ => Count(batched.Transform(tensorRows), "Score", Rows)),
        ];
        output.WriteLine($"AlexNet-224, {Rows} decoded pictures of 256 x 256 or ready tensors a round, {Threads} threads, batches of {BatchSize}, {Rounds} rounds");
        Report(output, contestants.Select(c => c.Item1), Rates(contestants, [.. Enumerable.Repeat(Rows, Rounds)], rows => rows), reference: 0);
    }

    /// <summary>One row at a time: a prediction engine against raw ONNX Runtime at batch 1.</summary>
    public static void RunSingle(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var work = new Workspace();
        string standard = work.Networks().Standard;
        var ml = new MLContext(seed: 1);
        byte[] pixels = new byte[256 * 256 * 4];
        new Random(1).NextBytes(pixels);
        var image = new ImageRow { Image = MLImage.CreateFromPixels(256, 256, MLPixelFormat.Rgba32, pixels) };
        var ready = new TensorRow();
        IDataView imageRows = ml.Data.LoadFromEnumerable([image]), tensorRows = ml.Data.LoadFromEnumerable([ready]);
        using OnnxImageScoringTransformer scorer = ml.Transforms.ScoreOnnxImages(standard, "Image", Options).Fit(imageRows);
        using OnnxBatchedTransformer batched = ml.Transforms.ApplyOnnxModelBatched(standard).Fit(tensorRows);
        using ConcurrentPredictionEngine<ImageRow, ScoreRow> images = ml.Model.CreateConcurrentPredictionEngine<ImageRow, ScoreRow>(scorer);
        using ConcurrentPredictionEngine<TensorRow, ScoreRow> tensors = ml.Model.CreateConcurrentPredictionEngine<TensorRow, ScoreRow>(batched);
        using InferenceSession session = Session(standard);
        float[] one = new float[3 * 224 * 224];
        const int Predictions = 40;
        (string, Action<int>)[] contestants =
        [
            ("raw ONNX Runtime, batch 1", count => Repeat(count, () => Raw(session, one, 1))),
            ("engine, images", count => Repeat(count, () => images.Predict(image))),
            ("engine, ready tensors", count => Repeat(count, () => tensors.Predict(ready))),
        ];
        output.WriteLine($"AlexNet-224, single predictions, {Threads} threads, {2 * Rounds} rounds of {Predictions}");
        Report(output, contestants.Select(c => c.Item1), Rates(contestants, [.. Enumerable.Repeat(Predictions, 2 * Rounds)], count => count), reference: 0);
    }

    private static OnnxImageScorerOptions Options => new() { BatchSize = BatchSize, RuntimeThreads = Threads, CheckGoldenRows = false };

    private static OnnxImageScoringTransformer Ours(MLContext ml, string model, IDataView data) => ml.Transforms.ScoreOnnxImages(model, options: Options).Fit(data);

    private static InferenceSession Session(string model)
    {
        using var options = new SessionOptions { IntraOpNumThreads = Threads };
        return new InferenceSession(model, options);
    }

    private static float Raw(InferenceSession session, float[] values, int rows)
    {
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(values, [rows, 3, 224, 224]);
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, ["input"], [input], ["Score"]);
        return outputs[0].GetTensorDataAsSpan<float>()[0];
    }

    private static void Repeat(int count, Action action)
    {
        for (int i = 0; i < count; i++)
        {
            action();
        }
    }

    private static void Count(IDataView view, string column, int expected)
    {
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema[column]]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(view.Schema[column]);
        VBuffer<float> value = default;
        int rows = 0;
        for (; cursor.MoveNext(); rows++)
        {
            getter(ref value);
        }

        if (rows != expected)
        {
            throw new InvalidOperationException($"{rows} rows came of {expected}.");
        }
    }

    private static double[][] Rates((string, Action<string[]>)[] contestants, string[][] rounds) => Rates(contestants, rounds, files => files.Length);

    private static double[][] Rates<T>((string Name, Action<T> Score)[] contestants, T[] rounds, Func<T, int> rows)
    {
        double[][] rates = [.. contestants.Select(_ => new double[rounds.Length])];
        Array.ForEach(contestants, contestant => contestant.Score(rounds[0]));
        for (int round = 0; round < rounds.Length; round++)
        {
            T part = rounds[round];
            double[] seconds = Contest.Round(round, [.. contestants.Select(contestant => (Func<double>)(() => Contest.Seconds(() => contestant.Score(part))))]);
            for (int i = 0; i < contestants.Length; i++)
            {
                rates[i][round] = rows(part) / seconds[i];
            }
        }

        return rates;
    }

    // How much faster the first one is than the others; or how fast the others are beside the reference.
    private static void Report(TextWriter output, IEnumerable<string> names, double[][] rates, int? reference = null)
    {
        foreach ((int i, string name) in names.Index())
        {
            IEnumerable<double> ratios = reference is { } r ? rates[i].Zip(rates[r], (mine, theirs) => mine / theirs) : rates[0].Zip(rates[i], (mine, theirs) => mine / theirs);
            string words = reference is null ? "the first is {0:f2} times as fast" : "{0:p1} of the first";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-26} {Contest.Median(rates[i]),7:f1} rows/s   {string.Format(CultureInfo.InvariantCulture, words, Contest.Median(ratios))}"));
        }
    }

    /// <summary>The best simple loop: the same decoder and resampler, a buffer and values that are made once, one run for each picture.</summary>
    private sealed class Loop : IDisposable
    {
        private readonly InferenceSession _session;
        private readonly float[] _pixels = GC.AllocateArray<float>(3 * 224 * 224, pinned: true);
        private readonly float[] _scores = GC.AllocateArray<float>(AlexNetGraph.Classes, pinned: true);
        private readonly OrtValue _input;
        private readonly OrtValue _output;
        private readonly RunOptions _run = new();

        public Loop(string model)
        {
            _session = Session(model);
            _input = OrtValue.CreateTensorValueFromMemory(_pixels, [1, 3, 224, 224]);
            _output = OrtValue.CreateTensorValueFromMemory(_scores, [1, AlexNetGraph.Classes]);
        }

        public void Score(string[] files)
        {
            foreach (string file in files)
            {
                AlexNetGraph.Preprocessing.ToTensor(ImageFile.Load(file), _pixels);
                _session.Run(_run, ["input"], [_input], ["Score"], [_output]);
            }
        }

        public void Dispose()
        {
            _input.Dispose();
            _output.Dispose();
            _run.Dispose();
            _session.Dispose();
        }
    }

    /// <summary>What one writes with ML.NET alone.</summary>
    private sealed class PlainMlNet : IDisposable
    {
        private readonly TransformerChain<Microsoft.ML.Transforms.Onnx.OnnxTransformer> _chain;

        public PlainMlNet(MLContext ml, string model, IDataView data)
        {
            // ONNX Runtime's own number of threads is the machine's cores, as here.
            _chain = ml.Transforms.LoadImages("Image", string.Empty, "ImagePath")
                .Append(ml.Transforms.ResizeImages("Image", 224, 224, "Image"))
                .Append(ml.Transforms.ExtractPixels("input", "Image", offsetImage: 117))
                .Append(ml.Transforms.ApplyOnnxModel(["Score"], ["input"], model))
                .Fit(data);
        }

        public IDataView Transform(IDataView data) => _chain.Transform(data);

        public void Dispose() => _chain.Dispose();
    }

    /// <summary>Networks and pictures in a folder that goes away.</summary>
    internal sealed class Workspace : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("pipeline-rate-").FullName;

        public string Folder => _folder;

        public (string Standard, string Nodes) Networks()
        {
            string standard = Path.Combine(_folder, "standard.onnx"), nodes = Path.Combine(_folder, "nodes.onnx");
            AlexNetGraph.Write(standard, lrnNodes: false);
            AlexNetGraph.Write(nodes, lrnNodes: true);
            return (standard, nodes);
        }

        public string[] Photos(int count)
        {
            byte[] photo = File.ReadAllBytes(ResamplerRate.FindPicture());
            return [.. Enumerable.Range(0, count).Select(i =>
            {
                string path = Path.Combine(_folder, $"{i:D5}.jpg");
                File.WriteAllBytes(path, photo);
                return path;
            })];
        }

        public IDataView Rows(MLContext ml, string[] files) => ml.Data.LoadFromEnumerable((PathRow[])[.. files.Select(file => new PathRow { ImagePath = file })]);

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }

    internal sealed class PathRow
    {
        public string ImagePath { get; set; } = string.Empty;
    }

    private sealed class ImageRow
    {
        [ImageType(256, 256)]
        public MLImage? Image { get; set; }
    }

    private sealed class TensorRow
    {
        [VectorType(3, 224, 224)]
#pragma warning disable IDE1006 // the model's name for it
        public float[] input { get; set; } = new float[3 * 224 * 224];
#pragma warning restore IDE1006
    }

    private sealed class ScoreRow
    {
        public float[] Score { get; set; } = [];
    }
}
