namespace AlexNetMl.Imaging.Tests;

[TestClass]
public sealed class ImageFileTests
{
    [TestMethod]
    public void Loads_by_content_not_by_name()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("imaging").FullName, "picture.jpg");
        File.WriteAllBytes(path, TestPictures.Read("rgb.png"));
        CollectionAssert.AreEqual(ImageDecoders.Default.Decode(TestPictures.Read("rgb.png")).Pixels, ImageFile.Load(path).Pixels);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [TestMethod]
    public void Errors_name_the_file()
    {
        var folder = Directory.CreateTempSubdirectory("imaging").FullName;
        var text = Path.Combine(folder, "text.png");
        File.WriteAllText(text, "hello world");
        var empty = Path.Combine(folder, "empty.jpg");
        File.WriteAllBytes(empty, []);
        var missing = Path.Combine(folder, "missing.jpg");
        Assert.AreEqual($"{text}: not a JPEG, PNG, WebP, GIF or BMP picture (starts with \"hello wo\")", Assert.ThrowsExactly<ImageFormatException>(() => ImageFile.Load(text)).Message);
        StringAssert.StartsWith(Assert.ThrowsExactly<ImageFormatException>(() => ImageFile.Load(empty)).Message, $"{empty}: the file is empty");
        StringAssert.Contains(Assert.ThrowsExactly<FileNotFoundException>(() => ImageFile.Load(missing)).Message, missing);
        Directory.Delete(folder, recursive: true);
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [Timeout(20_000)]
    public void What_is_no_file_is_refused_without_waiting_for_it()
    {
        var folder = Directory.CreateTempSubdirectory("imaging");
        try
        {
            var pipe = Path.Combine(folder.FullName, "pipe.png");
            using (var make = System.Diagnostics.Process.Start("mkfifo", pipe))
            {
                make.WaitForExit();
            }

            var (device, circle, link) = (Path.Combine(folder.FullName, "zero.png"), Path.Combine(folder.FullName, "circle.png"), Path.Combine(folder.FullName, "link.png"));
            File.CreateSymbolicLink(device, "/dev/zero");
            File.CreateSymbolicLink(circle, "circle.png");
            foreach (var path in new[] { pipe, device })
            {
                StringAssert.Contains(Assert.ThrowsExactly<ImageFormatException>(() => ImageFile.Load(path)).Message, "a pipe, a socket or a device", path);
            }

            StringAssert.Contains(Assert.ThrowsExactly<ImageFormatException>(() => ImageFile.Load(folder.FullName)).Message, "this is a folder");
            Assert.Throws<IOException>(() => ImageFile.Load(circle));
            File.WriteAllBytes(Path.Combine(folder.FullName, "picture"), TestPictures.Read("rgb.png"));
            File.CreateSymbolicLink(link, "picture");
            Assert.AreEqual(45, ImageFile.Load(link).Width);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
