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
}
