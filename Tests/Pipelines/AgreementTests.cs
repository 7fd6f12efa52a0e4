using System.IO.Compression;
using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines.Tests;

/// <summary>
/// A trained network on real pictures, saved and scored by plain ML.NET, which decodes and resamples in its own way, against the batched scorer. ML.NET runs one row at a time through every
/// transformer; what is the same is the file.
/// </summary>
[TestClass]
public sealed class AgreementTests
{
    private const double Wanted = 0.98;

    // A picture that shrinks fourteenfold: Skia averages fewer of its pixels than an antialiasing filter does. 192 of 200 were the same.
    private const double WantedFarDown = 0.94;

    private static string Model => Path.Combine(AppContext.BaseDirectory, "models", "fashion-alexnet");

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Plain_ML_NET_agrees_on_pictures_of_the_data_set_s_own_size() => Check(2000, 28, 28, Model, Wanted, picture => picture);

    /// <summary>From 500 × 375 to 260, as networks for photographs have it; there the trained network sees means of 10 × 10 pixels.</summary>
    [TestMethod]
    public void Plain_ML_NET_agrees_on_pictures_of_a_camera_s_size()
    {
        string large = Path.Combine(Directory.CreateTempSubdirectory("alexnetml-large-").FullName, "large.onnx");
        ModelProto proto = OnnxFile.Read(Path.Combine(Model, "model.onnx"));
        string input = proto.Graph.Input.Single().Name;
        proto.Graph.Input.Single().Name = "large";
        foreach (int axis in (int[])[2, 3])
        {
            proto.Graph.Input.Single().Type.TensorType.Shape.Dim[axis].DimValue *= 10;
        }

        var pool = new NodeProto { OpType = "AveragePool", Name = input };
        pool.Input.Add("large");
        pool.Output.Add(input);
        pool.Attribute.Add(OnnxAttribute.Ints("kernel_shape", 10, 10));
        pool.Attribute.Add(OnnxAttribute.Ints("strides", 10, 10));
        proto.Graph.Node.Insert(0, pool);
        OnnxModel model = OnnxModel.FromProto(proto);
        ImagePreprocessing small = ImagePreprocessing.FromJson(model.GetMetadata(OnnxImageModelMetadata.PreprocessingKey)!);
        model.SetMetadata(OnnxImageModelMetadata.PreprocessingKey, (small with { ShorterSide = 260, CropSide = 240 }).ToJson());
        model.RemoveMetadata(key => key == OnnxImageModelMetadata.GoldenRowsKey);
        OnnxFile.Write(model, large);
        try
        {
            Check(200, 500, 375, large, Wanted, Photograph);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(large)!, recursive: true);
        }
    }

    [TestMethod]
    public void Plain_ML_NET_agrees_less_where_a_picture_shrinks_fourteenfold() => Check(200, 500, 375, Model, WantedFarDown, Photograph);

    // Light that falls off, and noise.
    private static RgbImage Photograph(RgbImage picture)
    {
        var random = new Random(picture.Pixels.Sum(value => value));
        RgbImage square = ImageResampler.Resize(picture, 375, 375, ResamplingFilter.Bicubic);
        byte[] pixels = new byte[500 * 375 * 3];
        for (int y = 0; y < 375; y++)
        {
            for (int x = 0; x < 500; x++)
            {
                int from = ((y * 375) + Math.Clamp(x - 62, 0, 374)) * 3, to = ((y * 500) + x) * 3;
                for (int c = 0; c < 3; c++)
                {
                    pixels[to + c] = (byte)Math.Clamp((square.Pixels[from + c] * (1 - (0.1 * y / 375))) + random.Next(-8, 9), 0, 255);
                }
            }
        }

        return new RgbImage(500, 375, pixels);
    }

    private void Check(int count, int width, int height, string model, double wanted, Func<RgbImage, RgbImage> make)
    {
        string folder = Directory.CreateTempSubdirectory("alexnetml-agreement-").FullName;
        try
        {
            var ml = new MLContext(seed: 1);
            byte[] images = Unpack("t10k-2000-images-idx3-ubyte.gz")[16..];
            PictureRow[] rows = [.. Enumerable.Range(0, count).Select(i =>
            {
                string path = Path.Combine(folder, $"{i}.png");
                var gray = new RgbImage(28, 28, [.. images.AsSpan(784 * i, 784).ToArray().SelectMany(value => (byte[])[value, value, value])]);
                File.WriteAllBytes(path, PngEncoder.Encode(make(gray)));
                return new PictureRow { ImagePath = path, Number = i };
            })];
            IDataView data = ml.Data.LoadFromEnumerable(rows);
            using OnnxImageScoringTransformer scorer = ml.Transforms.ScoreOnnxImages(model).Fit(data);
            string zip = Path.Combine(folder, "model.zip");
            ml.Model.Save(scorer, data.Schema, zip);
            ITransformer plain = ml.Model.Load(zip, out _);
            float[][] ours = [.. scorer.Transform(data).GetColumn<float[]>("Score")], theirs = [.. plain.Transform(data).GetColumn<float[]>("Score")];
            (plain as IDisposable)?.Dispose();
            int same = ours.Zip(theirs).Count(pair => Best(pair.First) == Best(pair.Second));
            TestContext.WriteLine($"{count} pictures of {width} x {height}: plain ML.NET agrees on {same}, {(double)same / count:p2}; "
                + $"mean absolute difference of a score {ours.Zip(theirs).Average(pair => pair.First.Zip(pair.Second).Average(score => Math.Abs(score.First - score.Second))):e1}");
            Assert.IsGreaterThanOrEqualTo(wanted, (double)same / count);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Best(float[] scores) => Array.IndexOf(scores, scores.Max());

    private static byte[] Unpack(string name)
    {
        using var file = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "data", name)), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        file.CopyTo(memory);
        return memory.ToArray();
    }
}
