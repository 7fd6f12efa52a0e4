namespace AlexNetMl.Training.Tests;

[TestClass]
public sealed class ManifestTests
{
    [TestMethod]
    [DataRow("list.csv", "path,label\na.png,cat\nsub/b.png,dog\n")]
    [DataRow("list.csv", "Label , split, PATH\r\ncat,train, a.png\r\n\r\ndog,train,sub/b.png")]
    [DataRow("list.csv", "a.png,cat\n\"sub/b.png\",\"dog\"\n")]
    [DataRow("list.tsv", "label\tpath\ncat\ta.png\ndog\tsub/b.png\n")]
    [DataRow("list.TSV", "a.png\tcat\nsub/b.png\tdog\n")]
    [DataRow("list.csv", "\ufeffpath,label\na.png,cat\nsub/b.png,dog\n")]
    public void ColumnsStandInAnyOrder(string name, string text)
    {
        using TemporaryFolder folder = WithPictures();
        File.WriteAllText(folder.File(name), text);
        Manifest manifest = Manifest.Read(folder.File(name));
        CollectionAssert.AreEqual(new[] { "cat", "dog" }, manifest.Classes.ToArray());
        Assert.AreEqual(2, manifest.Count);
        Assert.AreEqual((0, "a.png"), (manifest.Label(0), manifest.RelativeName(0)));
        Assert.AreEqual((1, "sub/b.png"), (manifest.Label(1), manifest.RelativeName(1)));
        Assert.AreEqual(folder.File("a.png"), manifest.Name(0));
        Assert.AreEqual(18, manifest.Load(1).Width);
    }

    [TestMethod]
    public void LabelsAreSortedAsNumbersOrByOrdinal()
    {
        using TemporaryFolder folder = WithPictures();
        CollectionAssert.AreEqual(new[] { "-1", "2", "10" }, Read("a.png,10\nsub/b.png,2\na.png,-1\na.png,02\n").Classes.ToArray());
        CollectionAssert.AreEqual(new[] { "10", "2", "B", "a" }, Read("a.png,10\nsub/b.png,2\na.png,a\na.png,B\n").Classes.ToArray());
        Assert.AreEqual(1, Read("a.png,2\nsub/b.png,10\n").Label(1));

        Manifest Read(string text)
        {
            File.WriteAllText(folder.File("list.csv"), text);
            return Manifest.Read(folder.File("list.csv"));
        }
    }

    [TestMethod]
    [DataRow("", "lists no pictures")]
    [DataRow("path,label\n", "lists no pictures")]
    [DataRow("a.png,cat\nsub/b.png,cat\n", "one class only ('cat')")]
    [DataRow("a.png,cat\n\nsub/b.png\n", "line 3: 1 columns where 2 are expected")]
    [DataRow("a.png,cat,x\n", "line 1: 3 columns")]
    [DataRow("a.png;cat\nsub/b.png;dog\n", "separated by commas")]
    [DataRow("path,label,more\na.png,cat\n", "line 2: 2 columns where 3")]
    [DataRow("a.png,\n", "line 1: the label is empty")]
    [DataRow(",cat\n", "line 1: the path is empty")]
    [DataRow("a.png,cat\n\"sub/b.png,dog\n", "line 2: ")]
    [DataRow("a.png,cat\n\"sub/b\".png,dog\n", "line 2: ")]
    public void BadLinesAreNamed(string text, string message)
    {
        using TemporaryFolder folder = WithPictures();
        File.WriteAllText(folder.File("list.csv"), text);
        string actual = Assert.ThrowsExactly<InvalidDataException>(() => Manifest.Read(folder.File("list.csv"))).Message;
        Assert.Contains(message, actual);
        Assert.Contains(folder.File("list.csv"), actual);
    }

    [TestMethod]
    public void AMissingFileIsNamedWithItsLine()
    {
        using TemporaryFolder folder = WithPictures();
        File.WriteAllText(folder.File("list.csv"), "path,label\na.png,cat\nsub/c.png,dog\n");
        string message = Assert.ThrowsExactly<FileNotFoundException>(() => Manifest.Read(folder.File("list.csv"))).Message;
        Assert.Contains($"{folder.File("list.csv")}, line 3: the picture 'sub/c.png' does not exist", message);
        Assert.Contains("none.csv", Assert.ThrowsExactly<FileNotFoundException>(() => Manifest.Read(folder.File("none.csv"))).Message);
    }

    [TestMethod]
    public void DamagedManifestsGiveTypedErrors()
    {
        using TemporaryFolder folder = WithPictures();
        byte[] text = "path,label\na.png,cat\n\"sub/b.png\",dog\na.png,\"c,d\"\n"u8.ToArray();
        var random = new Random(3);
        int refused = 0, read = 0;
        for (int i = 0; i < 1500; i++)
        {
            byte[] damaged = [.. text];
            for (int n = random.Next(1, 4); n > 0; n--)
                damaged[random.Next(damaged.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : "\",\n\r\t\0 ap"u8[random.Next(9)];
            File.WriteAllBytes(folder.File("x.csv"), damaged);
            try
            {
                Manifest.Read(folder.File("x.csv"));
                read++;
            }
            catch (Exception exception) when (exception is InvalidDataException or FileNotFoundException)
            {
                refused++;
            }
        }
        Assert.IsGreaterThan(50, read);
        Assert.IsGreaterThan(50, refused);

        // An open quote must not swallow a large file.
        File.WriteAllBytes(folder.File("x.csv"), [.. "a.png,cat\n\""u8, .. new byte[8 << 20]]);
        Assert.ThrowsExactly<InvalidDataException>(() => Manifest.Read(folder.File("x.csv")));
    }

    private static TemporaryFolder WithPictures()
    {
        TemporaryFolder folder = Given.Folder();
        Directory.CreateDirectory(folder.File("sub"));
        byte[] picture = PngEncoder18();
        File.WriteAllBytes(folder.File("a.png"), picture);
        File.WriteAllBytes(folder.File("sub/b.png"), picture);
        return folder;
    }

    private static byte[] PngEncoder18() => Imaging.PngEncoder.Encode(new Imaging.RgbImage(18, 18));
}
