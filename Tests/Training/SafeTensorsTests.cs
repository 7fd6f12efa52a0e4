using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

[TestClass]
public sealed class SafeTensorsTests
{
    private static string Vector(string name) => Path.Combine(AppContext.BaseDirectory, "vectors", name);

    /// <summary>python.safetensors was written by vectors/make_safetensors.py from the format's description.</summary>
    [TestMethod]
    public void ReadsWhatAnotherWriterWrote()
    {
        SafeTensorsHeader header = SafeTensors.ReadHeader(Vector("python.safetensors"));
        Assert.AreEqual("pt", header.Metadata["format"]);
        Assert.AreEqual("ünïcode \"quoted\"", header.Metadata["note"]);
        IReadOnlyDictionary<string, Tensor> tensors = SafeTensors.Load(Vector("python.safetensors"));
        Assert.HasCount(11, tensors);
        foreach ((string name, ScalarType type) in new[]
        {
            ("f64", ScalarType.Float64), ("f32", ScalarType.Float32), ("f16", ScalarType.Float16), ("bf16", ScalarType.BFloat16), ("i64", ScalarType.Int64),
            ("i32", ScalarType.Int32), ("i16", ScalarType.Int16), ("i8", ScalarType.Int8), ("u8", ScalarType.Byte),
        })
        {
            Assert.AreEqual(type, tensors[name].dtype, name);
            CollectionAssert.AreEqual(new long[] { 2, 3 }, tensors[name].shape, name);
            using Tensor floats = tensors[name].to(ScalarType.Float32);
            CollectionAssert.AreEqual(new float[] { 0, 1, 2, 3, 4, 5 }, Given.Floats(floats), name);
        }
        CollectionAssert.AreEqual(new byte[] { 1, 0, 1 }, tensors["bool"].bytes.ToArray());
        CollectionAssert.AreEqual(Array.Empty<long>(), tensors["scalar"].shape);
        Assert.AreEqual(2.5f, tensors["scalar"].item<float>());
        foreach (Tensor tensor in tensors.Values)
            tensor.Dispose();
    }

    /// <summary>Byte for byte what the script writes for the same tensors.</summary>
    [TestMethod]
    public void WritesWhatAnotherWriterWrites()
    {
        using TemporaryFolder folder = Given.Folder();
        using var scope = NewDisposeScope();
        Tensor weight = tensor(new float[] { 1.5f, -2, 3, 4, 5, 6 }, [2, 3]);
        Tensor bias = tensor(new float[] { 0.25f, -0.5f }, [2]);
        SafeTensors.Save([("conv.bias", bias), ("conv.weight", weight)], folder.File("a.safetensors"));
        CollectionAssert.AreEqual(File.ReadAllBytes(Vector("written.safetensors")), File.ReadAllBytes(folder.File("a.safetensors")));
    }

