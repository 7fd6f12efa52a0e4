using System.Formats.Tar;
using System.Text;
using AlexNetMl.Imaging;

namespace AlexNetMl.Training.Tests;

[TestClass]
public sealed class TarShardsTests
{
    [TestMethod]
    [DataRow(TarEntryFormat.Ustar)]
    [DataRow(TarEntryFormat.Pax)]
    [DataRow(TarEntryFormat.Gnu)]
    [DataRow(TarEntryFormat.V7)]
    public void PicturesAndLabelsArePaired(TarEntryFormat format)
    {
        using TemporaryFolder folder = Given.Folder();
        string deep = format == TarEntryFormat.V7 ? "d" : new string('n', format == TarEntryFormat.Ustar ? 90 : 300);
        Write(folder.File("t-0.tar"), format, ("./a/1.png", Picture(1)), ("./a/1.cls", "10\n"u8.ToArray()), ("2.json", "{}"u8.ToArray()), ("2.cls", "9"u8.ToArray()), ("2.PNG", Picture(2)));
        Write(folder.File("t-1.tar"), format, ($"{deep}.cls", " 9 "u8.ToArray()), ($"{deep}.jpeg", Picture(3)), ("x.seg.png", Picture(4)));
        TarShards shards = TarShards.Open([folder.File("t-0.tar"), folder.File("t-1.tar")]);
        CollectionAssert.AreEqual(new[] { "9", "10" }, shards.Classes.ToArray());
        CollectionAssert.AreEqual(new[] { "t-0.tar:a/1.png 1", "t-0.tar:2.PNG 0", $"t-1.tar:{deep}.jpeg 0" }, Enumerable.Range(0, shards.Count).Select(i => $"{shards.RelativeName(i)} {shards.Label(i)}").ToArray());
        Assert.AreEqual(folder.File("t-0.tar") + ":2.PNG", shards.Name(1));
        Parallel.For(0, 60, i => CollectionAssert.AreEqual(Pixels(i % 3 + 1), shards.Load(i % 3).Pixels));
    }

    [TestMethod]
    public void ClassesFileNamesNumbers()
    {
        using TemporaryFolder folder = Given.Folder();
        Write(folder.File("t.tar"), TarEntryFormat.Ustar, ("1.png", Picture(1)), ("1.cls", "2"u8.ToArray()), ("2.png", Picture(2)), ("2.cls", "owl"u8.ToArray()));
        File.WriteAllText(folder.File("classes.txt"), "zebra\r\nowl\r\nant\r\n\r\n");
        TarShards shards = TarShards.Open([folder.File("t.tar")]);
        CollectionAssert.AreEqual(new[] { "zebra", "owl", "ant" }, shards.Classes.ToArray());
        Assert.AreEqual((2, 1), (shards.Label(0), shards.Label(1)));

        File.WriteAllText(folder.File("classes.txt"), "zebra\nowl\n");
        Assert.Contains("t.tar:1.png: its label '2'", Refused(folder.File("t.tar")));
        File.WriteAllText(folder.File("classes.txt"), "zebra\nant\ncat\n");
        Assert.Contains("its label 'owl'", Refused(folder.File("t.tar")));
        File.WriteAllText(folder.File("classes.txt"), "zebra\n\ncat\n");
        Assert.Contains("line 2 is empty", Refused(folder.File("t.tar")));
        File.WriteAllText(folder.File("classes.txt"), "owl\ncat\nowl\n");
        Assert.Contains("names 'owl' twice", Refused(folder.File("t.tar")));
    }

