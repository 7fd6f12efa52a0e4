using System.Diagnostics;
using AlexNetMl.Imaging;
using AlexNetMl.Training;

namespace AlexNetMl.Export.Tests;

/// <summary>The 61-million-parameter network itself.</summary>
[TestClass]
public sealed class FullSizeTests
{
    [TestMethod]
    [TestCategory("Slow")]
    public void AlexNet_224_is_exported_and_verified()
    {
        using var folder = new TestFolder();
        using var network = new AlexNet(new AlexNetOptions { Initialization = AlexNetInitialization.He });
        TestNetworks.RandomizeBiases(network, seed: 5);
        OnnxExportOptions options = TestNetworks.Options(224, classes: 1000) with { Preprocessing = new ImagePreprocessing() };

        var watch = Stopwatch.StartNew();
        OnnxExporter.Write(network, folder.File("unverified.onnx"), options, check: null, CancellationToken.None);
        Console.WriteLine($"without verification: {watch.Elapsed.TotalSeconds:0.0} s");
        File.Delete(folder.File("unverified.onnx"));

        using Process process = Process.GetCurrentProcess();
        long before = process.WorkingSet64;
        watch.Restart();
        OnnxExportReport report = OnnxExporter.Export(network, folder.File("model.onnx"), options);
        Console.WriteLine($"with verification: {watch.Elapsed.TotalSeconds:0.0} s, worst {report.Verification.WorstRelativeDifference:e2}");
        process.Refresh();
        Console.WriteLine($"resident: {before >> 20} MiB before, {process.PeakWorkingSet64 >> 20} MiB at most");

        Assert.IsLessThanOrEqualTo(1e-5, report.Verification.WorstRelativeDifference);
        Assert.IsGreaterThan(60_965_224L * 4, report.Bytes);
        Assert.IsLessThan((60_965_224L * 4) + 400_000, report.Bytes); // the bands of two response normalisations are 300 KB
    }
}