    [TestMethod]
    public void RoundTripOfEveryTypeAndShape()
    {
        using TemporaryFolder folder = Given.Folder();
        using var scope = NewDisposeScope();
        Tensor numbers = tensor(new float[] { 0, 1, 2, 3, 4, 5 }, [3, 2]);
        ScalarType[] types = [ScalarType.Bool, ScalarType.Byte, ScalarType.Float64, ScalarType.Float16, ScalarType.Float32, ScalarType.Int64, ScalarType.Int8, ScalarType.Int32, ScalarType.Int16, ScalarType.BFloat16];
        List<(string, Tensor)> items = [.. types.Select(type => (type.ToString(), numbers.to(type))), ("empty", zeros(0, 4)), ("scalar", tensor(7f)), ("transposed", numbers.transpose(0, 1)), ("needs gradient", randn([2], requires_grad: true))];
        string path = folder.File("all.safetensors");
        SafeTensors.Save(items, path, new Dictionary<string, string> { ["epoch"] = "3" });
        SafeTensorsHeader header = SafeTensors.ReadHeader(path);
        Assert.AreEqual("3", header.Metadata["epoch"]);
        Assert.AreEqual(0, header.DataStart % 8);
        IReadOnlyDictionary<string, Tensor> loaded = SafeTensors.Load(path);
        Assert.HasCount(items.Count, loaded);
        foreach ((string name, Tensor tensor) in items)
        {
            Assert.AreEqual(tensor.dtype, loaded[name].dtype);
            CollectionAssert.AreEqual(tensor.shape, loaded[name].shape, name);
            CollectionAssert.AreEqual(tensor.detach().contiguous().bytes.ToArray(), loaded[name].bytes.ToArray(), name);
        }
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void WeightsComeBackInPlace()
    {
        using TemporaryFolder folder = Given.Folder();
        using AlexNet first = Given.SmallNetwork(), second = Given.Network(first.Options with { Seed = 9 });
        SafeTensors.SaveWeights(first, folder.File("w.safetensors"));
        Dictionary<string, IntPtr> handles = second.named_parameters().ToDictionary(pair => pair.Item1, pair => pair.Item2.Handle);
        Assert.IsTrue(SafeTensors.LoadWeights(second, folder.File("w.safetensors")).None);
        Dictionary<string, double[]> a = Given.Weights(first), b = Given.Weights(second);
        Assert.HasCount(16, a);
        foreach (string name in a.Keys)
            CollectionAssert.AreEqual(a[name], b[name], name);
        foreach ((string name, Tensor parameter) in second.named_parameters().Select(pair => (pair.Item1, (Tensor)pair.Item2)))
            Assert.AreEqual(handles[name], parameter.Handle);
    }

    [TestMethod]
    public void DifferencesAreListedAndNothingIsChanged()
    {
        using TemporaryFolder folder = Given.Folder();
        using var scope = NewDisposeScope();
        using AlexNet network = Given.SmallNetwork();
        string path = folder.File("w.safetensors");
        SafeTensors.Save([.. network.named_parameters().Where(pair => !pair.Item1.StartsWith("fc8", StringComparison.Ordinal)).Select(pair => (pair.Item1, (Tensor)pair.Item2 * 2)), ("fc8.weight", zeros(1000, 16)), ("extra", zeros(1))], path);
        Dictionary<string, double[]> before = Given.Weights(network);
        string message = Assert.ThrowsExactly<InvalidDataException>(() => SafeTensors.LoadWeights(network, path)).Message;
        foreach (string part in new[] { path, "missing: fc8.bias", "unexpected: extra", "fc8.weight: module [2, 48], file [1000, 16]" })
            Assert.Contains(part, message);
        CollectionAssert.AreEqual(before["conv1.weight"], Given.Weights(network)["conv1.weight"]);

        WeightDifferences differences = SafeTensors.LoadWeights(network, path, strict: false);
        CollectionAssert.AreEqual(new[] { "fc8.bias" }, differences.Missing.ToArray());
        CollectionAssert.AreEqual(before["conv1.weight"].Select(value => value * 2).ToArray(), Given.Weights(network)["conv1.weight"]);
        CollectionAssert.AreEqual(before["fc8.weight"], Given.Weights(network)["fc8.weight"]);
    }

    [TestMethod]
    public void AFailedWriteLeavesTheOldFile()
    {
        using TemporaryFolder folder = Given.Folder();
        using Tensor good = zeros(3), complex = zeros([3], dtype: ScalarType.ComplexFloat32);
        string path = folder.File("w.safetensors");
        SafeTensors.Save([("a", good)], path);
        byte[] before = File.ReadAllBytes(path);
        Assert.ThrowsExactly<ArgumentException>(() => SafeTensors.Save([("a", good), ("b", complex)], path));
        Assert.ThrowsExactly<ArgumentException>(() => SafeTensors.Save([("a", good), ("a", good)], path));
        Assert.ThrowsExactly<ArgumentException>(() => SafeTensors.Save([("__metadata__", good)], path));
        Assert.Throws<IOException>(() => SafeTensors.Save([("a", good)], folder.File("missing/w.safetensors")));
        CollectionAssert.AreEqual(before, File.ReadAllBytes(path));
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(folder.Path));
        Assert.ThrowsExactly<FileNotFoundException>(() => SafeTensors.Load(folder.File("nothing")));
    }

    /// <summary>The example of the reference implementation's documentation, and its test of a header padded with any JSON white space.</summary>
    [TestMethod]
    public void ReadsTheReferencesExamples()
    {
        SafeTensorsHeader header = SafeTensorsHeader.Read(new MemoryStream(Json("""{"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}}""", 16)));
        SafeTensorsEntry entry = header.Tensors.Single();
        Assert.AreEqual(("test", ScalarType.Int32, 0L, 16L, 68L), (entry.Name, entry.ElementType, entry.Offset, entry.ByteLength, header.DataStart));
        CollectionAssert.AreEqual(new long[] { 2, 2 }, entry.Shape.ToArray());
        Assert.IsEmpty(SafeTensorsHeader.Read(new MemoryStream(Json("{}\r \t\n", 0))).Tensors);
        entry = SafeTensorsHeader.Read(new MemoryStream(Json("""{"test":{"dtype":"I32","shape":[2,0],"data_offsets":[0, 0]}}""", 0))).Tensors.Single();
        Assert.AreEqual(0, entry.ByteLength);
    }

