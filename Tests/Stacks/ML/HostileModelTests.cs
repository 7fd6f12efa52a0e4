using System.Reflection;
using System.Security.Cryptography;
using Microsoft.ML;

namespace AlexNetMl.Stacks.Tests.ML;

/// <summary>Model files of the Local stack's own format that were cut, changed or made up; the real package's format is its business.</summary>
[TestClass]
public sealed class HostileModelTests
{
    // 8 bytes of magic, the version, SHA-256 of what follows.
    private const int HeaderLength = 8 + 4 + 32;

    [TestMethod]
    public void A_file_cut_anywhere_is_refused()
    {
        byte[] file = Model();
        for (int length = 0; length < file.Length; length++)
        {
            AssertRefused(file[..length]);
        }
        AssertRefused([.. file, 0]);
    }

    [TestMethod]
    public void A_changed_bit_anywhere_is_noticed()
    {
        byte[] file = Model();
        for (int i = 0; i < file.Length; i++)
        {
            byte[] changed = [.. file];
            changed[i] ^= (byte)(1 << (i % 8));
            AssertRefused(changed);
        }
    }

    [TestMethod]
    public void Changes_with_a_checksum_of_their_own_do_no_harm()
    {
        byte[] file = Model();
        var random = new Random(20);
        int refused = 0;
        const int Tries = 4000;
        for (int i = 0; i < Tries; i++)
        {
            byte[] body = file[HeaderLength..];
            if (i % 3 == 0)
            {
                body = body[..random.Next(body.Length)];
            }
            for (int changes = random.Next(1, 4); changes > 0 && body.Length > 0; changes--)
            {
                body[random.Next(body.Length)] = (byte)(random.Next(2) == 0 ? random.Next(256) : 0xff);
            }
            try
            {
                new MLContext().Model.Load(new MemoryStream(Sealed(file, body)), out _);
            }
            catch (FormatException)
            {
                refused++;
            }
        }
        Assert.IsGreaterThan(Tries / 3, refused);
    }

    [TestMethod]
    public void A_promise_of_billions_of_items_is_not_believed()
    {
        byte[] file = Model();
        for (int at = HeaderLength; at + 4 <= file.Length; at++)
        {
            byte[] body = file[HeaderLength..];
            BitConverter.TryWriteBytes(body.AsSpan(at - HeaderLength), int.MaxValue - 3);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                new MLContext().Model.Load(new MemoryStream(Sealed(file, body)), out _);
            }
            catch (FormatException)
            {
                // Most of these bytes are no length and change a name or a value, which is as good.
            }
            Assert.IsLessThan(4 << 20, GC.GetAllocatedBytesForCurrentThread() - before, $"byte {at}");
        }
    }

    private static byte[] Model()
    {
        bool local = typeof(MLContext).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Any(data => data is { Key: "AlexNetMl.Stack", Value: "Local" });
        if (!local)
        {
            Assert.Inconclusive("The real package's model files are its own.");
        }
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(TextRow.Of("b", "a"));
        ITransformer model = ml.Transforms.Conversion.MapValueToKey("Key", "Text").Append(ml.Transforms.SelectColumns("Key", "Text"))
            .Append(ml.Transforms.LoadImages("Image", "folder", "Text")).Append(ml.Transforms.ResizeImages("Image", 3, 4)).Append(ml.Transforms.ExtractPixels("Pixels", "Image"))
            .Append(ml.Transforms.Concatenate("Joined", "Pixels")).Fit(data);
        using var stream = new MemoryStream();
        ml.Model.Save(model, model.GetOutputSchema(data.Schema), stream);
        return stream.ToArray();
    }

    private static byte[] Sealed(byte[] file, byte[] body) => [.. file[..(HeaderLength - 32)], .. SHA256.HashData(body), .. body];

    private static void AssertRefused(byte[] file) => Assert.ThrowsExactly<FormatException>(() => new MLContext().Model.Load(new MemoryStream(file), out _));
}
