using System.Security.Cryptography;
using AlexNetMl.Onnx.Proto;
using Microsoft.ML.OnnxRuntime;

namespace AlexNetMl.Onnx.Tests;

[TestClass]
public sealed class MetadataTests
{
    private static readonly OnnxImageModelMetadata Full = new()
    {
        Labels = ["a", "b"],
        PreprocessingJson = "{}",
        Decoder = "codec 1",
        Fingerprint = "sha256:1234",
        Licence = "MIT",
        Author = "Jemand Müller",
        Features = new Dictionary<string, string> { ["Features_fc7"] = "fc7", ["Features_fc6"] = "fc6" },
        Precision = OnnxPrecision.Int8,
        InputForm = OnnxInputForm.TenCrop,
        GoldenRowsJson = "{\"rows\":1}",
    };

    [TestMethod]
    public void Every_entry_comes_back()
    {
        Assert.AreEqual(Full, OnnxImageModelMetadata.FromDictionary(Full.ToDictionary()));
        foreach (OnnxImageModelMetadata changed in (OnnxImageModelMetadata[])
        [
            Full with { Fingerprint = "other" }, Full with { Licence = null }, Full with { Author = "x" }, Full with { GoldenRowsJson = null },
            Full with { Features = new Dictionary<string, string> { ["Features_fc6"] = "fc7" } },
            Full with { Precision = OnnxPrecision.Float16 }, Full with { InputForm = OnnxInputForm.Window },
        ])
        {
            Assert.AreNotEqual(Full, changed);
            Assert.AreEqual(changed, OnnxImageModelMetadata.FromDictionary(changed.ToDictionary()));
        }
    }

    [TestMethod]
    public void Only_files_that_take_bytes_need_a_reader_of_version_2()
    {
        Assert.AreEqual("2", Full.ToDictionary()[OnnxImageModelMetadata.FormatVersionKey]);
        OnnxImageModelMetadata tensor = Full with { InputForm = OnnxInputForm.Tensor };
        Assert.AreEqual("1", tensor.ToDictionary()[OnnxImageModelMetadata.FormatVersionKey]);

        // What version 1 wrote.
        var old = new Dictionary<string, string> { ["alexnetml.format_version"] = "1", ["alexnetml.labels"] = "[\"a\"]", ["alexnetml.decoder"] = "d" };
        Assert.AreEqual(new OnnxImageModelMetadata { Labels = ["a"], Decoder = "d" }, OnnxImageModelMetadata.FromDictionary(old));
    }

    [TestMethod]
    [DataRow(OnnxImageModelMetadata.PrecisionKey, "fp8", "fp32, fp16, int8")]
    [DataRow(OnnxImageModelMetadata.InputFormKey, "circle", "tensor, window, square, ten-crop")]
    [DataRow(OnnxImageModelMetadata.FeaturesKey, "[1]", "object of strings")]
    [DataRow(OnnxImageModelMetadata.FeaturesKey, "{\"a\":null}", "object of strings")]
    public void Values_that_are_not_understood_are_named(string key, string value, string part)
    {
        string message = Assert.ThrowsExactly<OnnxFormatException>(
            () => OnnxImageModelMetadata.FromDictionary(new Dictionary<string, string> { [key] = value })).Message;
        StringAssert.Contains(message, key);
        StringAssert.Contains(message, part);
    }

    [TestMethod]
    public void Entries_are_added_and_replaced_without_touching_the_graph()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.onnx");
        OnnxFile.Write(SmallModels.Convolution(), path);
        ModelProto before = OnnxFile.Read(path);
        byte[] bytes = File.ReadAllBytes(path);

        OnnxFile.AppendMetadata(path, new Dictionary<string, string> { ["one"] = "1", ["two"] = "zwei" });
        CollectionAssert.AreEqual(bytes, File.ReadAllBytes(path)[..bytes.Length]);
        OnnxFile.SetMetadata(path, new Dictionary<string, string> { ["two"] = new string('x', 300), ["three"] = string.Empty });
        OnnxFile.SetMetadata(path, new Dictionary<string, string> { ["one"] = "eins" });

        ModelProto after = OnnxFile.Read(path);
        Assert.AreEqual(before.Graph, after.Graph);
        Assert.HasCount(3, after.MetadataProps);
        IReadOnlyDictionary<string, string> metadata = OnnxFile.ReadMetadata(path);
        Assert.AreEqual("eins", metadata["one"]);
        Assert.AreEqual(new string('x', 300), metadata["two"]);
        Assert.AreEqual(string.Empty, metadata["three"]);
        using var session = new InferenceSession(path);
        Assert.AreEqual("eins", session.ModelMetadata.CustomMetadataMap["one"]);

        // A repeated key would be refused by the official checker.
        StringAssert.Contains(Assert.ThrowsExactly<OnnxFormatException>(
            () => OnnxFile.AppendMetadata(path, new Dictionary<string, string> { ["one"] = "2" })).Message, "'one' already");
        Assert.ThrowsExactly<FileNotFoundException>(() => OnnxFile.SetMetadata(folder.File("none.onnx"), metadata));
    }

    [TestMethod]
    public void A_damaged_file_is_left_alone()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.onnx");
        OnnxFile.Write(SmallModels.Convolution(), path);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^9]);
        byte[] hash = SHA256.HashData(File.ReadAllBytes(path));
        var entries = new Dictionary<string, string> { ["one"] = "1" };
        Assert.ThrowsExactly<OnnxFormatException>(() => OnnxFile.AppendMetadata(path, entries));
        Assert.ThrowsExactly<OnnxFormatException>(() => OnnxFile.SetMetadata(path, entries));
        CollectionAssert.AreEqual(hash, SHA256.HashData(File.ReadAllBytes(path)));
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
    }
}
