using System.Collections.Concurrent;
using System.Diagnostics;

namespace AlexNetMl.Imaging.Tests;

/// <summary>
/// Thousands of damaged files, with every decoder of the build: each is a picture or an <see cref="ImageFormatException"/> of one sentence, in bounded time and
/// memory, and the process lives.
/// </summary>
[TestClass]
public sealed class DecoderFuzzTests
{
    private const int MostPixels = 200_000;

    // Above what a picture of so few pixels takes (a codec's up to 40 bytes a pixel, and a constant), so that only a hang or an allocation by what a file claims gets there.
    private static readonly TimeSpan LongestTime = TimeSpan.FromSeconds(20);
    private const long MostAllocated = (40 * MostPixels) + (16L << 20);

    private static readonly IImageDecoder[] Decoders =
        [.. StackCodecs.Available().Select(codecs => new PictureDecoder(codecs, new ImageDecoderOptions { Limits = new ImageLimits { MaxPixels = MostPixels } }))];

    [TestMethod]
    [DataRow("jpg", 1, 2000)]
    [DataRow("png", 2, 3000)]
    [DataRow("webp", 3, 2000)]
    [DataRow("gif", 4, 3000)]
    [DataRow("bmp", 5, 3000)]
    public void Damaged_files(string format, int seed, int count) => Run(format, seed, count);

    [TestMethod]
    [TestCategory("Slow")]
    [DataRow("jpg", 11, 20_000)]
    [DataRow("png", 12, 20_000)]
    [DataRow("webp", 13, 20_000)]
    [DataRow("gif", 14, 20_000)]
    [DataRow("bmp", 15, 20_000)]
    public void Twenty_thousand_damaged_files(string format, int seed, int count) => Run(format, seed, count);

    [TestMethod]
    public void Noise_behind_a_signature()
    {
        byte[][] starts =
        [
            [0xff, 0xd8, 0xff], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], [.. "RIFF\0\0\0\0WEBPVP8 "u8], [.. "RIFF\0\0\0\0WEBPVP8L"u8], [.. "RIFF\0\0\0\0WEBPVP8X"u8],
            [.. "GIF89a"u8], [.. "BM"u8, 0, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0],
        ];
        var random = new Random(3);
        for (var i = 0; i < 14_000; i++)
        {
            var bytes = new byte[random.Next(3, 200)];
            random.NextBytes(bytes);
            var start = starts[i % starts.Length];
            start.AsSpan(0, Math.Min(start.Length, bytes.Length)).CopyTo(bytes);
            if (bytes.Length > 12 && start[0] == (byte)'R')
            {
                BitConverter.TryWriteBytes(bytes.AsSpan(4), bytes.Length - 8);
            }

            Decode(bytes, $"noise {i}");
        }
    }

    private static void Run(string format, int seed, int count)
    {
        var originals = Directory.GetFiles(Path.Combine(TestPictures.VectorFolder, "decoding"), $"*.{format}")
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes).Where(file => file.Length < 20_000).ToArray();
        var (decoded, seen) = (0, new ConcurrentBag<Outcome>());
        Parallel.For(0, count, i =>
        {
            var random = new Random((seed * 1_000_003) + i);
            byte[] bytes = [.. originals[random.Next(originals.Length)]];
            bytes = format == "png" && random.Next(2) == 0 ? PngBuilder.ReplaceRows(bytes, rows => Damage(rows, [rows], random)) : Damage(bytes, originals, random);
            if (random.Next(2) == 0)
            {
                Repair(bytes, format);
            }

            if (Decode(bytes, $"{format}, seed {seed}, case {i}", seen))
            {
                Interlocked.Increment(ref decoded);
            }
        });

        foreach (var outcomes in seen.GroupBy(outcome => outcome.Decoder).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            Console.WriteLine(
                $"{format}, {outcomes.Key}: {count} mutations, {outcomes.Count(outcome => outcome.IsPicture)} pictures, {outcomes.Count(outcome => !outcome.IsPicture)} refused; "
                + $"longest {outcomes.Max(outcome => outcome.Time).TotalMilliseconds:0} ms, most allocated {outcomes.Max(outcome => outcome.Allocated) / 1e6:0.0} MB; "
                + $"the process had {Environment.WorkingSet >> 20} MiB at its end");
        }

        // Damage that never gets past the first check, or never does any, would test nothing.
        Assert.IsInRange(count / 100, count - (count / 100), decoded, format);
    }

    private static byte[] Damage(byte[] bytes, byte[][] originals, Random random)
    {
        for (var n = random.Next(1, 6); n > 0 && bytes.Length > 16; n--)
        {
            var position = random.Next(random.Next(3) == 0 ? Math.Min(bytes.Length, 64) : bytes.Length);
            var length = Math.Min(random.Next(1, 12), bytes.Length - position);
            switch (random.Next(8))
            {
                case 0: bytes[position] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[position] = (byte)random.Next(256); break;
                case 2: random.NextBytes(bytes.AsSpan(position, length)); break;
                case 3: bytes.AsSpan(position, length).Fill((byte)(random.Next(2) * 255)); break;
                case 4: bytes = [.. bytes[..position], .. bytes[(position + length)..]]; break;
                case 5: bytes = [.. bytes[..position], .. bytes[(bytes.Length - length)..], .. bytes[position..]]; break;
                case 6: bytes = bytes[..Math.Max(17, bytes.Length - random.Next(bytes.Length))]; break;
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

    // What would end the matter before a decoder has seen anything: check sums, the length of the whole.
    private static void Repair(byte[] bytes, string format)
    {
        if (format == "png")
        {
            PngBuilder.RepairChecksums(bytes);
        }
        else if (format == "webp")
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(4), bytes.Length - 8);
        }
    }

    private static bool Decode(byte[] bytes, string what, ConcurrentBag<Outcome>? seen = null)
    {
        var pictures = 0;
        foreach (var decoder in Decoders)
        {
            var started = Stopwatch.GetTimestamp();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var isPicture = false;
            try
            {
                var image = decoder.Decode(bytes);
                Assert.AreEqual((long)image.Width * image.Height * 3, image.Pixels.Length);
                Assert.IsLessThanOrEqualTo(MostPixels, image.Width * image.Height);
                isPicture = true;
                pictures++;
            }
            catch (ImageFormatException e)
            {
                Assert.IsGreaterThan(5, e.Message.Length);
                Assert.IsFalse(e.Message.Contains('\n', StringComparison.Ordinal), e.Message);
            }
            catch (Exception e) when (e is not UnitTestAssertException)
            {
                throw new AssertFailedException($"{what}, {decoder.Name}: {e.GetType().Name} came out; the file: {Convert.ToBase64String(bytes)}", e);
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            var time = Stopwatch.GetElapsedTime(started);
            if (time > LongestTime || allocated > MostAllocated)
            {
                Assert.Fail($"{what}, {decoder.Name}: {time.TotalSeconds:0.0} s, {allocated} bytes; the file: {Convert.ToBase64String(bytes)}");
            }

            seen?.Add(new Outcome(decoder.Name, isPicture, time, allocated));
        }

        return pictures > 0;
    }

    private readonly record struct Outcome(string Decoder, bool IsPicture, TimeSpan Time, long Allocated);
}
