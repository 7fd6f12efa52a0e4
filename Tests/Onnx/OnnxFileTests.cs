using AlexNetMl.Onnx.Proto;
using Google.Protobuf;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx.Tests;

[TestClass]
public sealed class OnnxFileTests
{
    [TestMethod]
    public void The_streamed_bytes_are_the_protobuf_librarys_own()
    {
        using var folder = new TemporaryFolder();
        foreach (OnnxModel model in (OnnxModel[])[SmallModels.Linear(), SmallModels.Convolution(), WithUnknownFields()])
        {
            string path = folder.File("model.onnx");
            OnnxFile.Write(model, path);
            CollectionAssert.AreEqual(model.ToProto().ToByteArray(), File.ReadAllBytes(path));
            Assert.AreEqual(model.ToProto(), OnnxFile.Read(path));
        }
    }

    [TestMethod]
    public void A_foreign_file_comes_back_byte_for_byte()
    {
        using var folder = new TemporaryFolder();
        byte[] foreign = File.ReadAllBytes("vectors/foreign.onnx");
        ModelProto model = OnnxFile.Read("vectors/foreign.onnx");
        OnnxFile.Write(model, folder.File("copy.onnx"));
        CollectionAssert.AreEqual(foreign, File.ReadAllBytes(folder.File("copy.onnx")));

        OnnxFile.Write(new OnnxModel(model, []), folder.File("streamed.onnx"));
        CollectionAssert.AreEqual(foreign, File.ReadAllBytes(folder.File("streamed.onnx")));

        Assert.AreEqual("batch", model.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimParam);
        TensorShapeProto output = model.Graph.Output[0].Type.TensorType.Shape;
        Assert.AreEqual(TensorShapeProto.Types.Dimension.ValueOneofCase.None, output.Dim[2].ValueCase);
        Assert.AreEqual(TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue, output.Dim[3].ValueCase, "a length of 0 is present");
        Assert.AreEqual("référence", OnnxFile.ReadMetadata("vectors/foreign.onnx")["author"]);
    }

    [TestMethod]
    public void What_a_killed_process_left_beside_a_file_goes_with_the_next_write()
    {
        using var folder = new TemporaryFolder();
        string[] kept = [".model.onnx.0123456789abcdef0123456789abcdef.tmp", ".other.onnx.0123456789abcdef0123456789abcdef.tmp", ".model.onnx.notes.tmp"];
        string abandoned = folder.File(".model.onnx.fedcba9876543210fedcba9876543210.tmp"), held = folder.File(".model.onnx.00000000000000000000000000000000.tmp");
        foreach (string path in (string[])[.. kept.Select(folder.File), abandoned, held])
        {
            File.WriteAllText(path, "part");
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(path == folder.File(kept[0]) ? 0 : -2));
        }

        using (new FileStream(held, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            OnnxFile.Write(SmallModels.Linear(), folder.File("model.onnx"));
        }

        Assert.IsFalse(File.Exists(abandoned));
        foreach (string path in (string[])[.. kept.Select(folder.File), held])
        {
            Assert.AreEqual("part", File.ReadAllText(path));
        }
    }

    [TestMethod]
    public void Metadata_is_read_without_loading_the_weights()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("large.onnx");
        const long Bytes = 64L << 20;
        var graph = new OnnxGraphBuilder("large");
        graph.AddInput("x", DataType.Uint8, Bytes);
        graph.AddInitializer(new Zeros("w", Bytes));
        graph.AddNode("Add", ["x", "w"], ["y"]);
        graph.AddOutput("y", DataType.Uint8, Bytes);
        OnnxModel model = graph.Build(metadata: new OnnxImageModelMetadata { Labels = ["only"] }.ToDictionary());

        long before = GC.GetTotalAllocatedBytes(precise: true);
        OnnxFile.Write(model, path);
        long written = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.IsLessThan(4L << 20, written, "writing holds no second copy of the weights");

