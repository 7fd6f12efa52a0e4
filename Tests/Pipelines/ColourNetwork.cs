using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using Microsoft.ML;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Pipelines.Tests;

/// <summary>
/// A network that knows three colours, and pictures for it, in a folder that goes away with its test. A picture is all of one colour, so
/// that what the network says about it can be computed by hand: softmax of 10 times its red, green and blue between 0 and 1.
/// </summary>
internal sealed class ColourNetwork : IDisposable
{
    public const int Side = 8;

    /// <summary>The model's labels. Their order is not that of the channels, nor that in which the tests' data show them.</summary>
    public static readonly string[] Labels = ["blue", "green", "red"];

    private const float Sharpness = 10;

    public ColourNetwork()
    {
        Folder = Directory.CreateTempSubdirectory("alexnetml-pipelines-").FullName;
        Model = Directory.CreateDirectory(Path.Combine(Folder, "model")).FullName;
        ModelFile = Path.Combine(Model, "model.onnx");
        Write(ModelFile, Labels);
    }

    public string Folder { get; }

    /// <summary>The folder that holds the ONNX file.</summary>
    public string Model { get; }

    public string ModelFile { get; }

    /// <summary>Three classes: logits are the channels' means times <see cref="Sharpness"/>, last channel first.</summary>
    public static void Write(string path, string[] labels)
    {
        var graph = new OnnxGraphBuilder("colours");
        graph.AddInput("input", DataType.Float, "batch", 3, Side, Side);
        graph.AddInitializer(OnnxTensor.Create("weight", [3, 3], new float[] { 0, 0, Sharpness, 0, Sharpness, 0, Sharpness, 0, 0 }));
        graph.AddNode("GlobalAveragePool", ["input"], ["mean"]);
        graph.AddNode("Flatten", ["mean"], ["flat"]);
        graph.AddNode("MatMul", ["flat", "weight"], ["logits"]);
        graph.AddNode("Softmax", ["logits"], ["Score"], OnnxAttribute.Int("axis", -1));
        graph.AddOutput("Score", DataType.Float, "batch", 3);
        var metadata = new OnnxImageModelMetadata
        {
            Labels = labels,
            PreprocessingJson = new ImagePreprocessing { ShorterSide = Side, CropSide = Side }.ToJson(),
            Decoder = ImageDecoders.Default.Name,
        };
        OnnxFile.Write(graph.Build(metadata: metadata.ToDictionary()), path);
    }

    /// <summary>Picture number <paramref name="number"/>: red, green, blue in turn, each of another shade.</summary>
    public PictureRow Picture(int number)
    {
        string path = Path.Combine(Folder, $"{number:00000}.png");
        if (!File.Exists(path))
        {
            byte[] pixels = [.. Enumerable.Repeat(Colour(number), Side * Side).SelectMany(colour => colour)];
            File.WriteAllBytes(path, PngEncoder.Encode(new RgbImage(Side, Side, pixels)));
        }
        return new PictureRow { ImagePath = path, Label = TrueLabel(number), Number = number };
    }

    public PictureRow[] Pictures(int count) => [.. Enumerable.Range(0, count).Select(Picture)];

    public string WriteFile(string name, byte[] content)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    public static string TrueLabel(int number) => Labels[2 - (number % 3)];

    /// <summary>What the network says about a picture, by hand.</summary>
    public static double[] Expected(int number)
    {
        double[] exponentials = [.. Colour(number).Reverse().Select(value => Math.Exp(Sharpness * value / 255d))];
        return [.. exponentials.Select(value => value / exponentials.Sum())];
    }

    public static IDataView Load(MLContext ml, params PictureRow[] rows) => ml.Data.LoadFromEnumerable(rows);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public static byte[] Colour(int number)
    {
        byte[] colour = [(byte)(number % 50), (byte)(number * 3 % 50), (byte)(number * 7 % 50)];
        colour[number % 3] = (byte)(100 + (number * 11 % 156));
        return colour;
    }
}

internal sealed class PictureRow
{
    public string ImagePath { get; set; } = string.Empty;

    public string Label { get; set; } = string.Empty;

    public int Number { get; set; }
}

internal sealed class ScoredRow
{
    public string ImagePath { get; set; } = string.Empty;

    public int Number { get; set; }

    public float[] Score { get; set; } = [];

    public uint PredictedLabel { get; set; }
}

internal sealed class MarkedRow
{
    public int Number { get; set; }

    public float[] Score { get; set; } = [];

    public uint PredictedLabel { get; set; }

    public string Error { get; set; } = string.Empty;
}
