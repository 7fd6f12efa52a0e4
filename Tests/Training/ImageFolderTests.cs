namespace AlexNetMl.Training.Tests;

[TestClass]
public sealed class ImageFolderTests
{
    [TestMethod]
    public void ClassesAndFilesAreSortedOrdinally()
    {
        using TemporaryFolder folder = Given.Folder();
        foreach (string file in new[] { "b/2.png", "b/10.PNG", "B/1.jpg", "a/x/deep.jpeg", "a/1.png", "a/notes.txt", "a/._1.png", "a/.ipynb_checkpoints/1.png", "a/x/.thumbs/y/1.png", ".hidden/1.png", "readme.png" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File(file))!);
            File.WriteAllBytes(folder.File(file), []);
        }
        ImageFolder scanned = ImageFolder.Scan(folder.Path);
        CollectionAssert.AreEqual(new[] { "B", "a", "b" }, scanned.Classes.ToArray());
        CollectionAssert.AreEqual(
            new[] { "B/1.jpg 0", "a/1.png 1", "a/x/deep.jpeg 1", "b/10.PNG 2", "b/2.png 2" },
            scanned.Images.Select(image => $"{Path.GetRelativePath(folder.Path, image.Path).Replace('\\', '/')} {image.Label}").ToArray());
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void LinksAreFollowedButNotBack()
    {
        using TemporaryFolder folder = Given.Folder();
        foreach (string file in new[] { "set/a/1.png", "set/b/1.png", "elsewhere/2.png" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File(file))!);
            File.WriteAllBytes(folder.File(file), []);
        }
        Directory.CreateSymbolicLink(folder.File("set/a/self"), ".");
        Directory.CreateSymbolicLink(folder.File("set/a/set"), folder.File("set"));
        Directory.CreateSymbolicLink(folder.File("set/loop"), ".");
        Directory.CreateSymbolicLink(folder.File("set/b/more"), "../../elsewhere");
        Directory.CreateSymbolicLink(folder.File("elsewhere/back"), folder.File("set/b"));
        Directory.CreateSymbolicLink(folder.File("link"), "set");
        foreach (string root in new[] { "set", "link" })
        {
            CollectionAssert.AreEqual(
                new[] { "a/1.png", "b/1.png", "b/more/2.png" },
                ImageFolder.Scan(folder.File(root)).Images.Select(image => Path.GetRelativePath(folder.File(root), image.Path)).ToArray());
        }
    }

    [TestMethod]
    public void PartsOfADataSetAreNotClasses()
    {
        using TemporaryFolder folder = Given.Folder();
        foreach (string file in new[] { "set/train/cats/1.png", "set/train/dogs/1.png", "set/Val/cats/1.png", "set/Val/dogs/1.png", "toys/train/1.png", "toys/test/1.png" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File(file))!);
            File.WriteAllBytes(folder.File(file), []);
        }
        Assert.Contains(folder.File("set/train"), Assert.ThrowsExactly<InvalidDataException>(() => ImageFolder.Scan(folder.File("set"))).Message);
        Assert.HasCount(2, ImageFolder.Scan(folder.File("toys")).Classes);
    }

    [TestMethod]
    public void EachMistakeIsOneClearSentence()
    {
        using TemporaryFolder folder = Given.Folder();
        Assert.Contains(folder.File("nowhere"), Assert.ThrowsExactly<DirectoryNotFoundException>(() => ImageFolder.Scan(folder.File("nowhere"))).Message);
        Assert.Contains("no class folders", Assert.ThrowsExactly<InvalidDataException>(() => ImageFolder.Scan(folder.Path)).Message);
        Directory.CreateDirectory(folder.File("cats"));
        File.WriteAllBytes(folder.File("cats/1.png"), []);
        Assert.Contains("'cats'", Assert.ThrowsExactly<InvalidDataException>(() => ImageFolder.Scan(folder.Path)).Message);
        Directory.CreateDirectory(folder.File("dogs"));
        string message = Assert.ThrowsExactly<InvalidDataException>(() => ImageFolder.Scan(folder.Path)).Message;
        Assert.Contains(folder.File("dogs"), message);
        Assert.DoesNotContain('\n', message);
        Assert.Contains("is a file", Assert.ThrowsExactly<DirectoryNotFoundException>(() => ImageFolder.Scan(folder.File("cats/1.png"))).Message);
        Assert.Contains("label 2", Assert.ThrowsExactly<ArgumentException>(() => new ImageFolder(["a", "b"], [new LabeledImage("x.png", 2)])).Message);
        Assert.ThrowsExactly<ArgumentException>(() => new ImageFolder(["a"], [new LabeledImage("x.png", 0)]));
        Assert.ThrowsExactly<ArgumentException>(() => new ImageFolder(["a", "b"], []));
    }

    [TestMethod]
    public void SplitIsStratifiedDisjointAndSeeded()
    {
        ImageFolder folder = Made(100, 50, 10);
        (ImageFolder training, ImageFolder held) = folder.Split(32, seed: 1);
        CollectionAssert.AreEqual(new[] { 20, 10, 2 }, Counts(held));
        Assert.AreEqual(128, training.Images.Count);
        CollectionAssert.AreEquivalent(folder.Images.ToArray(), training.Images.Concat(held.Images).ToArray());
        CollectionAssert.AreEqual(held.Images.ToArray(), folder.Split(32, 1).HeldOut.Images.ToArray());
        CollectionAssert.AreNotEqual(held.Images.ToArray(), folder.Split(32, 2).HeldOut.Images.ToArray());
    }

    [TestMethod]
    public void SplitLeavesEveryClassAPicture()
    {
        ImageFolder folder = Made(5, 2, 1);
        for (int count = 1; count <= 5; count++)
        {
            (ImageFolder training, ImageFolder held) = folder.Split(count, 3);
            Assert.AreEqual(count, held.Images.Count);
            Assert.IsTrue(Counts(training).All(left => left >= 1));
        }
        Assert.Contains("1 to 5", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => folder.Split(6, 3)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => folder.Split(0, 3));
    }

    private static ImageFolder Made(params int[] sizes) =>
        new([.. sizes.Select((_, label) => $"class {label}")], [.. sizes.SelectMany((size, label) => Enumerable.Range(0, size).Select(i => new LabeledImage($"{label}/{i}.png", label)))]);

    private static int[] Counts(ImageFolder folder) => [.. Enumerable.Range(0, folder.Classes.Count).Select(label => folder.Images.Count(image => image.Label == label))];
}
