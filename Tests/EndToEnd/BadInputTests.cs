using AlexNetMl.Imaging;

namespace AlexNetMl.EndToEnd.Tests;

/// <summary>Each one clear sentence, exit code 1 or 2, and no half-written file left behind.</summary>
[TestClass]
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void A_truncated_JPEG()
    {
        DrawnPictures.Write(_folder["pictures"], perClass: 20, seed: 1);
        byte[] jpeg = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "baseline-420.jpg"));
        File.WriteAllBytes(_folder["pictures/disc/broken.jpg"], jpeg[..(jpeg.Length / 2)]);
        Fails(1, ["--data", _folder["pictures"]], "broken.jpg");
    }

    [TestMethod]
    public void A_text_file_named_png()
    {
        DrawnPictures.Write(_folder["pictures"], perClass: 20, seed: 1);
        File.WriteAllText(_folder["pictures/lying/notes.png"], "these are my notes");
        Fails(1, ["--data", _folder["pictures"]], "notes.png");
    }

    [TestMethod]
    public void A_PNG_header_of_60000_by_60000()
    {
        DrawnPictures.Write(_folder["pictures"], perClass: 20, seed: 1);
        byte[] png = PngEncoder.EncodeGray(8, 8, new byte[64]);
        new byte[] { 0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60 }.CopyTo(png, 16);
        File.WriteAllBytes(_folder["pictures/standing/huge.png"], png);
        Fails(1, ["--data", _folder["pictures"]], "huge.png", "60000");
    }

    [TestMethod]
    public void An_empty_class_folder()
    {
        DrawnPictures.Write(_folder["pictures"], perClass: 20, seed: 1);
        Directory.CreateDirectory(_folder["pictures/nothing"]);
        Fails(1, ["--data", _folder["pictures"]], "nothing");
    }

    [TestMethod]
    public void One_class_only()
    {
        DrawnPictures.Write(_folder["pictures"], perClass: 20, seed: 1);
        Directory.Delete(_folder["pictures/disc"], recursive: true);
        Directory.Delete(_folder["pictures/lying"], recursive: true);
        Fails(1, ["--data", _folder["pictures"]], "standing");
    }

    [TestMethod]
    public void An_output_folder_that_cannot_be_written()
    {
        DrawnPictures.Write(_folder["pictures"], perClass: 20, seed: 1);
        File.WriteAllText(_folder["file"], "in the way");
        var run = ConsoleProcess.Quickstart("--data", _folder["pictures"], "--out", _folder["file/out"]);
        Assert.AreEqual(1, run.ExitCode, run.ToString());
        Assert.HasCount(1, run.Errors, run.ToString());
        StringAssert.Contains(run.Errors[0], _folder["file/out"]);
        Assert.AreEqual("in the way", File.ReadAllText(_folder["file"]));
    }

    [TestMethod]
    public void A_data_folder_that_is_not_there() => Fails(1, ["--data", _folder["nowhere"]], "nowhere");

    [TestMethod]
    public void A_wrong_option() => Fails(2, ["--epoch", "3"], "--epoch");

    [TestMethod]
    public void A_wrong_value() => Fails(2, ["--epochs", "0"], "--epochs");

    [TestMethod]
    public void CUDA_asked_for_where_there_is_none()
    {
        if (TorchSharp.torch.cuda.is_available())
        {
            Assert.Inconclusive("This machine has CUDA.");
        }

        DrawnPictures.Write(_folder["pictures"], perClass: 20, seed: 1);
        Fails(1, ["--data", _folder["pictures"], "--side", "28", "--device", "cuda:0"], "cuda");
    }

    private void Fails(int exitCode, string[] arguments, params string[] named)
    {
        string output = _folder["out"];
        var run = ConsoleProcess.Quickstart([.. arguments, "--out", output]);
        Assert.AreEqual(exitCode, run.ExitCode, run.ToString());
        Assert.HasCount(1, run.Errors, run.ToString());
        StringAssert.StartsWith(run.Errors[0], "error: ");
        foreach (string name in named)
        {
            Assert.Contains(name, run.Errors[0], StringComparison.OrdinalIgnoreCase);
        }

        Assert.IsFalse(Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any(), "something was left in the output folder");
    }
}
