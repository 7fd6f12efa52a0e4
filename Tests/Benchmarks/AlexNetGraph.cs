using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Benchmarks;

/// <summary>AlexNet-224 of the paper (60,965,224 parameters) with seeded weights, without torch: the network that runtimes are measured on.</summary>
public static class AlexNetGraph
{
    public const int Classes = 1000;
    public const int Side = 224;

    public static readonly ImagePreprocessing Preprocessing = new() { ShorterSide = 256, CropSide = Side, RescaleFactor = 1, Mean = [123, 117, 104] };

    /// <summary>Writes the network.</summary>
    /// <param name="path">The file.</param>
    /// <param name="lrnNodes">Local response normalisation as LRN nodes; otherwise in standard operators, as the exporter writes it.</param>
    public static void Write(string path, bool lrnNodes)
    {
        var graph = new OnnxGraphBuilder("AlexNet");
        var random = new Random(2012);
        graph.AddInput("input", DataType.Float, "batch", 3, Side, Side);
        string last = Convolution("conv1", "input", 3, 96, 11, 4, 2, 1);
        last = Pool("pool1", Normalisation("norm1", last, 96));
        last = Convolution("conv2", last, 96, 256, 5, 1, 2, 2);
        last = Pool("pool2", Normalisation("norm2", last, 256));
        last = Convolution("conv3", last, 256, 384, 3, 1, 1, 1);
        last = Convolution("conv4", last, 384, 384, 3, 1, 1, 2);
        last = Pool("pool5", Convolution("conv5", last, 384, 256, 3, 1, 1, 2));
        graph.AddNode("Flatten", [last], ["flat"]);
        last = Full("fc6", "flat", 9216, 4096);
        graph.AddNode("Relu", [last], ["relu6"]);
        last = Full("fc7", "relu6", 4096, 4096);
        graph.AddNode("Relu", [last], ["relu7"]);
        last = Full("fc8", "relu7", 4096, Classes);
        graph.AddNode("Softmax", [last], ["Score"], OnnxAttribute.Int("axis", 1));
        graph.AddOutput("Score", DataType.Float, "batch", Classes);
        var metadata = new OnnxImageModelMetadata
        {
            Labels = [.. Enumerable.Range(0, Classes).Select(i => $"class {i}")],
            PreprocessingJson = Preprocessing.ToJson(),
            Decoder = ImageDecoders.Default.Name,
        };
        OnnxFile.Write(graph.Build(metadata: metadata.ToDictionary()), path);

        string Convolution(string name, string input, long channels, long maps, long kernel, long stride, long pad, long groups)
        {
            Weights($"{name}.weight", [maps, channels / groups, kernel, kernel], channels / groups * kernel * kernel);
            Weights($"{name}.bias", [maps], 100);
            graph.AddNode(
                "Conv",
                [input, $"{name}.weight", $"{name}.bias"],
                [name],
                OnnxAttribute.Ints("kernel_shape", kernel, kernel),
                OnnxAttribute.Ints("strides", stride, stride),
                OnnxAttribute.Ints("pads", pad, pad, pad, pad),
                OnnxAttribute.Int("group", groups));
            graph.AddNode("Relu", [name], [$"{name}.relu"]);
            return $"{name}.relu";
        }

        string Pool(string name, string input)
        {
            graph.AddNode("MaxPool", [input], [name], OnnxAttribute.Ints("kernel_shape", 3, 3), OnnxAttribute.Ints("strides", 2, 2));
            return name;
        }

        string Full(string name, string input, long from, long to)
        {
            Weights($"{name}.weight", [to, from], from);
            Weights($"{name}.bias", [to], 100);
            graph.AddNode("Gemm", [input, $"{name}.weight", $"{name}.bias"], [name], OnnxAttribute.Int("transB", 1));
            return name;
        }

        string Normalisation(string name, string input, long channels)
        {
            const float Alpha = 5e-4f;
            if (lrnNodes)
            {
                graph.AddNode(
                    "LRN", [input], [name], OnnxAttribute.Int("size", 5), OnnxAttribute.Float("alpha", Alpha), OnnxAttribute.Float("beta", 0.75f), OnnxAttribute.Float("bias", 2));
                return name;
            }

            graph.AddInitializer(OnnxTensor.Create($"{name}.band", [channels, channels, 1, 1], Values(
                (int)(channels * channels), i => Math.Abs((i / channels) - (i % channels)) <= 2 ? Alpha / 5 : 0)));
            graph.AddInitializer(OnnxTensor.Create($"{name}.k", [channels], Values((int)channels, _ => 2)));
            graph.AddNode("Mul", [input, input], [$"{name}.squares"]);
            graph.AddNode("Conv", [$"{name}.squares", $"{name}.band", $"{name}.k"], [$"{name}.sums"], OnnxAttribute.Ints("kernel_shape", 1, 1));
            graph.AddNode("Sqrt", [$"{name}.sums"], [$"{name}.root"]);
            graph.AddNode("Sqrt", [$"{name}.root"], [$"{name}.quarter"]);
            graph.AddNode("Mul", [$"{name}.root", $"{name}.quarter"], [$"{name}.divisor"]);
            graph.AddNode("Div", [input, $"{name}.divisor"], [name]);
            return name;
        }

        void Weights(string name, long[] shape, long fan)
        {
            float scale = MathF.Sqrt(6f / fan);
            graph.AddInitializer(OnnxTensor.Create(name, shape, Values((int)shape.Aggregate(1L, (a, b) => a * b), _ => ((random.NextSingle() * 2) - 1) * scale)));
        }

        static float[] Values(int count, Func<int, float> value)
        {
            float[] values = new float[count];
            for (int i = 0; i < count; i++)
            {
                values[i] = value(i);
            }

            return values;
        }
    }
}