    [TestMethod]
    public void EachMistakeNamesShardAndEntry()
    {
        using TemporaryFolder folder = Given.Folder();
        string path = folder.File("t.tar");
        byte[] a = "a"u8.ToArray();
        Assert.Contains("no-such.tar", Assert.ThrowsExactly<FileNotFoundException>(() => TarShards.Open([folder.File("no-such.tar")])).Message);
        Assert.ThrowsExactly<ArgumentException>(() => TarShards.Open([]));
        Assert.Contains($"{path}:2.png: the picture has no label: add an entry '2.cls'", Case(("1.png", Picture(1)), ("1.cls", a), ("2.png", Picture(2))));
        Assert.Contains($"{path}:2.cls: the label has no picture", Case(("1.png", Picture(1)), ("1.cls", a), ("2.cls", a)));
        Assert.Contains($"{path}:1.jpg: the shard has two pictures", Case(("1.png", Picture(1)), ("1.jpg", Picture(1)), ("1.cls", a)));
        Assert.Contains($"{path}:1.cls: the shard has two labels", Case(("1.cls", a), ("1.cls", a), ("1.png", Picture(1))));
        Assert.Contains($"{path}:1.cls: the label is empty", Case(("1.png", Picture(1)), ("1.cls", "  \n"u8.ToArray())));
        Assert.Contains($"{path}:1.cls: a label of 2000 bytes", Case(("1.png", Picture(1)), ("1.cls", new byte[2000])));
        Assert.Contains($"{path}:1.cls: a label of 0 bytes", Case(("1.png", Picture(1)), ("1.cls", [])));
        Assert.Contains("one class only ('a')", Case(("1.png", Picture(1)), ("1.cls", a)));
        Assert.Contains("holds no pictures", Case(("readme.txt", a)));

        string Case(params (string, byte[])[] entries)
        {
            Write(path, TarEntryFormat.Ustar, entries);
            return Refused(path);
        }
    }

