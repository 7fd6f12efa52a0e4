using System.Text;

namespace AlexNetMl.Scoring.Tests;

/// <summary>Where a job's pictures come from.</summary>
[TestClass]
public sealed class PictureListTests
{
    [TestMethod]
    public void A_folder_tree_comes_in_ordinal_order()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in (string[])["b/2.JPG", "b/10.jpg", "B/x.png", "a.webp", "a/z.gif", "a/.hidden.jpg", ".cache/1.jpg", "notes.txt", "é/ü.bmp", "b.jpeg"])
        {
            Touch(folder, name);
        }

        string[] sources = [.. PictureList.Open(folder.Path).Read().Select(picture => picture.Source)];
        CollectionAssert.AreEqual(new[] { "B/x.png", "a/z.gif", "a.webp", "b/10.jpg", "b/2.JPG", "b.jpeg", "é/ü.bmp" }, sources);
        Assert.IsTrue(PictureList.Open(folder.Path).Read().All(picture => File.Exists(picture.Path)));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void Links_are_followed_but_not_in_circles()
    {
        using var folder = new TemporaryFolder();
        Touch(folder, "tree/a/1.png");
        Touch(folder, "elsewhere/2.png");
        Directory.CreateSymbolicLink(folder.File("tree/a/linked"), folder.File("elsewhere"));
        Directory.CreateSymbolicLink(folder.File("tree/a/up"), folder.File("tree"));
        Directory.CreateSymbolicLink(folder.File("elsewhere/back"), folder.File("tree/a"));
        string[] sources = [.. PictureList.Open(folder.File("tree")).Read().Select(picture => picture.Source)];
        CollectionAssert.AreEqual(new[] { "a/1.png", "a/linked/2.png" }, sources);
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void Links_are_no_circles_under_other_names_either()
    {
        using var folder = new TemporaryFolder();
        Touch(folder, "x/a/1.png");
        Directory.CreateSymbolicLink(folder.File("x/link"), "../x");
        Directory.CreateSymbolicLink(folder.File("x/a/back"), "../link/a");
        Directory.CreateSymbolicLink(folder.File("root"), folder.File("x/link/a"));
        foreach (string root in (string[])["x/a", "root", "x/link/link/a"])
        {
            CollectionAssert.AreEqual(new[] { "1.png" }, PictureList.Open(folder.File(root)).Read().Select(picture => picture.Source).ToArray(), root);
        }
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void A_folder_that_cannot_be_read_ends_the_list()
    {
        using var folder = new TemporaryFolder();
        Touch(folder, "a.png");

        // Bytes that are no UTF-8 can neither be written nor removed from here.
        Run("mkdir", "$'b\\xff'");
        IOException error = Assert.ThrowsExactly<IOException>(() => PictureList.Open(folder.Path).Read().Count());
        Run("rmdir", "$'b\\xff'");
        Assert.Contains("is not UTF-8, so rename it", error.Message);

        void Run(params string[] command)
        {
            using var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("bash", ["-c", string.Join(' ', command)]) { WorkingDirectory = folder.Path })!;
            shell.WaitForExit();
            Assert.AreEqual(0, shell.ExitCode);
        }
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void A_list_from_a_pipe_is_read_once()
    {
        using var folder = new TemporaryFolder();
        string pipe = folder.File("pipe");
        using (var make = System.Diagnostics.Process.Start("mkfifo", pipe))
        {
            make.WaitForExit();
        }

        PictureList list = PictureList.Open(pipe, root: "/data");
        Assert.IsFalse(list.CanReadAgain);
        using var writer = Task.Run(() => File.WriteAllText(pipe, "a.jpg\nb.jpg\n"));
        CollectionAssert.AreEqual(new[] { "a.jpg", "b.jpg" }, list.Read().Select(picture => picture.Source).ToArray());
        writer.Wait();
    }

    [TestMethod]
    public void A_list_has_a_path_a_line()
    {
        using var folder = new TemporaryFolder();
        string list = folder.File("list.txt");
        File.WriteAllText(list, "\ufeffa b.jpg\r\n\n/x/y.png\nlast,\"q\".jpg");
        ListedPicture[] pictures = [.. PictureList.Open(list).Read()];
        CollectionAssert.AreEqual(new[] { "a b.jpg", "/x/y.png", "last,\"q\".jpg" }, pictures.Select(picture => picture.Source).ToArray());
        Assert.AreEqual(folder.File("a b.jpg"), pictures[0].Path);
        Assert.AreEqual(Path.GetFullPath("/x/y.png"), pictures[1].Path);
        Assert.AreEqual(Path.GetFullPath("/data/a b.jpg"), PictureList.Open(list, root: "/data").Read().First().Path);
    }

    [TestMethod]
    public void A_wrong_file_is_no_list()
    {
        using var folder = new TemporaryFolder();
        string list = folder.File("list.txt");
        File.WriteAllBytes(list, new byte[1 << 20]);
        Assert.Contains("line 1", Assert.ThrowsExactly<InvalidDataException>(() => PictureList.Open(list).Read().Count()).Message.ToLowerInvariant());
    }

    [TestMethod]
    public void A_table_names_its_column()
    {
        using var folder = new TemporaryFolder();
        string table = folder.File("table.csv");
        File.WriteAllText(table, "id,file,note\n1,\"a, \"\"b\"\".jpg\",x\n2,,\"two\nlines\"\n3,c.jpg,\n");
        string[] sources = [.. PictureList.Open(table, column: "file").Read().Select(picture => picture.Source)];
        CollectionAssert.AreEqual(new[] { "a, \"b\".jpg", "", "c.jpg" }, sources);
        Assert.Contains("'id', 'file', 'note'", Assert.ThrowsExactly<InvalidDataException>(() => PictureList.Open(table).Read().Count()).Message);
        File.AppendAllText(table, "4,d.jpg\n");
        Assert.Contains("line 6", Assert.ThrowsExactly<InvalidDataException>(() => PictureList.Open(table, column: "file").Read().Count()).Message);
        string tabs = folder.File("table.tsv");
        File.WriteAllText(tabs, "path\tlabel\na, \"b.jpg\tx\n");
        Assert.AreEqual("a, \"b.jpg", PictureList.Open(tabs).Read().Single().Source);
    }

    [TestMethod]
    public void Options_without_meaning_are_refused()
    {
        using var folder = new TemporaryFolder();
        Touch(folder, "one.jpg");
        Assert.ThrowsExactly<ArgumentException>(() => PictureList.Open(folder.Path, column: "x"));
        Assert.ThrowsExactly<ArgumentException>(() => PictureList.Open(folder.Path, root: "x"));
        Assert.ThrowsExactly<FileNotFoundException>(() => PictureList.Open(folder.File("nothing")));
        Assert.AreEqual("one.jpg", PictureList.Open(folder.File("one.jpg")).Read().Single().Source);
    }

    private static void Touch(TemporaryFolder folder, string name)
    {
        string path = folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, []);
    }
}
