using System.Formats.Tar;
using AlexNetMl.Imaging;

namespace AlexNetMl.Training.Tests;

[TestClass]
public sealed class PictureSetTests
{
    [TestMethod]
    public void OpenTakesWhatIsThere()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder pictures = Given.TwoClasses(folder.File("pictures"), 2);
        File.WriteAllLines(folder.File("list.csv"), pictures.Images.Select(image => $"{Path.GetRelativePath(folder.Path, image.Path)},{pictures.Classes[image.Label]}"));
        TarShardsTests.Write(folder.File("t.tar"), TarEntryFormat.Ustar, ("1.png", TarShardsTests.Picture(1)), ("1.cls", "0"u8.ToArray()), ("2.png", TarShardsTests.Picture(2)), ("2.cls", "1"u8.ToArray()));
        PictureCache.Build(pictures, Given.SmallPictures, folder.File("cache")).Dispose();
        Assert.IsInstanceOfType<ImageFolder>(PictureSet.Open(folder.File("pictures")));
        Assert.IsInstanceOfType<Manifest>(PictureSet.Open(folder.File("list.csv")));
        Assert.IsInstanceOfType<TarShards>(PictureSet.Open(folder.File("t.tar")));
        using (var cache = (PictureCache)PictureSet.Open(folder.File("cache")))
            Assert.AreEqual(4, cache.Count);
        File.Delete(folder.File("cache/cache.json"));
        Assert.Contains("no finished picture cache", Assert.ThrowsExactly<InvalidDataException>(() => PictureSet.Open(folder.File("cache"))).Message);
        Assert.Contains("does not exist", Assert.ThrowsExactly<FileNotFoundException>(() => PictureSet.Open(folder.File("nothing"))).Message);
        File.WriteAllText(folder.File("a.txt"), "");
        Assert.Contains("none of .csv, .tsv, .tar", Assert.ThrowsExactly<InvalidDataException>(() => PictureSet.Open(folder.File("a.txt"))).Message);
    }

    [TestMethod]
    public void FingerprintsTellDataNotPlaces()
    {
        using TemporaryFolder here = Given.Folder(), there = Given.Folder();
        ImageFolder a = Given.TwoClasses(here.Path, 3), b = Given.TwoClasses(there.File("deeper"), 3);
        Assert.AreEqual(64, a.Fingerprint.Length);
        Assert.AreEqual(a.Fingerprint, b.Fingerprint);
        Assert.AreEqual("dark/0001.png", a.RelativeName(1));
        Assert.AreEqual(a.Fingerprint, ImageFolder.Scan(here.Path + "/").Fingerprint);
        Assert.AreEqual(a.Fingerprint, new ImageFolder(a.Classes, a.Images).Fingerprint);

        var others = new HashSet<string> { a.Fingerprint };
        Assert.IsTrue(others.Add(new ImageFolder(["dark", "bright"], a.Images).Fingerprint), "class names");
        Assert.IsTrue(others.Add(new ImageFolder(a.Classes, [.. a.Images.Skip(1)]).Fingerprint), "pictures");
        Assert.IsTrue(others.Add(new ImageFolder(a.Classes, [.. a.Images.Reverse()]).Fingerprint), "order");
        Assert.IsTrue(others.Add(new ImageFolder(a.Classes, [a.Images[0] with { Label = 1 }, .. a.Images.Skip(1)]).Fingerprint), "labels");
        (PictureSet training, PictureSet held) = ((PictureSet)a).Split(2, 5);
        Assert.IsTrue(others.Add(training.Fingerprint));
        Assert.IsTrue(others.Add(held.Fingerprint));
        Assert.AreEqual(training.Fingerprint, a.Split(2, 5).Training.Fingerprint);
        Assert.AreEqual(training.Fingerprint, ((PictureSet)b).Split(2, 5).Training.Fingerprint);
    }

    [TestMethod]
    public void SplitIsAViewOfEverySource()
    {
        using TemporaryFolder folder = Given.Folder();
        PictureSet pictures = Given.TwoClasses(folder.Path, 10);
        (PictureSet training, PictureSet held) = pictures.Split(6, 1);
        Assert.AreEqual((14, 6), (training.Count, held.Count));
        Assert.AreEqual(3, Enumerable.Range(0, 6).Count(i => held.Label(i) == 1));
        CollectionAssert.AreEquivalent(
            Enumerable.Range(0, 20).Select(pictures.Name).ToArray(), Enumerable.Range(0, 14).Select(training.Name).Concat(Enumerable.Range(0, 6).Select(held.Name)).ToArray());
        for (int i = 0; i < held.Count; i++)
        {
            int whole = Enumerable.Range(0, 20).First(k => pictures.Name(k) == held.Name(i));
            Assert.AreEqual((pictures.Label(whole), pictures.RelativeName(whole)), (held.Label(i), held.RelativeName(i)));
            CollectionAssert.AreEqual(pictures.Load(whole).Pixels, held.Load(i).Pixels);
        }
        CollectionAssert.AreEqual(
            ((ImageFolder)pictures).Split(6, 1).HeldOut.Images.Select(image => image.Path).ToArray(), Enumerable.Range(0, 6).Select(held.Name).ToArray());
        (PictureSet inner, _) = training.Split(2, 1);
        Assert.AreEqual(12, inner.Count);
        Assert.Contains("take 1 to 18", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pictures.Split(19, 1)).Message);
    }

    [TestMethod]
    public void OtherClassesAreListed()
    {
        PictureSet.RequireSameClasses(Made("a", "b"), Made("a", "b"));
        string both = Differ(Made("a", "b", "c"), Made("a", "x"));
        Assert.Contains("lack 'b', 'c'", both);
        Assert.Contains("have 'x' besides", both);
        Assert.Contains("2 classes, the training pictures 3", both);
        Assert.Contains("another order, from label 1 on", Differ(Made("a", "b", "c"), Made("a", "c", "b")));
        Assert.Contains("and 3 more", Differ(Made("a", "b"), Made("1", "2", "3", "4", "5", "6", "7", "8")));

        static string Differ(PictureSet training, PictureSet validation) =>
            Assert.ThrowsExactly<ArgumentException>(() => PictureSet.RequireSameClasses(training, validation)).Message;

        static ImageFolder Made(params string[] classes) => new(classes, [new LabeledImage("x.png", 0)]);
    }
}
