namespace AlexNetMl.Imaging.Tests;

/// <summary>Thousands of damaged files: each is a picture or an <see cref="ImageFormatException"/>, and the process lives.</summary>
[TestClass]
public sealed class DecoderFuzzTests
{
    private static readonly IImageDecoder Decoder = ImageDecoders.Create(new ImageLimits { MaxPixels = 200_000 });

    [TestMethod]
    [DataRow(1, 4000)]
    public void Damaged_jpegs(int seed, int count) =>
        Run(["baseline-420.jpg", "baseline-444.jpg", "progressive-422.jpg", "gray.jpg", "cmyk.jpg", "one-pixel.jpg"], seed, count);

    [TestMethod]
    [DataRow(2, 6000)]
    public void Damaged_pngs(int seed, int count) => Run(
        ["rgb.png", "palette.png", "palette-transparent.png", "rgba.png", "gray-alpha.png", "gamma.png", "gray-4-bits-interlaced.png", "rgb-interlaced.png", "rgba-16-bits-interlaced.png"],
        seed,
        count);

    [TestMethod]
    public void Noise_behind_a_signature()
    {
        var random = new Random(3);
        for (var i = 0; i < 4000; i++)
        {
            var bytes = new byte[random.Next(3, 200)];
            random.NextBytes(bytes);
            ReadOnlySpan<byte> start = (i & 1) == 0 ? [0xff, 0xd8, 0xff] : [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
            start[..Math.Min(start.Length, bytes.Length)].CopyTo(bytes);
            Decode(bytes, $"noise {i}");
        }
    }

    private static void Run(string[] files, int seed, int count)
    {
        var originals = files.Select(TestPictures.Read).ToArray();
        var decoded = 0;
        Parallel.For(0, count, i =>
        {
            var random = new Random((seed * 1_000_003) + i);
            var bytes = Damage([.. originals[random.Next(originals.Length)]], originals, random);
            if (random.Next(2) == 0)
            {
                PngBuilder.RepairChecksums(bytes);
            }

            if (Decode(bytes, $"seed {seed}, case {i}"))
            {
                Interlocked.Increment(ref decoded);
            }
        });

        // Damage that never gets past the first check would test nothing.
        Assert.IsInRange(1, count - 1, decoded);
    }

    private static byte[] Damage(byte[] bytes, byte[][] originals, Random random)
    {
        for (var n = random.Next(1, 6); n > 0 && bytes.Length > 16; n--)
        {
            var position = random.Next(bytes.Length);
            var length = Math.Min(random.Next(1, 12), bytes.Length - position);
            switch (random.Next(7))
            {
                case 0: bytes[position] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[position] = (byte)random.Next(256); break;
                case 2: random.NextBytes(bytes.AsSpan(position, length)); break;
                case 3: bytes.AsSpan(position, length).Fill((byte)(random.Next(2) * 255)); break;
                case 4: bytes = [.. bytes[..position], .. bytes[(position + length)..]]; break;
                case 5: bytes = [.. bytes[..position], .. bytes[(bytes.Length - length)..], .. bytes[position..]]; break;
                default:
                    var other = originals[random.Next(originals.Length)];
                    var from = random.Next(other.Length);
                    var part = other.AsSpan(from, Math.Min(other.Length - from, bytes.Length - position));
                    part.CopyTo(bytes.AsSpan(position));
                    break;
            }
        }

        return bytes;
    }

    private static bool Decode(byte[] bytes, string what)
    {
        try
        {
            var image = Decoder.Decode(bytes);
            Assert.AreEqual((long)image.Width * image.Height * 3, image.Pixels.Length);
            return true;
        }
        catch (ImageFormatException e)
        {
            Assert.IsGreaterThan(5, e.Message.Length);
            return false;
        }
        catch (Exception e) when (e is not UnitTestAssertException)
        {
            throw new AssertFailedException($"{what}: {e.GetType().Name} came out; the file: {Convert.ToBase64String(bytes)}", e);
        }
    }
}
