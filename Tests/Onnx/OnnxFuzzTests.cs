using System.Diagnostics;
using Google.Protobuf;

namespace AlexNetMl.Onnx.Tests;

/// <summary>Damaged files: the reader answers with <see cref="OnnxFormatException"/> or a model, never with anything else, and in bounded memory.</summary>
[TestClass]
public sealed class OnnxFuzzTests
{
    // A message of two bytes becomes an object of some hundred; the bound leaves room for that and for nothing that a file merely claims.
    private const long MaxAllocation = 4 << 20;

    [TestMethod]
    public void Every_truncation()
    {
        byte[] valid = SmallModels.Linear().ToProto().ToByteArray();
        using var folder = new TemporaryFolder();
        string path = folder.File("cut.onnx");
        for (int length = 0; length < valid.Length; length++)
        {
            File.WriteAllBytes(path, valid[..length]);
            Read(path);
        }
    }

    [TestMethod]
    public void Seeded_mutations()
    {
        byte[][] seeds =
        [
            SmallModels.Linear().ToProto().ToByteArray(),
            SmallModels.Convolution().ToProto().ToByteArray(),
            File.ReadAllBytes("vectors/foreign.onnx"),
        ];
        byte[][] dictionary =
        [
            [0xFF, 0xFF, 0xFF, 0xFF, 0x07], // a length of 2 GB − 1
            [0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x3A], [0x2A], [0x4A, 0xFF, 0xFF, 0xFF, 0x7F], [0x0B], [0x0C], [0x07], [0x00], [0x80], [0xC3, 0x28],
        ];
        using var folder = new TemporaryFolder();
        string path = folder.File("mutated.onnx");
        var random = new Random(20_12);
        for (int round = 0; round < 10_000; round++)
        {
            List<byte> bytes = [.. seeds[round % seeds.Length]];
            for (int change = random.Next(1, 5); change > 0; change--)
            {
                int at = random.Next(bytes.Count);
                switch (random.Next(5))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes[at] ^= (byte)(1 << random.Next(8));
                        break;
                    case 2:
                        bytes.InsertRange(at, dictionary[random.Next(dictionary.Length)]);
                        break;
                    case 3:
                        bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at - 1));
                        break;
                    default:
                        bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count / 2), random.Next(bytes.Count / 2)));
                        break;
                }
            }

            File.WriteAllBytes(path, [.. bytes]);
            Read(path);
        }
    }

    [TestMethod]
    public void Attacks_by_name()
    {
        using var folder = new TemporaryFolder();
        var attacks = new Dictionary<string, byte[]>
        {
            ["empty"] = [],
            ["text"] = "this is not a model, it is a text\n"u8.ToArray(),
            ["raw_data_claims_2_gb"] = [0x08, 8, 0x3A, 0x09, 0x2A, 0x07, 0x4A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 1],
            ["floats_claim_2_gb"] = [0x08, 8, 0x3A, 0x09, 0x2A, 0x07, 0x22, 0xFC, 0xFF, 0xFF, 0xFF, 0x07, 1],
            ["graph_claims_100_gb"] = [0x08, 8, 0x3A, 0x80, 0x80, 0x80, 0x80, 0x90, 0x03],
            ["negative_length"] = [0x08, 8, 0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
            ["metadata_claims_2_gb"] = [0x08, 8, 0x3A, 0x00, 0x72, 0xFF, 0xFF, 0xFF, 0xFF, 0x07],
            ["endless_varint"] = [0x08, .. Enumerable.Repeat((byte)0xFF, 100)],
            ["graph_without_version"] = [0x3A, 0x00],
            ["version_without_graph"] = [0x08, 8],
            ["invalid_utf8_name"] = [0x08, 8, 0x3A, 0x04, 0x12, 0x02, 0xC3, 0x28],
            ["invalid_utf8_metadata"] = [0x08, 8, 0x3A, 0x00, 0x72, 0x04, 0x0A, 0x02, 0xC3, 0x28],
            ["end_group"] = [0x08, 8, 0x3A, 0x00, 0x0C],
            ["nested_groups"] = [0x08, 8, 0x3A, 0x00, .. Enumerable.Repeat((byte)0xFB, 5000)],
            ["deep_graphs"] = Deep(2000),
        };
        foreach ((string name, byte[] bytes) in attacks)
        {
            string path = folder.File(name + ".onnx");
            File.WriteAllBytes(path, bytes);
            bool refused = Read(path);

            // A name that is not UTF-8 is read with replacement characters, as the C++ library reads it too.
            Assert.IsTrue(refused || name.StartsWith("invalid_utf8", StringComparison.Ordinal), $"{name} is refused by Read or ReadMetadata");
        }
    }

    /// <summary>Graph in attribute in node in graph …, each level a valid message.</summary>
    private static byte[] Deep(int levels)
    {
        List<byte> graph = [];
        for (int i = 0; i < levels; i++)
        {
            foreach (byte tag in (byte[])[0x32, 0x2A, 0x0A]) // AttributeProto.g, NodeProto.attribute, GraphProto.node
            {
                List<byte> wrapped = [tag];
                for (int length = graph.Count; ; length >>= 7)
                {
                    if (length < 0x80)
                    {
                        wrapped.Add((byte)length);
                        break;
                    }

                    wrapped.Add((byte)(length | 0x80));
                }

                wrapped.AddRange(graph);
                graph = wrapped;
            }
        }

        List<byte> model = [0x08, 8, 0x3A];
        for (int length = graph.Count; ; length >>= 7)
        {
            if (length < 0x80)
            {
                model.Add((byte)length);
                break;
            }

            model.Add((byte)(length | 0x80));
        }

        return [.. model, .. graph];
    }

    /// <returns>Whether one of the readers refused the file.</returns>
    private static bool Read(string path)
    {
        string? whole = Attempt(() => CheckedModel.Read(path));
        Assert.AreEqual(whole, Attempt(() => OnnxFile.Check(path)), "with and without its weights a file is refused for the same reason");
        string? metadata = Attempt(() => OnnxFile.ReadMetadata(path));
        return (whole ?? metadata) is not null;
    }

    /// <returns>Why the file is refused; null if it is not.</returns>
    private static string? Attempt(Action read)
    {
        string? refused = null;
        long before = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        try
        {
            read();
        }
        catch (OnnxFormatException e)
        {
            refused = e.Message;
        }

        Assert.IsLessThan(1, Stopwatch.GetElapsedTime(started).TotalSeconds);
        Assert.IsLessThan(MaxAllocation, GC.GetAllocatedBytesForCurrentThread() - before);
        return refused;
    }
}