    // Attack files, as in the reference implementation's tests.
    private const string Good = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    [TestMethod]
    public void TestHeaderTooLarge() => Refused("limit", BinaryFile(100_000_001, Good, 8));

    [TestMethod]
    public void TestHeaderOf100Gb() => Refused("limit", BinaryFile(100L << 30, Good, 8));

    [TestMethod]
    public void TestHeaderLengthNegative() => Refused("limit", BinaryFile(-1, Good, 8));

    [TestMethod]
    public void TestHeaderTooSmall() => Refused("too few", [1, 2, 3]);

    [TestMethod]
    public void TestHeaderBeyondFile() => Refused("beyond the end", BinaryFile(Good.Length + 9, Good, 8));

    [TestMethod]
    public void TestHeaderEmpty() => Refused("'{'", BinaryFile(0, "", 0));

    [TestMethod]
    public void TestHeaderStartsWithSpace() => Refused("'{'", Json(" " + Good, 8));

    [TestMethod]
    public void TestHeaderNotJson() => Refused("JSON", Json("{\"a\":", 8));

    [TestMethod]
    public void TestHeaderNotUtf8() => Refused("JSON", BinaryFile(4, [(byte)'{', (byte)'"', 0xff, (byte)'}'], 0));

    [TestMethod]
    public void TestHeaderFollowedByJunk() => Refused("JSON", Json(Good + "{}", 8));

    [TestMethod]
    public void TestHeaderNestedDeeply() => Refused("no such field", Json(string.Concat(Enumerable.Repeat("{\"a\":", 50)), 8));

    [TestMethod]
    public void TestDataOutOfFile() => Refused("beyond the file", Json(Good, 7));

    [TestMethod]
    public void TestDataLeftOver() => Refused("has 9 bytes", Json(Good, 9));

