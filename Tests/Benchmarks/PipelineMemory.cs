using System.Globalization;
using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using AlexNetMl.Pipelines;
using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// Resident memory over long data, many single predictions, and many engines. The network is a small one with AlexNet's input, so that the pictures in flight (38 MB a batch) are what counts.
/// </summary>
public static class PipelineMemory
{
    private const int Side = 224;

    /// <summary>Measures and prints.</summary>
    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var work = new PipelineRate.Workspace();
        string model = Path.Combine(work.Folder, "small.onnx");
        Write(model);
        string[] files = work.Photos(100);
        var ml = new MLContext(seed: 1);
        IDataView few = work.Rows(ml, files);
        var options = new OnnxImageScorerOptions { BatchSize = 64, CheckGoldenRows = false };
        using OnnxImageScoringTransformer scorer = ml.Transforms.ScoreOnnxImages(model, options: options).Fit(few);

        double before = Resident();
        foreach (int rows in (int[])[1_000, 2_000, 10_000])
        {
            IDataView data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, rows).Select(i => new PipelineRate.PathRow { ImagePath = files[i % files.Length] }));
            double peak = before;
            int row = 0;
            foreach (uint _ in scorer.Transform(data).GetColumn<uint>("PredictedLabel"))
            {
                peak = row++ % 50 == 0 ? Math.Max(peak, Resident()) : peak;
            }

            Report(output, $"{rows} JPEG rows, batches of 64", before, peak);
        }

        using ConcurrentPredictionEngine<PipelineRate.PathRow, Label> engine = ml.Model.CreateConcurrentPredictionEngine<PipelineRate.PathRow, Label>(scorer);
        Predict(1_000);
        double start = Resident(), after = start;
        for (int i = 0; i < 20; i++)
        {
            Predict(1_000);
            after = Math.Max(after, Resident());
        }

        Report(output, "20,000 predictions", start, after);
        Measure("1,000 engines over one scorer", OverOneScorer);
        Measure("1,000 engines, each its own model", WithTheirOwnModel);
        Measure("1,000 bare ONNX Runtime sessions", BareSessions);

        // Three times the same: what is left of a first thousand may be the allocators' working set, what comes back each time is a leak.
        void Measure(string what, Action<int> make)
        {
            make(100);
            for (int i = 0; i < 3; i++)
            {
                double was = Resident();
                make(1_000);
                Report(output, what, was, Resident());
            }
        }

        void OverOneScorer(int count)
        {
            for (int i = 0; i < count; i++)
            {
                using PredictionEngine<PipelineRate.PathRow, Label> one =
                    ml.Model.CreatePredictionEngine<PipelineRate.PathRow, Label>(scorer, new PredictionEngineOptions { OwnsTransformer = false });
                one.Predict(new PipelineRate.PathRow { ImagePath = files[0] });
            }
        }

        void BareSessions(int count)
        {
            for (int i = 0; i < count; i++)
            {
                using InferenceSession session = OnnxSessions.Create(model);
                using OrtValue input = OrtValue.CreateTensorValueFromMemory(new float[3 * Side * Side], [1, 3, Side, Side]);
                using var run = new RunOptions();
                using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, ["input"], [input], ["Score"]);
            }
        }

        void Predict(int count)
        {
            for (int i = 0; i < count; i++)
            {
                engine.Predict(new PipelineRate.PathRow { ImagePath = files[i % files.Length] });
            }
        }

        void WithTheirOwnModel(int count)
        {
            for (int i = 0; i < count; i++)
            {
                using OnnxImageScoringTransformer fresh = ml.Transforms.ScoreOnnxImages(model, options: options).Fit(few);
                using PredictionEngine<PipelineRate.PathRow, Label> one = ml.Model.CreatePredictionEngine<PipelineRate.PathRow, Label>(fresh);
                one.Predict(new PipelineRate.PathRow { ImagePath = files[0] });
            }
        }
    }

    private static void Report(TextWriter output, string what, double before, double after)
        => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-34} {before,7:f1} -> {after,7:f1} MiB ({after - before:+0.0;-0.0})"));

    private static double Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Environment.WorkingSet / (double)(1 << 20);
    }

    private static void Write(string path)
    {
        var graph = new OnnxGraphBuilder("small");
        graph.AddInput("input", DataType.Float, "batch", 3, Side, Side);
        graph.AddNode("GlobalAveragePool", ["input"], ["mean"]);
        graph.AddNode("Flatten", ["mean"], ["flat"]);
        graph.AddNode("Softmax", ["flat"], ["Score"], OnnxAttribute.Int("axis", -1));
        graph.AddOutput("Score", DataType.Float, "batch", 3);
        var metadata = new OnnxImageModelMetadata
        {
            Labels = ["red", "green", "blue"],
            PreprocessingJson = AlexNetGraph.Preprocessing.ToJson(),
            Decoder = ImageDecoders.Default.Name,
        };
        OnnxFile.Write(graph.Build(metadata: metadata.ToDictionary()), path);
    }

    private sealed class Label
    {
        public uint PredictedLabel { get; set; }
    }
}
