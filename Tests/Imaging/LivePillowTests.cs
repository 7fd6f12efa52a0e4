using System.Diagnostics;
using System.Text.Json;

namespace AlexNetMl.Imaging.Tests;

/// <summary>Files that Pillow writes and decodes while the test runs, where this machine has it: what the committed vectors do not hold.</summary>
[TestClass]
public sealed class LivePillowTests
{
    private const string Python = "/usr/bin/python3";

    [TestMethod]
    [DataRow(1, 250)]
    [DataRow(2, 250)]
    public void Files_that_Pillow_writes_are_decoded_turned_and_resized_as_by_Pillow(int seed, int count) => Compare(seed, count);

    [TestMethod]
    [TestCategory("Slow")]
    [DataRow(3, 5_000)]
    public void Thousands_of_files_that_Pillow_writes(int seed, int count) => Compare(seed, count);

    private static void Compare(int seed, int count)
    {
        var folder = Directory.CreateTempSubdirectory("imaging-live").FullName;
        try
        {
            var compared = 0;
            foreach (var line in RunPython(folder, seed, count))
            {
                using var json = JsonDocument.Parse(line);
                compared += Compare(folder, json.RootElement) ? 1 : 0;
            }

            // Without the native codecs the lossy formats' pixels may differ, and only the others are compared.
            Assert.IsGreaterThanOrEqualTo(TestPictures.IsLibJpeg && TestPictures.IsLibWebP ? count : count / 2, compared);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool Compare(string folder, JsonElement expected)
    {
        var file = expected.GetProperty("file").GetString()!;
        if (expected.GetProperty("lossy").GetBoolean() && !(file.EndsWith(".jpg", StringComparison.Ordinal) ? TestPictures.IsLibJpeg : TestPictures.IsLibWebP))
        {
            return false;
        }

        var image = ImageFile.Load(Path.Combine(folder, file));
        Assert.AreEqual(expected.GetProperty("sha256").GetString(), TestPictures.Sha256(image.Pixels), file);
        var upright = image.ToUpright();
        Assert.AreEqual(expected.GetProperty("upright").GetString(), TestPictures.Sha256(upright.Pixels), $"{file} upright, {image.Orientation}");
        var filter = (ResamplingFilter)expected.GetProperty("filter").GetInt32();
        var resized = ImageResampler.Resize(upright, expected.GetProperty("to")[0].GetInt32(), expected.GetProperty("to")[1].GetInt32(), filter);
        Assert.AreEqual(expected.GetProperty("resized").GetString(), TestPictures.Sha256(resized.Pixels), $"{file}, {expected}");
        return true;
    }

    private static List<string> RunPython(string folder, int seed, int count)
    {
        if (!File.Exists(Python))
        {
            Assert.Inconclusive($"{Python} is not there.");
        }

        var script = Path.Combine(TestPictures.VectorFolder, "live_pillow.py");
        using var process = Process.Start(new ProcessStartInfo(Python, [script, folder, $"{seed}", $"{count}"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var lines = new List<string>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            lines.Add(line);
        }

        process.WaitForExit();
        var error = errors.GetAwaiter().GetResult();
        if (error.Contains("ModuleNotFoundError", StringComparison.Ordinal))
        {
            Assert.Inconclusive($"{Python} has no Pillow or no numpy: {error.Trim().Split('\n')[^1]} (Debian: python3-pil, python3-numpy).");
        }

        Assert.AreEqual(0, process.ExitCode, error);
        Assert.HasCount(count, lines);
        return lines;
    }
}
