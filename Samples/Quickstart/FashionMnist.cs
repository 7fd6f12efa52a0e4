using AlexNetMl.Imaging;

namespace AlexNetMl.Samples.Quickstart;

/// <summary>
/// Fashion-MNIST as folders of PNG files: the whole of it (60,000 + 10,000) where Debian's package dataset-fashion-mnist is installed,
/// else the part that ships with this sample (10,000 + 2,000).
/// </summary>
internal static class FashionMnist
{
    private const string DebianFolder = "/usr/share/datasets/fashion-mnist";
    private const string CompleteMark = ".complete";

    /// <summary>Class names in the order of the data set's label numbers.</summary>
    private static readonly string[] Classes =
        ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot"];

    /// <summary>Writes <paramref name="folder"/>/{train,test}/CLASS/NUMBER.png, or keeps what an earlier run completed there.</summary>
    /// <returns>What the pictures are, for people.</returns>
    public static string WriteFolders(string folder, IProgress<string> progress, CancellationToken cancellationToken)
    {
        bool whole = File.Exists(Path.Combine(DebianFolder, "train-images-idx3-ubyte.gz"));
        string source = whole ? DebianFolder : Path.Combine(AppContext.BaseDirectory, "data");
        string description = whole
            ? "Fashion-MNIST, 60,000 + 10,000 images"
            : "the first 10,000 + 2,000 images of Fashion-MNIST (Debian's package dataset-fashion-mnist holds all 70,000)";
        string mark = Path.Combine(folder, CompleteMark);
        if (File.Exists(mark) && File.ReadAllText(mark) == description)
        {
            progress.Report($"pictures: {description}, kept from an earlier run in {folder}");
            return description;
        }

        progress.Report($"pictures: writing {description} to {folder}");
        string partial = folder + ".partial";
        DeleteFolder(partial);
        try
        {
            WriteSet(Path.Combine(source, whole ? "train" : "train-10000"), Path.Combine(partial, "train"), cancellationToken);
            WriteSet(Path.Combine(source, whole ? "t10k" : "t10k-2000"), Path.Combine(partial, "test"), cancellationToken);
            File.WriteAllText(Path.Combine(partial, CompleteMark), description);
            DeleteFolder(folder);
            Directory.Move(partial, folder);
        }
        catch
        {
            DeleteFolder(partial);
            throw;
        }

        return description;
    }

    private static void WriteSet(string source, string folder, CancellationToken cancellationToken)
    {
        var (images, dimensions) = IdxFile.Read($"{source}-images-idx3-ubyte.gz", rank: 3);
        var (labels, labelDimensions) = IdxFile.Read($"{source}-labels-idx1-ubyte.gz", rank: 1);
        int count = dimensions[0], height = dimensions[1], width = dimensions[2];
        if (labelDimensions[0] != count)
        {
            throw new InvalidDataException($"{source}: {count} images but {labelDimensions[0]} labels; install the data set again.");
        }

        foreach (string name in Classes)
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
        }

        Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            int label = labels[i];
            if (label >= Classes.Length)
            {
                throw new InvalidDataException($"{source}: label {label} of image {i} is not one of 0 to {Classes.Length - 1}; install the data set again.");
            }

            byte[] png = PngEncoder.EncodeGray(width, height, images.AsSpan(i * width * height, width * height));
            File.WriteAllBytes(Path.Combine(folder, Classes[label], $"{i:D5}.png"), png);
        });
    }

    private static void DeleteFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
