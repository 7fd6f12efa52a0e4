using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;

namespace AlexNetMl.Imaging.Tests;

/// <summary>Files made to take a service down: each is refused, or is the small picture that it is, quickly and within memory.</summary>
[TestClass]
public sealed class BombTests
{
    private const int MegaByte = 1 << 20;

    [TestMethod]
    public void Huge_sizes_are_refused_from_the_header()
    {
        foreach (var (name, file) in new[]
        {
            ("jpeg", Jpeg(0xc0, 60_000, 60_000, scans: 1, [])),
            ("png", PngBuilder.Encode(60_000, 60_000, 8, 2, [0])),
            ("png, one long row", PngBuilder.Encode(80_000_000, 1, 16, 6, [0])),
            ("webp canvas", WebP("VP8X", [0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
            ("webp lossy", WebP("VP8 ", [0x10, 0, 0, 0x9d, 1, 0x2a, 0xff, 0x3f, 0xff, 0x3f, 0, 0])),
            ("webp lossless", WebP("VP8L", [0x2f, 0xff, 0xff, 0xff, 0x0f, 0])),
            ("gif", Gif(65_535, 65_535, 65_535, 65_535, [])),
            ("gif screen", Gif(65_535, 65_535, 1, 1, [2, 0x4c, 0x01])),
            ("bmp", Bmp(100_000, 100_000, 24, 0, [])),
            ("bmp, one high column", Bmp(1, int.MaxValue, 1, 0, [])),
        })
        {
            StringAssert.Contains(Refusal(name, file, MegaByte), "exceed the limit", name);
        }
    }

    [TestMethod]
    public void Sizes_that_the_data_cannot_hold_ask_for_no_memory()
    {
        foreach (var (name, file) in new[]
        {
            ("jpeg", Jpeg(0xc0, 9_000, 9_000, scans: 1, [1, 2, 3])),
            ("progressive jpeg", Jpeg(0xc2, 9_000, 9_000, scans: 10, [1, 2, 3])),
            ("png", PngBuilder.Encode(9_000, 9_000, 8, 2, new byte[100])),
            ("gif", Gif(9_000, 9_000, 9_000, 9_000, [2, 0x4c, 0x01])),
            ("bmp", Bmp(9_000, 9_000, 24, 0, new byte[100])),
            ("bmp runs", Bmp(2, 9_000, 8, 1, [1, 1])),
        })
        {
            StringAssert.Contains(Refusal(name, file, MegaByte), "cannot hold", name);
        }
    }

    [TestMethod]
    public void Png_with_endless_chunks()
    {
        var picture = PngBuilder.Encode(2, 2, 8, 0, [0, 1, 2, 0, 3, 4]);
        byte[] header = picture[..33], rest = picture[33..];
        foreach (var type in new[] { "tEXt", "IDAT", "zTXt", "fdAT", "iCCP" })
        {
            // Four million of them in 48 MB.
            byte[] empty = PngBuilder.Chunk(type, []);
            var chunks = new byte[4_000_000 * empty.Length];
            for (var i = 0; i < chunks.Length; i += empty.Length)
            {
                empty.CopyTo(chunks, i);
            }

            CollectionAssert.AreEqual(new byte[] { 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4 }, Decode(type, [.. header, .. chunks, .. rest], 70L * MegaByte).Pixels);
            StringAssert.Contains(Refusal(type, [.. header, .. chunks], MegaByte), "ends early");
        }
    }

    [TestMethod]
    public void Png_with_an_inflating_bomb()
    {
        // A gigabyte of zeros in a megabyte: behind a picture of four pixels, and as a text that no one asked for.
        using var bomb = new MemoryStream();
        using (var zlib = new ZLibStream(bomb, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write((ReadOnlySpan<byte>)[0, 1, 2, 0, 3, 4]);
            var zeros = new byte[16 * MegaByte];
            for (var i = 0; i < 64; i++)
            {
                zlib.Write(zeros);
            }
        }

        var picture = PngBuilder.Encode(2, 2, 8, 0, [0, 1, 2, 0, 3, 4]);
        byte[] header = picture[..33], rest = picture[33..], end = picture[^12..];
        CollectionAssert.AreEqual(new byte[] { 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4 }, Decode("IDAT", [.. header, .. PngBuilder.Chunk("IDAT", bomb.ToArray()), .. end], 20L * MegaByte).Pixels);
        byte[] text = [.. "bomb\0\0"u8, .. bomb.ToArray()];
        foreach (var type in new[] { "zTXt", "iCCP" })
        {
            Assert.AreEqual(2, Decode(type, [.. header, .. PngBuilder.Chunk(type, text), .. rest], 20L * MegaByte).Width);
        }
    }

    [TestMethod]
    public void Jpeg_with_thousands_of_scans()
    {
        var file = TestPictures.Read("progressive-422.jpg");
        var lastScan = file.AsSpan(0, file.Length).LastIndexOf((ReadOnlySpan<byte>)[0xff, 0xda]);
        using var many = new MemoryStream();
        many.Write(file.AsSpan(0, file.Length - 2));
        for (var i = 0; i < 5_000; i++)
        {
            many.Write(file.AsSpan(lastScan, file.Length - 2 - lastScan));
        }

        many.Write(file.AsSpan(file.Length - 2));
        StringAssert.Contains(Refusal("small", many.ToArray(), MegaByte), "500 scans");

        // Of a large picture hardly any scan needs data, and each visits all of it.
        StringAssert.Contains(Refusal("large", Jpeg(0xc2, 9_000, 9_000, scans: 60, new byte[400_000]), MegaByte), "scans");
    }

    [TestMethod]
    public void Jpeg_with_endless_segments_or_padding()
    {
        var file = TestPictures.Read("one-pixel.jpg");
        var segments = new byte[40 * MegaByte];
        for (var i = 0; i < segments.Length; i += 4)
        {
            (segments[i], segments[i + 1], segments[i + 3]) = (0xff, 0xe1, 2);
        }

        Assert.AreEqual(1, Decode("segments", [.. file[..2], .. segments, .. file[2..]], 60L * MegaByte).Width);
        var padding = new byte[40 * MegaByte];
        padding.AsSpan().Fill(0xff);
        Assert.AreEqual(1, Decode("padding", [.. file[..2], .. padding, .. file[2..]], 60L * MegaByte).Width);
        StringAssert.Contains(Refusal("no end", [.. file[..2], .. padding], MegaByte), "ends early");
    }

    [TestMethod]
    public void Jpeg_with_two_frames_of_different_sizes()
    {
        // Limits are checked on the first; a codec that believes the second must not get to write.
        var file = TestPictures.Read("baseline-444.jpg");
        var frame = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xff, 0xc0]);
        byte[] second = file[frame..(frame + 19)];
        BinaryPrimitives.WriteUInt16BigEndian(second.AsSpan(5), 60_000);
        BinaryPrimitives.WriteUInt16BigEndian(second.AsSpan(7), 60_000);
        Refusal("small first", [.. file[..frame], .. file[frame..(frame + 19)], .. second, .. file[(frame + 19)..]], 20L * MegaByte);
    }

    [TestMethod]
    public void Gif_with_endless_blocks_or_strings()
    {
        var comment = new byte[39 * MegaByte];
        for (var i = 0; i < comment.Length; i += 3)
        {
            (comment[i], comment[i + 1]) = (0x21, 0xfe);
        }

        var file = TestPictures.Read("beside.gif");
        Assert.AreEqual(40, Decode("comments", [.. file[..37], .. comment, .. file[37..]], 60L * MegaByte).Width);
        StringAssert.Contains(Refusal("comments alone", [.. file[..37], .. comment], MegaByte), "ends early");

        // Strings that grow to 4,096 pixels, for a frame of as many as the limit allows: refused, or made within the picture's own memory.
        var zeros = Gif(9_000, 9_000, 9_000, 9_000, LongestStrings(81_000_000));
        Assert.IsLessThan(2 * MegaByte, zeros.Length);
        Assert.AreEqual(9_000, Decode("strings", zeros, 250L * MegaByte).Width);
    }

    [TestMethod]
    public void Bmp_that_lies_about_its_parts()
    {
        var file = TestPictures.Read("palette-4-bits.bmp");
        StringAssert.Contains(Refusal("data at the end of the world", With(file, 10, uint.MaxValue), MegaByte), "start at byte 4294967295");
        StringAssert.Contains(Refusal("data within the header", With(file, 10, 20), MegaByte), "start at byte 20");
        Refusal("no rows", With(file, 22, unchecked((uint)int.MinValue)), MegaByte);
        Refusal("negative width", With(file, 18, unchecked((uint)-45)), MegaByte);
        Refusal("an endless palette does not fit", With(With(file, 46, uint.MaxValue), 10, 60), MegaByte);
        Refusal("jpeg inside", With(file, 30, 4), MegaByte);
        StringAssert.Contains(Refusal("jumps for ever", Bmp(100, 100, 8, 1, [.. Enumerable.Repeat<byte[]>([0, 2, 0, 0], 10_000).SelectMany(jump => jump)]), MegaByte), "ends early");
        StringAssert.Contains(Refusal("a mask with a hole", Bmp(1, 1, 32, 3, [1, 1, 1, 1], masks: [0x00ff00ff, 0xff00, 0xff])), "not a run of bits");
    }

    [TestMethod]
    public void WebP_with_endless_chunks_or_a_frame_beside_its_canvas()
    {
        var file = TestPictures.Read("animation-beside.webp");
        var frame = file.AsSpan().IndexOf("ANMF"u8);
        byte[] empty = [.. "junk"u8, 0, 0, 0, 0];
        var chunks = new byte[5_000_000 * empty.Length];
        for (var i = 0; i < chunks.Length; i += empty.Length)
        {
            empty.CopyTo(chunks, i);
        }

        byte[] padded = [.. file[..frame], .. chunks, .. file[frame..]];
        Assert.AreEqual(40, Decode("chunks", With(padded, 4, (uint)padded.Length - 8), 60L * MegaByte).Width);
        byte[] endless = [.. file[..frame], .. chunks];
        StringAssert.Contains(Refusal("no picture", With(endless, 4, (uint)endless.Length - 8), MegaByte), "holds no picture");
        byte[] beside = [.. file];
        beside[frame + 8] = 200;
        StringAssert.Contains(Refusal("beside", beside, MegaByte), "leaves its canvas");
        StringAssert.Contains(Refusal("a length beyond the file", With(file, 4, uint.MaxValue), MegaByte), "ends early");
    }

    [TestMethod]
    public void Lossless_WebP_that_names_thousands_of_groups_of_codes()
    {
        // Blocks of 4 x 4 pixels, each in a group of its own, and codes of one symbol for each group.
        byte[] most = LosslessWebP(512, 256, block => block), more = LosslessWebP(1024, 1024, block => block), far = LosslessWebP(4, 4, _ => 65_535);
        Assert.AreEqual(512, Decode("as many as are read", most, 20L * MegaByte).Width);
        StringAssert.Contains(Refusal("more", more, 20L * MegaByte), "65536 groups of prefix codes exceeds the limit of 8192");

        // One that is used behind 65,535 that are not.
        Assert.AreEqual(4, Decode("far", far, MegaByte).Width);
        StringAssert.Contains(Refusal("far, cut", With(far[..^1000], 4, (uint)far.Length - 1008), MegaByte), "ends early");
        StringAssert.Contains(Refusal("far, cut with its chunk", With(With(far[..^1000], 4, (uint)far.Length - 1008), 16, (uint)far.Length - 1020), MegaByte), "ends early");
    }

    private static string Refusal(string name, byte[] file, long mostMemory = MegaByte)
    {
        var message = string.Empty;
        Bounded(name, mostMemory, decoder => message = Assert.ThrowsExactly<ImageFormatException>(() => decoder.Decode(file), $"{name}, {decoder.Name}").Message);
        return message;
    }

    private static RgbImage Decode(string name, byte[] file, long mostMemory)
    {
        RgbImage? image = null;
        Bounded(name, mostMemory, decoder => image = decoder.Decode(file));
        return image!;
    }

    // Pooled memory is counted with the first use of it only, so the bounds hold for whoever comes first.
    private static void Bounded(string name, long mostMemory, Action<IImageDecoder> decode)
    {
        foreach (var decoder in ImageDecoders.All)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            decode(decoder);
            Assert.IsLessThan(20, Stopwatch.GetElapsedTime(started).TotalSeconds, $"{name}, {decoder.Name}");
            Assert.IsLessThanOrEqualTo(mostMemory, GC.GetAllocatedBytesForCurrentThread() - before, $"{name}, {decoder.Name}");
        }
    }

    private static byte[] With(byte[] file, int position, uint value)
    {
        byte[] copy = [.. file];
        BinaryPrimitives.WriteUInt32LittleEndian(copy.AsSpan(position), value);
        return copy;
    }

    private static byte[] Jpeg(byte frame, int width, int height, int scans, byte[] data)
    {
        byte[] scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 0x3f, 0, .. data];
        return
        [
            0xff, 0xd8, 0xff, frame, 0, 11, 8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 1, 1, 0x11, 0,
            .. Enumerable.Repeat(scan, scans).SelectMany(bytes => bytes), 0xff, 0xd9,
        ];
    }

