using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>A picture file and the index of its class.</summary>
/// <param name="Path">Path of the file.</param>
/// <param name="Label">Index into <see cref="ImageFolder.Classes"/>.</param>
public readonly record struct LabeledImage(string Path, int Label);

/// <summary>Labelled pictures: one folder for each class, as torchvision's ImageFolder has it. Immutable.</summary>
public sealed class ImageFolder : PictureSet
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg"];

    /// <summary>A list made by hand.</summary>
    /// <param name="classes">Class names; a label is an index into them.</param>
    /// <param name="images">The pictures.</param>
    /// <exception cref="ArgumentException">Fewer than two classes, no picture, or a label outside the classes.</exception>
    public ImageFolder(IReadOnlyList<string> classes, IReadOnlyList<LabeledImage> images)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(images);
        if (classes.Count < 2)
            throw new ArgumentException($"{classes.Count} classes: telling pictures apart takes at least 2.", nameof(classes));
        if (images.Count == 0)
            throw new ArgumentException("No pictures: give at least one.", nameof(images));
        foreach (LabeledImage image in images)
        {
            if ((uint)image.Label >= (uint)classes.Count)
                throw new ArgumentException($"{image.Path}: label {image.Label} is outside 0 … {classes.Count - 1}.", nameof(images));
        }
        Classes = [.. classes];
        Images = [.. images];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes { get; }

    /// <summary>The pictures, class by class and by path within a class as scanned.</summary>
    public IReadOnlyList<LabeledImage> Images { get; }

    /// <inheritdoc/>
    public override int Count => Images.Count;

    /// <inheritdoc/>
    public override int Label(int index) => Images[index].Label;

    /// <inheritdoc/>
    public override string Name(int index) => Images[index].Path;

    /// <inheritdoc/>
    public override RgbImage Load(int index) => ImageFile.Load(Images[index].Path);

    /// <summary>
    /// Lists the .png, .jpg and .jpeg files below each folder of <paramref name="directory"/>. A folder is a class; classes and files are
    /// sorted by ordinal comparison, so that labels are the same on every machine. Names that start with a dot are passed over.
    /// </summary>
    /// <param name="directory">The folder of class folders.</param>
    /// <exception cref="DirectoryNotFoundException"><paramref name="directory"/> does not exist.</exception>
    /// <exception cref="InvalidDataException">It holds no class folder, only one, or one without pictures.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder may not be read.</exception>
    public static ImageFolder Scan(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(directory))
        {
            string what = File.Exists(directory) ? "is a file, not a folder" : "does not exist";
            throw new DirectoryNotFoundException($"The picture folder '{directory}' {what}: give the folder that holds one folder for each class.");
        }
        string[] folders = [.. Directory.GetDirectories(directory).Where(Visible)];
        Array.Sort(folders, static (a, b) => string.CompareOrdinal(Path.GetFileName(a), Path.GetFileName(b)));
        if (folders.Length == 0)
            throw new InvalidDataException($"'{directory}' holds no class folders: put the pictures of each class into a folder of its name.");
        if (folders.Length == 1)
            throw new InvalidDataException($"'{directory}' holds one class only ('{Path.GetFileName(folders[0])}'): telling pictures apart takes at least 2.");

        var classes = new List<string>(folders.Length);
        var images = new List<LabeledImage>();
        foreach (string folder in folders)
        {
            string[] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(IsPicture)];
            if (files.Length == 0)
                throw new InvalidDataException($"The class folder '{folder}' holds no .png, .jpg or .jpeg file: fill it or remove it.");
            Array.Sort(files, StringComparer.Ordinal);
            foreach (string file in files)
                images.Add(new LabeledImage(file, classes.Count));
            classes.Add(Path.GetFileName(folder));
        }
        return new ImageFolder(classes, images);
    }

    /// <summary>
    /// Holds <paramref name="heldOut"/> pictures out, each class in proportion to its size, drawn by <paramref name="seed"/>; every class
    /// keeps at least one picture for training.
    /// </summary>
    /// <param name="heldOut">Number of pictures to hold out.</param>
    /// <param name="seed">Seed of the draw.</param>
    /// <returns>The pictures to train on and those held out, both in the order of <see cref="Images"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="heldOut"/> is below 1 or leaves a class empty.</exception>
    public (ImageFolder Training, ImageFolder HeldOut) Split(int heldOut, long seed)
    {
        int[][] byClass = [.. Enumerable.Range(0, Classes.Count).Select(label => Enumerable.Range(0, Images.Count).Where(i => Images[i].Label == label).ToArray())];
        int most = byClass.Sum(members => Math.Max(0, members.Length - 1));
        if (heldOut < 1 || heldOut > most)
            throw new ArgumentOutOfRangeException(nameof(heldOut), $"{heldOut} pictures held out of {Images.Count} in {Classes.Count} classes: take 1 to {most}, so that every class keeps one.");

        int[] quota = Quotas([.. byClass.Select(members => members.Length)], heldOut);
        var held = new bool[Images.Count];
        for (int label = 0; label < byClass.Length; label++)
        {
            new CounterRandom(seed, RandomStream.Split, 0, label).Shuffle<int>(byClass[label]);
            foreach (int index in byClass[label].AsSpan(0, quota[label]))
                held[index] = true;
        }
        return (new ImageFolder(Classes, [.. Images.Where((_, i) => !held[i])]), new ImageFolder(Classes, [.. Images.Where((_, i) => held[i])]));
    }

    /// <summary>Shares <paramref name="total"/> out in proportion to <paramref name="sizes"/> (largest remainder), at most size − 1 each.</summary>
    private static int[] Quotas(int[] sizes, int total)
    {
        double all = sizes.Sum(size => (double)size);
        double[] exact = [.. sizes.Select(size => total * (size / all))];
        int[] quota = [.. sizes.Select((size, i) => Math.Clamp((int)exact[i], 0, Math.Max(0, size - 1)))];
        while (quota.Sum() < total)
        {
            int neediest = -1;
            for (int i = 0; i < sizes.Length; i++)
            {
                if (quota[i] < sizes[i] - 1 && (neediest < 0 || exact[i] - quota[i] > exact[neediest] - quota[neediest]))
                    neediest = i;
            }
            quota[neediest]++;
        }
        return quota;
    }

    private static bool Visible(string path) => !Path.GetFileName(path).StartsWith('.');

    private static bool IsPicture(string path) => Visible(path) && Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
}
