using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using AlexNetMl.Imaging;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace AlexNetMl.EndToEnd.Tests;

/// <summary>The main job on a small set of drawn pictures: train, export, score, report.</summary>
[TestClass]
public sealed partial class MainJobTests
{
    private static readonly TemporaryFolder Folder = new();
    private static ConsoleProcess _run = null!;

    private static string Output => Folder["out"];

    [ClassInitialize]
    public static void RunOnce(TestContext context)
    {
        DrawnPictures.Write(Folder["pictures/train"], perClass: 160, seed: 1);
        DrawnPictures.Write(Folder["pictures/test"], perClass: 40, seed: 2);
        _run = ConsoleProcess.Quickstart("--data", Folder["pictures"], "--out", Output, "--side", "28", "--width", "0.125", "--epochs", "6", "--batch", "32", "--seed", "3");
        Assert.AreEqual(0, _run.ExitCode, _run.ToString());
    }

    [ClassCleanup]
    public static void Clean() => Folder.Dispose();

    [TestMethod]
    public void Ends_with_the_five_lines_in_order()
    {
        string[] last = _run.Output[^5..];
        StringAssert.Matches(last[0], TopOne());
        StringAssert.StartsWith(last[1], "top-5: 1.0");
        StringAssert.StartsWith(last[2], "torch vs onnx, worst relative difference: ");
        Assert.IsLessThanOrEqualTo(1e-5, double.Parse(last[2].Split(": ")[1], CultureInfo.InvariantCulture));
        Assert.AreEqual("pipeline rows: 120", last[3]);
        Assert.AreEqual($"report: {Output}/report.html", last[4]);
    }

    [TestMethod]
    public void Learns_to_tell_the_pictures_apart() => Assert.IsGreaterThan(0.9, PrintedTopOne(), _run.ToString());

    [TestMethod]
    public void Writes_every_promised_file_and_nothing_half_written()
    {
        foreach (string name in new[] { "model.onnx", "labels.txt", "preprocessor_config.json", "metrics.json", "report.html" })
        {
            Assert.IsTrue(File.Exists(Path.Combine(Output, name)), name);
        }

        string[] all = [.. Directory.GetFileSystemEntries(Output).Select(path => Path.GetFileName(path)).Order()];
        CollectionAssert.AreEqual(new[] { "labels.txt", "metrics.json", "model.onnx", "preprocessor_config.json", "report.html" }, all);
        CollectionAssert.AreEqual(new[] { "disc", "lying", "standing" }, File.ReadAllLines(Path.Combine(Output, "labels.txt")));
    }

    [TestMethod]
    public void Metrics_repeat_what_was_printed()
    {
        using var metrics = JsonDocument.Parse(File.ReadAllText(Path.Combine(Output, "metrics.json")));
        Assert.AreEqual(PrintedTopOne(), metrics.RootElement.GetProperty("top1").GetDouble(), 5e-5);
        Assert.AreEqual(120, metrics.RootElement.GetProperty("pipelineRows").GetInt32());
        Assert.AreEqual(6, metrics.RootElement.GetProperty("epochs").GetArrayLength());
    }

    [TestMethod]
    public void Another_runtime_call_on_the_same_pictures_gives_the_same_accuracy()
    {
        // The pictures are 32 pixels, the size before cropping: what is left of the preprocessing is a centre crop and a subtraction.
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(Output, "preprocessor_config.json")));
        float[] mean = [.. config.RootElement.GetProperty("image_mean").EnumerateArray().Select(v => v.GetSingle())];
        float[] deviation = [.. config.RootElement.GetProperty("image_std").EnumerateArray().Select(v => v.GetSingle())];
        using var session = new InferenceSession(Path.Combine(Output, "model.onnx"));
        string[] labels = File.ReadAllLines(Path.Combine(Output, "labels.txt"));
        int right = 0, all = 0;
        for (int label = 0; label < labels.Length; label++)
        {
            foreach (string path in Directory.GetFiles(Path.Combine(Folder["pictures/test"], labels[label])))
            {
                var image = ImageFile.Load(path);
                var input = new DenseTensor<float>([1, 3, 28, 28]);
                for (int c = 0; c < 3; c++)
                {
                    for (int y = 0; y < 28; y++)
                    {
                        for (int x = 0; x < 28; x++)
                        {
                            input[0, c, y, x] = ((image.Pixels[(3 * (((y + 2) * 32) + x + 2)) + c] / 255f) - mean[c]) / deviation[c];
                        }
                    }
                }

                using var result = session.Run([NamedOnnxValue.CreateFromTensor("input", input)]);
                float[] scores = [.. result[0].AsEnumerable<float>()];
                Assert.AreEqual(1, scores.Sum(), 1e-5);
                right += Array.IndexOf(scores, scores.Max()) == label ? 1 : 0;
                all++;
            }
        }

        Assert.AreEqual(PrintedTopOne(), right / (double)all, 0.001);
    }

    [TestMethod]
    public void The_report_is_self_contained_and_holds_every_section()
    {
        string html = File.ReadAllText(Path.Combine(Output, "report.html"));
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore };
        using var reader = XmlReader.Create(new StringReader(html), settings);
        var page = XDocument.Load(reader);
        string[] headings = [.. page.Descendants("h2").Select(h => h.Value)];
        CollectionAssert.AreEqual(new[] { "Learning curves", "First-layer kernels", "Confusion matrix", "Right", "Wrong" }, headings);
        Assert.IsFalse(page.Descendants().Attributes().Any(a => a.Name.LocalName is "href" or "src" && !a.Value.StartsWith("data:", StringComparison.Ordinal)), "the page must not load anything");
        Assert.AreEqual(0, page.Descendants("script").Count());
        XNamespace svg = "http://www.w3.org/2000/svg";
        Assert.AreEqual(4, page.Descendants(svg + "polyline").Count());

        // The matrix's cells add up to the test pictures.
        var cells = page.Descendants("table").Single().Descendants("td").Where(td => td.Attribute("style") is not null).Select(td => int.Parse(td.Value, CultureInfo.InvariantCulture));
        Assert.AreEqual(120, cells.Sum());
    }

    private static double PrintedTopOne() => double.Parse(_run.Output[^5].Split(": ")[1], CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^top-1: [01]\.\d{4}$")]
    private static partial Regex TopOne();
}