    [TestMethod]
    public void TestHole() => Refused("belong to no tensor", Json("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12));

    [TestMethod]
    public void TestOverlap() => Refused("inside the one before", Json("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12));

    [TestMethod]
    public void TestZeroSizedTensorInsideAnother() => Refused("inside the one before", Json("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}""", 8));

    [TestMethod]
    public void TestShapeNotItsBytes() => Refused("takes 12", Json("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8));

    [TestMethod]
    public void TestShapeOverflow() => Refused("more bytes than a file", Json("""{"a":{"dtype":"F32","shape":[4611686018427387904,4,1],"data_offsets":[0,0]}}""", 0));

    [TestMethod]
    public void TestShapeOverflowHiddenByZero() => Refused("more bytes than a file", Json("""{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807,0],"data_offsets":[0,0]}}""", 0));

    [TestMethod]
    public void TestShapeNegative() => Refused("whole numbers", Json("""{"a":{"dtype":"F32","shape":[-2,-1],"data_offsets":[0,8]}}""", 8));

    [TestMethod]
    public void TestShapeFraction() => Refused("whole numbers", Json("""{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}""", 8));

    [TestMethod]
    public void TestShapeTooLong() => Refused("64 numbers", Json("""{"a":{"dtype":"F32","shape":[ONES],"data_offsets":[0,4]}}""".Replace("ONES", string.Join(',', Enumerable.Repeat("1", 65)), StringComparison.Ordinal), 4));

    [TestMethod]
    public void TestOffsetsReversed() => Refused("begin and an end", Json("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8));

    [TestMethod]
    public void TestOffsetsOfThree() => Refused("begin and an end", Json("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", 8));

    [TestMethod]
    public void TestUnknownType() => Refused("F8", Json("""{"a":{"dtype":"F8","shape":[8],"data_offsets":[0,8]}}""", 8));

    [TestMethod]
    public void TestMissingField() => Refused("lacks", Json("""{"a":{"dtype":"F32","shape":[2]}}""", 8));

    [TestMethod]
    public void TestUnknownField() => Refused("no such field", Json("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"stride":[1]}}""", 8));

    [TestMethod]
    public void TestDuplicateName() => Refused("twice", Json("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", 16));

    [TestMethod]
    public void TestDuplicateField() => Refused("twice", Json("""{"a":{"dtype":"F32","dtype":"I32","shape":[2],"data_offsets":[0,8]}}""", 8));

    [TestMethod]
    public void TestMetadataNotText() => Refused("something other than text", Json("""{"__metadata__":{"n":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8));

    [TestMethod]
    public void TestTensorNotAnObject() => Refused("not an object", Json("""{"a":[1]}""", 8));

    [TestMethod]
    public void TestLongName() => Refused("5000 bytes", Json("{\"" + new string('a', 5000) + "\":1}", 0));

    /// <summary>A few bytes of text can become hundreds of bytes of objects: 64 MiB and four times the file is what reading may take.</summary>
    [TestMethod]
    [DataRow("""{"__metadata__":{""", "\"{0:x}\":\"\"", "}}")]
    [DataRow("{", "\"{0:x}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", "}")]
    public void TestManyTinyEntries(string start, string entry, string end)
    {
        using TemporaryFolder folder = Given.Folder();
        CompositeFormat format = CompositeFormat.Parse(entry);
        string header = start + string.Join(',', Enumerable.Range(0, 400_000).Select(i => string.Format(CultureInfo.InvariantCulture, format, i))) + end;
        File.WriteAllBytes(folder.File("many.safetensors"), Json(header, 0));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("small entries", Assert.ThrowsExactly<SafeTensorsFormatException>(() => SafeTensors.ReadHeader(folder.File("many.safetensors"))).Message);
        Assert.IsLessThan((64L << 20) + (4L * header.Length), GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Random damage to a valid file: read as it was or refused with the one typed error, never anything else, at once and in little memory.</summary>
    [TestMethod]
    public void FuzzedFilesAreReadOrRefused()
    {
        var random = new Random(20);
        var longest = TimeSpan.Zero;
        byte[] good = File.ReadAllBytes(Vector("python.safetensors"));
        int refused = 0, read = 0;
        using TemporaryFolder folder = Given.Folder();
        string path = folder.File("fuzzed.safetensors");
        for (int round = 0; round < 10_000; round++)
        {
            byte[] bytes = [.. good];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                int at = random.Next(random.Next(2) == 0 ? 8 : bytes.Length);
                bytes[at] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => (byte)(bytes[at] ^ (1 << random.Next(8))), _ => (byte)"{}[]:,\"0123456789 "[random.Next(18)] };
            }
            if (random.Next(4) == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            long before = GC.GetAllocatedBytesForCurrentThread();
            long started = Stopwatch.GetTimestamp();
            try
            {
                SafeTensorsHeader header = SafeTensorsHeader.Read(new MemoryStream(bytes));
                Assert.AreEqual(bytes.Length, header.DataStart + header.Tensors.Sum(tensor => tensor.ByteLength));
                File.WriteAllBytes(path, bytes);

                // What is allocated outside the managed heap is the tensors' bytes, which are the file's.
                IReadOnlyDictionary<string, Tensor> tensors = SafeTensors.Load(path);
                Assert.IsLessThanOrEqualTo(bytes.Length, tensors.Values.Sum(tensor => tensor.bytes.Length));
                foreach (Tensor tensor in tensors.Values)
                    tensor.Dispose();
                read++;
            }
            catch (SafeTensorsFormatException)
            {
                refused++;
            }
            TimeSpan taken = Stopwatch.GetElapsedTime(started);
            longest = taken > longest ? taken : longest;
            Assert.IsLessThan(1 << 20, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.IsGreaterThan(5000, refused);
        Assert.IsGreaterThan(200, read);
        Assert.IsLessThan(1, longest.TotalSeconds);
    }

    private static void Refused(string part, byte[] file)
    {
        using TemporaryFolder folder = Given.Folder();
        File.WriteAllBytes(folder.File("attack.safetensors"), file);
        string message = Assert.ThrowsExactly<SafeTensorsFormatException>(() => SafeTensors.Load(folder.File("attack.safetensors"))).Message;
        Assert.Contains(part, message);
        Assert.Contains("attack.safetensors", message);
    }

    private static byte[] Json(string header, int dataLength) => BinaryFile(Encoding.UTF8.GetByteCount(header), header, dataLength);

    private static byte[] BinaryFile(long length, string header, int dataLength) => BinaryFile(length, Encoding.UTF8.GetBytes(header), dataLength);

    private static byte[] BinaryFile(long length, byte[] header, int dataLength)
    {
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, length);
        return [.. prefix, .. header, .. new byte[dataLength]];
    }
}