    private static byte[] WebP(string type, IReadOnlyCollection<byte> data)
    {
        byte[] file = [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBP"u8, .. type.Select(letter => (byte)letter), 0, 0, 0, 0, .. data];
        return With(With(file, 4, (uint)file.Length - 8), 16, (uint)data.Count);
    }

    // A picture without transforms and cache whose blocks of 4 x 4 pixels are written in the groups that are given; of which each has five codes of the symbol 0 alone.
    private static byte[] LosslessWebP(int width, int height, Func<int, int> group)
    {
        var data = new List<byte>();
        var (bits, count) = (0ul, 0);
        Write(0x2f, 8);
        Write(width - 1, 14);
        Write(height - 1, 14);
        Write(0, 1 + 3 + 1 + 1);
        Write(1, 1);
        Write(0, 3);
        Write(0, 1);

        // Green and red: 256 codes of 8 bits (one length, that takes no bits); blue, alpha and distance: the symbol 0.
        foreach (var alphabet in new[] { 280, 256 })
        {
            Write(0, 1);
            Write(8, 4);
            for (var place = 0; place < 12; place++)
            {
                Write(place == 11 ? 1 : 0, 3);
            }

            // 8 is the twelfth length in the order in which their own are written.
            Write(1, 1);
            Write(3, 3);
            Write(256 - 2, 8);
        }

        for (var code = 0; code < 3; code++)
        {
            Write(0b0001, 4);
        }

        var named = 0;
        for (var block = 0; block < (width + 3) / 4 * ((height + 3) / 4); block++)
        {
            var number = group(block);
            named = Math.Max(named, number + 1);
            Write(Reversed(number & 255), 8);
            Write(Reversed(number >> 8), 8);
        }

        for (var code = 0; code < 5 * named; code++)
        {
            Write(0b0001, 4);
        }

        Write(0, 7);
        return WebP("VP8L", data);

        void Write(int value, int number)
        {
            bits |= (ulong)value << count;
            for (count += number; count >= 8; count -= 8, bits >>= 8)
            {
                data.Add((byte)bits);
            }
        }

        static int Reversed(int value) => (int)(((ulong)value * 0x0202020202ul & 0x010884422010ul) % 1023);
    }

    private static byte[] Gif(int screenWidth, int screenHeight, int width, int height, byte[] data)
    {
        var file = new List<byte>([.. "GIF89a"u8, (byte)screenWidth, (byte)(screenWidth >> 8), (byte)screenHeight, (byte)(screenHeight >> 8), 0, 0, 0]);
        file.AddRange([0x2c, 0, 0, 0, 0, (byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8), 0, 2]);
        foreach (var block in data.Chunk(255))
        {
            file.Add((byte)block.Length);
            file.AddRange(block);
        }

        return [.. file, 0, 0x3b];
    }

    // Codes 4, 0, 6, 7, 8, …: each string is the one before and a zero more, until the table is full; then the longest again and again.
    private static byte[] LongestStrings(long pixels)
    {
        var bytes = new List<byte>();
        uint bits = 0;
        int count = 0, size = 3, next = 6;
        Write(4);
        Write(0);
        for (long done = 1, length = 2; done < pixels; done += length++)
        {
            Write(next);
            next++;
            if (next == 1 << size)
            {
                size++;
            }

            if (next == 4095)
            {
                for (; done < pixels; done += length)
                {
                    Write(next - 1);
                }
            }
        }

        Write(0);
        Write(0);
        return [.. bytes];

        void Write(int code)
        {
            bits |= (uint)code << count;
            for (count += size; count >= 8; count -= 8, bits >>= 8)
            {
                bytes.Add((byte)bits);
            }
        }
    }

    private static byte[] Bmp(int width, int height, short bits, int compression, byte[] data, uint[]? masks = null)
    {
        var palette = bits <= 8 ? 4 << bits : 0;
        var start = 54 + ((masks?.Length ?? 0) * 4) + palette;
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("BM"u8);
        writer.Write(start + data.Length);
        writer.Write(0);
        writer.Write(start);
        foreach (var number in new[] { 40, width, height })
        {
            writer.Write(number);
        }

        writer.Write((short)1);
        writer.Write(bits);
        writer.Write(compression);
        writer.Write(new byte[20]);
        foreach (var mask in masks ?? [])
        {
            writer.Write(mask);
        }

        writer.Write(new byte[palette]);
        writer.Write(data);
        return file.ToArray();
    }
}
