using System.Diagnostics;
using System.Globalization;
using AlexNetMl.Onnx;
using Microsoft.ML.OnnxRuntime;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// Ways of writing local response normalisation as ONNX nodes, each between a convolution with ReLU and a max pooling as in AlexNet, so that
/// changes of memory layout around it count. What it costs is the processor time of one thread beyond the same graph without the
/// normalisation; forms take turns, so that a busy machine slows them all.
/// </summary>
public static class OnnxLrnForms
{
    private const int Batch = 16;
    private const int Rounds = 7;
    private const float Alpha = 5e-4f;
    private const float K = 2;

    private static readonly string[] Forms = ["none", "LRN", "conv √√", "conv √(s√s)", "conv pow", "conv exp log", "blocks √√", "groups √√", "average √√"];

    /// <summary>Measures and prints one line for each form.</summary>
    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Measure(output, "96×55×55", [3, 224, 224], 96, 55, new Stage(11, 4, 2, 1), scale: 60);
        Measure(output, "256×27×27", [96, 27, 27], 256, 27, new Stage(5, 1, 2, 2), scale: 20);
    }

    private static void Measure(TextWriter output, string title, long[] row, long channels, long side, Stage stage, float scale)
    {
        string folder = Directory.CreateTempSubdirectory("onnx-lrn-").FullName;
        var sessions = new List<InferenceSession>();
        try
        {
            using var options = new SessionOptions { IntraOpNumThreads = 1 };
            foreach (string form in Forms)
            {
                string path = Path.Combine(folder, $"{sessions.Count}.onnx");
                OnnxFile.Write(Build(form, row, channels, side, stage), path);
                sessions.Add(new InferenceSession(path, options));
            }

            var random = new Random(1);
            float[] pixels = [.. Enumerable.Range(0, (int)(Batch * row.Aggregate(1L, (a, b) => a * b))).Select(_ => ((random.NextSingle() * 2) - 1) * scale)];
            using OrtValue input = OrtValue.CreateTensorValueFromMemory(pixels, [Batch, .. row]);
            float[][] results = [.. sessions.Select(session => Once(session, input).Result)];
            double[][] times = [.. Forms.Select(_ => new double[Rounds])];
            for (int round = 0; round < Rounds; round++)
            {
                for (int i = 0; i < Forms.Length; i++)
                {
                    times[i][round] = Once(sessions[i], input).Milliseconds;
                }
            }

            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"LRN of {title}, batch {Batch}, one thread, milliseconds of processor time beyond the graph without it"));
            for (int i = 1; i < Forms.Length; i++)
            {
                double extra = Contest.Median(times[i].Zip(times[0], (with, without) => with - without));
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {Forms[i],-14} {extra,7:f1} ms   difference from LRN {Difference(results[1], results[i]):e1}"));
            }
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (float[] Result, double Milliseconds) Once(InferenceSession session, OrtValue input)
    {
        using var process = Process.GetCurrentProcess();
        using var run = new RunOptions();
        TimeSpan start = process.TotalProcessorTime;
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, ["input"], [input], ["output"]);
        process.Refresh();
        double milliseconds = (process.TotalProcessorTime - start).TotalMilliseconds;
        return (outputs[0].GetTensorDataAsSpan<float>().ToArray(), milliseconds);
    }

    private static OnnxModel Build(string form, long[] row, long channels, long side, Stage stage)
    {
        var graph = new OnnxGraphBuilder("lrn");
        graph.AddInput("input", DataType.Float, ["batch", row[0], row[1], row[2]]);
        var random = new Random(2);
        long fan = row[0] / stage.Groups * stage.Kernel * stage.Kernel;
        Constant(graph, "weight", [channels, row[0] / stage.Groups, stage.Kernel, stage.Kernel], _ => ((random.NextSingle() * 2) - 1) / MathF.Sqrt(fan));
        graph.AddNode(
            "Conv",
            ["input", "weight"],
            ["conv"],
            OnnxAttribute.Ints("kernel_shape", stage.Kernel, stage.Kernel),
            OnnxAttribute.Ints("strides", stage.Stride, stage.Stride),
            OnnxAttribute.Ints("pads", stage.Pad, stage.Pad, stage.Pad, stage.Pad),
            OnnxAttribute.Int("group", stage.Groups));
        graph.AddNode("Relu", ["conv"], ["relu"]);
        string result = form switch { "none" => "relu", "LRN" => Node(graph), _ => Standard(graph, form, channels, side) };
        graph.AddNode("MaxPool", [result], ["output"], OnnxAttribute.Ints("kernel_shape", 3, 3), OnnxAttribute.Ints("strides", 2, 2));
        graph.AddOutput("output", DataType.Float, "batch", channels, (side - 1) / 2, (side - 1) / 2);
        return graph.Build();
    }

    private static string Node(OnnxGraphBuilder graph)
    {
        graph.AddNode(
            "LRN", ["relu"], ["lrn"], OnnxAttribute.Int("size", 5), OnnxAttribute.Float("alpha", Alpha), OnnxAttribute.Float("beta", 0.75f), OnnxAttribute.Float("bias", K));
        return "lrn";
    }

    private static string Standard(OnnxGraphBuilder graph, string form, long channels, long side)
    {
        graph.AddNode("Mul", ["relu", "relu"], ["squares"]);
        string[] words = form.Split(' ', 2);
        Action<OnnxGraphBuilder, long, long> sum = words[0] switch { "conv" => Convolution, "blocks" => Blocks, "groups" => Groups, _ => Average };
        sum(graph, channels, side);
        switch (words[1])
        {
            case "√√":
                graph.AddNode("Sqrt", ["sums"], ["root"]);
                graph.AddNode("Sqrt", ["root"], ["quarter"]);
                graph.AddNode("Mul", ["root", "quarter"], ["divisor"]);
                graph.AddNode("Div", ["relu", "divisor"], ["lrn"]);
                break;
            case "√(s√s)":
                graph.AddNode("Sqrt", ["sums"], ["root"]);
                graph.AddNode("Mul", ["sums", "root"], ["product"]);
                graph.AddNode("Sqrt", ["product"], ["divisor"]);
                graph.AddNode("Div", ["relu", "divisor"], ["lrn"]);
                break;
            case "pow":
                Constant(graph, "beta", [], _ => 0.75f);
                graph.AddNode("Pow", ["sums", "beta"], ["divisor"]);
                graph.AddNode("Div", ["relu", "divisor"], ["lrn"]);
                break;
            default:
                Constant(graph, "beta", [], _ => -0.75f);
                graph.AddNode("Log", ["sums"], ["log"]);
                graph.AddNode("Mul", ["log", "beta"], ["product"]);
                graph.AddNode("Exp", ["product"], ["factor"]);
                graph.AddNode("Mul", ["relu", "factor"], ["lrn"]);
                break;
        }

        return "lrn";
    }

    // A 1×1 convolution with a banded matrix.
    private static void Convolution(OnnxGraphBuilder graph, long channels, long side)
    {
        Constant(graph, "band", [channels, channels, 1, 1], i => Math.Abs((i / channels) - (i % channels)) <= 2 ? Alpha / 5 : 0);
        Constant(graph, "offset", [channels], _ => K);
        graph.AddNode("Conv", ["squares", "band", "offset"], ["sums"], OnnxAttribute.Ints("kernel_shape", 1, 1));
    }

    // Diagonal blocks, and two convolutions for the four channels on either side of each border: what is exported for 256 channels.
    private static void Blocks(OnnxGraphBuilder graph, long channels, long side)
    {
        long block = channels % 64 == 0 ? 64 : 32, borders = (channels / block) - 1, picked = (((4 * borders) + 15) / 16) * 16;
        Constant(graph, "band", [channels, block, 1, 1], i => Math.Abs((i / block % block) - (i % block)) <= 2 ? Alpha / 5 : 0);
        Constant(graph, "offset", [channels], _ => K);
        Constant(graph, "pick", [picked, channels, 1, 1], i => i % channels == Source(i / channels) ? 1 : 0);
        Constant(graph, "place", [channels, picked, 1, 1], i =>
        {
            long channel = i / picked, source = Source(i % picked);
            return source >= 0 && Math.Abs(channel - source) <= 2 && channel / block != source / block ? Alpha / 5 : 0;
        });
        graph.AddNode("Conv", ["squares", "band", "offset"], ["within"], OnnxAttribute.Ints("kernel_shape", 1, 1), OnnxAttribute.Int("group", channels / block));
        graph.AddNode("Conv", ["squares", "pick"], ["edges"], OnnxAttribute.Ints("kernel_shape", 1, 1));
        graph.AddNode("Conv", ["edges", "place"], ["across"], OnnxAttribute.Ints("kernel_shape", 1, 1));
        graph.AddNode("Add", ["within", "across"], ["sums"]);

        long Source(long row) => row / 4 < borders ? (((row / 4) + 1) * block) - 2 + (row % 4) : -1;
    }

    // The same for 16 channels at a time, each group with its neighbours copied to it.
    private static void Groups(OnnxGraphBuilder graph, long channels, long side)
    {
        const int Members = 16;
        const int Width = Members + 4;
        long groups = channels / Members;
        graph.AddInitializer(OnnxTensor.Create(
            "members",
            [groups * Width],
            (long[])[.. Enumerable.Range(0, (int)groups * Width).Select(i => Math.Clamp((i / Width * Members) + (i % Width) - 2, 0, channels - 1))]));
        graph.AddNode("Gather", ["squares", "members"], ["wide"], OnnxAttribute.Int("axis", 1));
        Constant(graph, "band", [channels, Width, 1, 1], i =>
        {
            long distance = (i % Width) - 2 - (i / Width % Members);
            long neighbour = (i / Width) + distance;
            return Math.Abs(distance) <= 2 && neighbour >= 0 && neighbour < channels ? Alpha / 5 : 0;
        });
        Constant(graph, "offset", [channels], _ => K);
        graph.AddNode(
            "Conv", ["wide", "band", "offset"], ["sums"], OnnxAttribute.Ints("kernel_shape", 1, 1), OnnxAttribute.Int("group", groups));
    }

    // Channels as the depth of a volume.
    private static void Average(OnnxGraphBuilder graph, long channels, long side)
    {
        graph.AddInitializer(OnnxTensor.Create("volume", [5], (long[])[-1, 1, channels, side, side]));
        graph.AddInitializer(OnnxTensor.Create("maps", [4], (long[])[-1, channels, side, side]));
        Constant(graph, "alpha", [], _ => Alpha);
        Constant(graph, "k", [], _ => K);
        graph.AddNode("Reshape", ["squares", "volume"], ["volumes"]);
        graph.AddNode(
            "AveragePool",
            ["volumes"],
            ["means"],
            OnnxAttribute.Ints("kernel_shape", 5, 1, 1),
            OnnxAttribute.Ints("pads", 2, 0, 0, 2, 0, 0),
            OnnxAttribute.Int("count_include_pad", 1));
        graph.AddNode("Mul", ["means", "alpha"], ["scaled"]);
        graph.AddNode("Add", ["scaled", "k"], ["shifted"]);
        graph.AddNode("Reshape", ["shifted", "maps"], ["sums"]);
    }

    private static void Constant(OnnxGraphBuilder graph, string name, long[] dimensions, Func<long, float> value)
    {
        float[] values = new float[dimensions.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = value(i);
        }

        graph.AddInitializer(OnnxTensor.Create(name, dimensions, values));
    }

    private static double Difference(float[] reference, float[] candidate)
        => reference.Zip(candidate, (a, b) => Math.Abs((double)a - b)).Max() / reference.Max(Math.Abs);

    private sealed record Stage(long Kernel, long Stride, long Pad, long Groups);
}