    [TestMethod]
    public void ACutShardIsRefusedWhereverItIsCut()
    {
        using TemporaryFolder folder = Given.Folder();
        string path = folder.File("t.tar");
        Write(path, TarEntryFormat.Pax, ("1.png", Picture(1)), ("1.cls", "a"u8.ToArray()), ("2.png", Picture(2)), ("2.cls", "b"u8.ToArray()));
        byte[] whole = File.ReadAllBytes(path);
        Assert.AreEqual(2, TarShards.Open([path]).Count);
        for (int length = 0; length < whole.Length - 1024; length += length % 512 == 0 ? 100 : 412)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Contains($"The shard '{path}' is", Refused(path), $"{length} of {whole.Length} bytes");
        }
    }

    [TestMethod]
    public void DamagedShardsGiveTypedErrors()
    {
        using TemporaryFolder folder = Given.Folder();
        string path = folder.File("t.tar");
        var originals = new List<byte[]>();
        foreach (TarEntryFormat format in new[] { TarEntryFormat.Ustar, TarEntryFormat.Pax, TarEntryFormat.Gnu })
        {
            Write(path, format, (format == TarEntryFormat.Ustar ? "1.png" : new string('k', 200) + ".png", Picture(1)), (format == TarEntryFormat.Ustar ? "1.cls" : new string('k', 200) + ".cls", "3"u8.ToArray()), ("2.png", Picture(2)), ("2.cls", "5"u8.ToArray()));
            originals.Add(File.ReadAllBytes(path));
        }
        var random = new Random(12);
        int refused = 0, broken = 0;
        for (int i = 0; i < 1500; i++)
        {
            byte[] damaged = [.. originals[i % 3]];
            int at = random.Next(damaged.Length / 512) * 512;
            for (int n = random.Next(1, 4); n > 0; n--)
                damaged[at + (random.Next(2) == 0 ? 124 + random.Next(12) : random.Next(512))] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)('0' + random.Next(8));
            if (i % 2 == 0)
                FixChecksum(damaged.AsSpan(at, 512));
            File.WriteAllBytes(path, damaged);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                TarShards shards = TarShards.Open([path]);
                for (int picture = 0; picture < shards.Count; picture++)
                    shards.Load(picture);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
            catch (ImageFormatException)
            {
                broken++;
            }
            Assert.IsLessThan(8 << 20, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.IsGreaterThan(300, refused);
        Assert.IsGreaterThan(30, broken);

        // A long-name header that claims two gigabytes is refused before anything is allocated.
        byte[] huge = [.. originals[2]];
        Assert.AreEqual((byte)'L', huge[156]);
        Encoding.ASCII.GetBytes("17777777777").CopyTo(huge, 124);
        FixChecksum(huge.AsSpan(0, 512));
        File.WriteAllBytes(path, huge);
        Assert.Contains("extended header", Refused(path));
    }

    [TestMethod]
    public void AShardThatShrinksIsAnErrorOfItsPicture()
    {
        using TemporaryFolder folder = Given.Folder();
        string path = folder.File("t.tar");
        Write(path, TarEntryFormat.Ustar, ("1.png", Picture(1)), ("1.cls", "a"u8.ToArray()), ("2.cls", "b"u8.ToArray()), ("2.png", "junk"u8.ToArray()));
        TarShards shards = TarShards.Open([path]);
        Assert.StartsWith(path + ":2.png: ", Assert.ThrowsExactly<ImageFormatException>(() => shards.Load(1)).Message);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..600]);
        Assert.StartsWith(path + ":1.png: ", Assert.ThrowsExactly<EndOfStreamException>(() => shards.Load(0)).Message);
    }

    [TestMethod]
    public void PatternsStandForShards()
    {
        using TemporaryFolder folder = Given.Folder();
        for (int i = 8; i < 12; i++)
            Write(folder.File($"t-{i:000}.tar"), TarEntryFormat.Ustar, ("1.png", Picture(i)), ("1.cls", Encoding.ASCII.GetBytes($"{i}")));
        string[] expected = [.. Enumerable.Range(8, 4).Select(i => folder.File($"t-{i:000}.tar"))];
        CollectionAssert.AreEqual(expected, ShardPattern.Expand(folder.File("t-{008..011}.tar")));
        CollectionAssert.AreEqual(expected, ShardPattern.Expand(folder.File("t-*.tar")));
        CollectionAssert.AreEqual(expected[..2], ShardPattern.Expand(folder.File("t-00?.tar")));
        CollectionAssert.AreEqual(new[] { "x9", "x10" }, ShardPattern.Expand("x{9..10}"));
        foreach (string open in new[] { folder.File("t-{008..011}.tar"), folder.File("*.tar"), folder.Path })
        {
            PictureSet set = PictureSet.Open(open);
            Assert.AreEqual(4, set.Count);
            CollectionAssert.AreEqual(Pixels(11), set.Load(3).Pixels);
        }
        Assert.AreEqual(2, PictureSet.Open(expected[..2]).Count);
        foreach (string wrong in new[] { "t-{1.tar", "t-{1..x}.tar", "t-{5..1}.tar", "{1..2}{1..2}", "{0..9999999}", "{-1..2}" })
            Assert.ThrowsExactly<InvalidDataException>(() => ShardPattern.Expand(wrong), wrong);
        Assert.ThrowsExactly<InvalidDataException>(() => ShardPattern.Expand(folder.File("*/t.tar")));
        Assert.ThrowsExactly<FileNotFoundException>(() => PictureSet.Open(folder.File("z-*.tar")));
        Assert.Contains("t-012.tar", Assert.ThrowsExactly<FileNotFoundException>(() => PictureSet.Open(folder.File("t-{008..012}.tar"))).Message);
    }

    internal static void Write(string path, TarEntryFormat format, params (string Name, byte[] Content)[] entries)
    {
        using var writer = new TarWriter(File.Create(path), format);
        foreach ((string name, byte[] content) in entries)
        {
            TarEntry entry = format switch
            {
                TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, name),
                TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name),
                _ => new UstarTarEntry(TarEntryType.RegularFile, name),
            };
            entry.DataStream = new MemoryStream(content);
            writer.WriteEntry(entry);
        }
    }

    internal static byte[] Picture(int seed) => PngEncoder.Encode(new RgbImage(18, 18, Pixels(seed)));

    private static byte[] Pixels(int seed)
    {
        var pixels = new byte[18 * 18 * 3];
        new Random(seed).NextBytes(pixels);
        return pixels;
    }

    private static string Refused(string path) => Assert.ThrowsExactly<InvalidDataException>(() => TarShards.Open([path])).Message;

    private static void FixChecksum(Span<byte> header)
    {
        header.Slice(148, 8).Fill((byte)' ');
        int sum = 0;
        foreach (byte value in header)
            sum += value;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header.Slice(148, 8));
    }
}