        before = GC.GetTotalAllocatedBytes(precise: true);
        IReadOnlyDictionary<string, string> metadata = OnnxFile.ReadMetadata(path);
        long read = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.AreEqual("[\"only\"]", metadata[OnnxImageModelMetadata.LabelsKey]);
        Assert.IsLessThan(1L << 20, read, "the weights are skipped");
    }

    [TestMethod]
    public void More_than_two_gigabytes_are_refused_before_a_file_appears()
    {
        using var folder = new TemporaryFolder();
        var graph = new OnnxGraphBuilder("huge");
        graph.AddInitializer(new Zeros("w", OnnxFile.MaxBytes - 10));
        graph.AddNode("Identity", ["w"], ["y"]);
        graph.AddOutput("y", DataType.Uint8, OnnxFile.MaxBytes - 10);
        var error = Assert.ThrowsExactly<OnnxFormatException>(() => OnnxFile.Write(graph.Build(), folder.File("huge.onnx")));
        StringAssert.Contains(error.Message, "2 GB");
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void A_failed_write_leaves_neither_target_nor_temporary_file()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.onnx");
        foreach (int bytes in (int[])[0, 3, 5, -1])
        {
            var graph = new OnnxGraphBuilder("broken");
            graph.AddInitializer(new Liar("w", announced: 4, written: bytes));
            graph.AddNode("Identity", ["w"], ["y"]);
            graph.AddOutput("y", DataType.Uint8, 4);
            if (bytes < 0)
            {
                Assert.ThrowsExactly<InvalidOperationException>(() => OnnxFile.Write(graph.Build(), path));
            }
            else
            {
                StringAssert.Contains(
                    Assert.ThrowsExactly<OnnxFormatException>(() => OnnxFile.Write(graph.Build(), path)).Message, "'w' announced 4 bytes");
            }

            Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
        }
    }

    [TestMethod]
    public void A_refused_verification_keeps_the_old_file()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.onnx");
        File.WriteAllText(path, "old");
        Assert.ThrowsExactly<TimeoutException>(() => OnnxFile.Write(SmallModels.Linear(), path, temporary =>
        {
            Assert.AreEqual(SmallModels.Linear().ToProto(), OnnxFile.Read(temporary), "the file is complete when it is verified");
            throw new TimeoutException();
        }));
        Assert.AreEqual("old", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path));

        OnnxFile.Write(SmallModels.Linear(), path);
        Assert.AreEqual(SmallModels.Linear().ToProto(), OnnxFile.Read(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void Places_that_cannot_be_written_or_read_are_named()
    {
        using var folder = new TemporaryFolder();
        string missing = folder.File("missing/model.onnx");
        StringAssert.Contains(
            Assert.ThrowsExactly<DirectoryNotFoundException>(() => OnnxFile.Write(SmallModels.Linear(), missing)).Message, "missing");
        Assert.ThrowsExactly<IOException>(() => OnnxFile.Write(SmallModels.Linear(), folder.Path));
        Assert.ThrowsExactly<FileNotFoundException>(() => OnnxFile.Read(folder.File("none.onnx")));
        Assert.ThrowsExactly<FileNotFoundException>(() => OnnxFile.ReadMetadata(folder.Path));
        OnnxFile.Write(SmallModels.Linear(), folder.File("model.onnx"));
        StringAssert.Contains(
            Assert.ThrowsExactly<OnnxFormatException>(() => OnnxFile.Read(folder.File("model.onnx"), maxBytes: 100)).Message, "at most 100");
    }

    [TestMethod]
    public void Metadata_round_trips()
    {
        using var folder = new TemporaryFolder();
        OnnxFile.Write(SmallModels.Linear(), folder.File("model.onnx"));
        OnnxImageModelMetadata metadata = OnnxImageModelMetadata.FromDictionary(OnnxFile.ReadMetadata(folder.File("model.onnx")));
        CollectionAssert.AreEqual(new[] { "a \"quoted\" label", "größe" }, metadata.Labels.ToArray());
        Assert.AreEqual("nobody 1.0", metadata.Decoder);
        StringAssert.StartsWith(metadata.PreprocessingJson, "{\"crop_size\"");
        Assert.AreEqual(metadata, OnnxImageModelMetadata.FromDictionary(metadata.ToDictionary()));
        Assert.AreEqual(new OnnxImageModelMetadata(), OnnxImageModelMetadata.FromDictionary(new Dictionary<string, string>()));
    }

    [TestMethod]
    [DataRow(OnnxImageModelMetadata.LabelsKey, "no json")]
    [DataRow(OnnxImageModelMetadata.LabelsKey, "[1, 2]")]
    [DataRow(OnnxImageModelMetadata.LabelsKey, "[null]")]
    [DataRow(OnnxImageModelMetadata.LabelsKey, "null")]
    [DataRow(OnnxImageModelMetadata.FormatVersionKey, "3")]
    [DataRow(OnnxImageModelMetadata.FormatVersionKey, "")]
    public void Metadata_that_cannot_be_understood_is_named(string key, string value)
    {
        var metadata = new Dictionary<string, string> { [key] = value };
        StringAssert.Contains(
            Assert.ThrowsExactly<OnnxFormatException>(() => OnnxImageModelMetadata.FromDictionary(metadata)).Message, key);
    }

    private static OnnxModel WithUnknownFields()
    {
        ModelProto proto = OnnxFile.Read("vectors/foreign.onnx");
        return new OnnxModel(proto, [OnnxTensor.Create("scalar", [], new float[] { 1 }), OnnxTensor.Create("empty", [0, 5], Array.Empty<long>())]);
    }

    private sealed class Zeros(string name, long bytes) : IOnnxTensorSource
    {
        public string Name => name;

        public DataType ElementType => DataType.Uint8;

        public IReadOnlyList<long> Dimensions { get; } = [bytes];

        public long ByteLength => bytes;

        public void WriteTo(Stream destination)
        {
            byte[] block = new byte[1 << 16];
            for (long left = bytes; left > 0; left -= block.Length)
            {
                destination.Write(block, 0, (int)Math.Min(left, block.Length));
            }
        }
    }

    private sealed class Liar(string name, int announced, int written) : IOnnxTensorSource
    {
        public string Name => name;

        public DataType ElementType => DataType.Uint8;

        public IReadOnlyList<long> Dimensions { get; } = [announced];

        public long ByteLength => announced;

        public void WriteTo(Stream destination)
        {
            if (written < 0)
            {
                throw new InvalidOperationException("the weights are gone");
            }

            destination.Write(new byte[written]);
        }
    }
}
