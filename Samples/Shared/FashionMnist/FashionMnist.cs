using System.Globalization;
using AlexNetMl.Imaging;

namespace AlexNetMl.Samples;

/// <summary>Which pictures of Fashion-MNIST.</summary>
[Flags]
public enum FashionMnistSets
{
    None = 0,

    /// <summary>Those to train on.</summary>
    Training = 1,

    /// <summary>Those to measure on.</summary>
    Test = 2,

    /// <summary>Both.</summary>
    All = Training | Test,
}

/// <summary>
/// Fashion-MNIST as folders of PNG files: the whole of it (60,000 + 10,000) where Debian's package dataset-fashion-mnist is installed,
/// else the part that ships with the samples (10,000 + 2,000).
/// </summary>
public static class FashionMnist
{
    private const string DebianFolder = "/usr/share/datasets/fashion-mnist";
    private const string CompleteMark = ".complete";

    /// <summary>Class names in the order of the data set's label numbers.</summary>
    public static IReadOnlyList<string> Classes { get; } =
        ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot"];

    private static bool Installed => File.Exists(Path.Combine(DebianFolder, "train-images-idx3-ubyte.gz"));

    /// <summary>Writes <paramref name="folder"/>/{train,test}/CLASS/NUMBER.png, or keeps what an earlier run completed there.</summary>
    /// <param name="folder">The folder, made if it is not there.</param>
    /// <param name="progress">Told lines for a person.</param>
    /// <param name="sets">Which pictures.</param>
    /// <param name="shippedPart">Take the part that ships with the samples also where the whole of it is installed.</param>
    /// <param name="cancellationToken">Stops; a set that is half written goes away.</param>
    /// <returns>What the pictures are, for people.</returns>
    public static string WriteFolders(
        string folder, IProgress<string> progress, FashionMnistSets sets = FashionMnistSets.All, bool shippedPart = false, CancellationToken cancellationToken = default)
    {
        bool whole = Installed && !shippedPart;
        string description = Describe(whole, sets);
        (FashionMnistSets Set, string Source, string Target)[] wanted = [.. new[]
        {
            (FashionMnistSets.Training, SetFile(whole, FashionMnistSets.Training), Path.Combine(folder, "train")),
            (FashionMnistSets.Test, SetFile(whole, FashionMnistSets.Test), Path.Combine(folder, "test")),
        }.Where(set => sets.HasFlag(set.Item1))];

        string Mark(FashionMnistSets set) => Describe(whole, set);
        var missing = wanted.Where(set => !IsComplete(set.Target, Mark(set.Set))).ToArray();
        progress.Report(missing.Length == 0 ? $"pictures: {description}, kept from an earlier run in {folder}" : $"pictures: writing {description} to {folder}");
        foreach (var (set, source, target) in missing)
        {
            string partial = target + ".partial";
            DeleteFolder(partial);
            try
            {
                WriteSet(source, partial, cancellationToken);
                File.WriteAllText(Path.Combine(partial, CompleteMark), Mark(set));
                DeleteFolder(target);
                Directory.Move(partial, target);
            }
            catch
            {
                DeleteFolder(partial);
                throw;
            }
        }

        return description;
    }

    /// <summary>The training pictures as bytes, [count, height, width] gray, and their label numbers.</summary>
    /// <exception cref="InvalidDataException">The files are damaged.</exception>
    public static (byte[] Images, byte[] Labels, int Height, int Width) ReadTraining() => ReadSet(SetFile(Installed, FashionMnistSets.Training));

    private static string Describe(bool whole, FashionMnistSets sets)
    {
        string count = sets switch
        {
            FashionMnistSets.All => whole ? "60,000 + 10,000" : "10,000 + 2,000",
            FashionMnistSets.Test => whole ? "10,000 test" : "2,000 test",
            _ => whole ? "60,000 training" : "10,000 training",
        };
        return whole
            ? $"Fashion-MNIST, {count} images"
            : $"the first {count} images of Fashion-MNIST (Debian's package dataset-fashion-mnist holds all 70,000)";
    }

    private static string SetFile(bool whole, FashionMnistSets set)
    {
        string source = whole ? DebianFolder : Path.Combine(AppContext.BaseDirectory, "data");
        return Path.Combine(source, set == FashionMnistSets.Training ? (whole ? "train" : "train-10000") : whole ? "t10k" : "t10k-2000");
    }

    private static bool IsComplete(string folder, string mark) =>
        File.Exists(Path.Combine(folder, CompleteMark)) && File.ReadAllText(Path.Combine(folder, CompleteMark)) == mark;

    private static (byte[] Images, byte[] Labels, int Height, int Width) ReadSet(string source)
    {
        var (images, dimensions) = IdxFile.Read($"{source}-images-idx3-ubyte.gz", rank: 3);
        var (labels, labelDimensions) = IdxFile.Read($"{source}-labels-idx1-ubyte.gz", rank: 1);
        if (labelDimensions[0] != dimensions[0])
        {
            throw new InvalidDataException($"{source}: {dimensions[0]} images but {labelDimensions[0]} labels; install the data set again.");
        }

        return labels.Any(label => label >= Classes.Count)
            ? throw new InvalidDataException($"{source}: label {labels.Max()} is not one of 0 to {Classes.Count - 1}; install the data set again.")
            : (images, labels, dimensions[1], dimensions[2]);
    }

    private static void WriteSet(string source, string folder, CancellationToken cancellationToken)
    {
        var (images, labels, height, width) = ReadSet(source);
        foreach (string name in Classes)
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
        }

        Parallel.For(0, labels.Length, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            byte[] png = PngEncoder.EncodeGray(width, height, images.AsSpan(i * width * height, width * height));
            File.WriteAllBytes(Path.Combine(folder, Classes[labels[i]], string.Create(CultureInfo.InvariantCulture, $"{i:D5}.png")), png);
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
