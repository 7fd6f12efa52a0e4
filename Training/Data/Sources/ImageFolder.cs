using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>A picture file and the index of its class.</summary>
/// <param name="Path">Path of the file.</param>
/// <param name="Label">Index into <see cref="ImageFolder.Classes"/>.</param>
public readonly record struct LabeledImage(string Path, int Label);

/// <summary>Labelled pictures: one folder for each class, as torchvision's ImageFolder has it. Immutable.</summary>
public sealed class ImageFolder : PictureSet
{
    private static readonly string[] Parts = ["train", "training", "val", "valid", "validation", "test", "testing"];

    private readonly string _root;

    /// <summary>A list made by hand.</summary>
    /// <param name="classes">Class names; a label is an index into them.</param>
    /// <param name="images">The pictures.</param>
    /// <exception cref="ArgumentException">Fewer than two classes, no picture, or a label outside the classes.</exception>
    public ImageFolder(IReadOnlyList<string> classes, IReadOnlyList<LabeledImage> images)
        : this(classes, images, null)
    {
    }

    private ImageFolder(IReadOnlyList<string> classes, IReadOnlyList<LabeledImage> images, string? root)
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
        _root = root ?? CommonFolder(images);
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
    public override string RelativeName(int index) => Images[index].Path[_root.Length..].TrimStart('/', '\\').Replace('\\', '/');

    /// <inheritdoc/>
    public override RgbImage Load(int index) => ImageFile.Load(Images[index].Path);

    /// <inheritdoc/>
    public override void Load(int index, ImageBuffer picture) => ImageFile.Load(Images[index].Path, picture);

    /// <summary>
    /// Lists the picture files (<see cref="ImageFile.Extensions"/>) below each folder of <paramref name="directory"/>. A folder is a class; classes and files are
    /// sorted by ordinal comparison, so that labels are the same on every machine. Names that start with a dot are passed over on every level; links to folders are
    /// followed, except back to a folder on the way there.
    /// </summary>
    /// <param name="directory">The folder of class folders.</param>
    /// <exception cref="DirectoryNotFoundException"><paramref name="directory"/> does not exist.</exception>
    /// <exception cref="InvalidDataException">It holds no class folder, only one, one without pictures, or the parts of a data set, such as train and val, in place of classes.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder may not be read.</exception>
    public static ImageFolder Scan(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(directory))
        {
            string what = File.Exists(directory) ? "is a file, not a folder" : "does not exist";
            throw new DirectoryNotFoundException($"The picture folder '{directory}' {what}: give the folder that holds one folder for each class.");
        }
        string root = FolderLinks.RealPath(directory);
        string[] folders = [.. Directory.GetDirectories(directory).Where(folder => Visible(folder) && FolderLinks.RealPath(folder) != root)];
        Array.Sort(folders, static (a, b) => string.CompareOrdinal(Path.GetFileName(a), Path.GetFileName(b)));
        if (folders.Length == 0)
            throw new InvalidDataException($"'{directory}' holds no class folders: put the pictures of each class into a folder of its name.");
        if (folders.Length == 1)
            throw new InvalidDataException($"'{directory}' holds one class only ('{Path.GetFileName(folders[0])}'): telling pictures apart takes at least 2.");

        if (folders.All(folder => Parts.Contains(Path.GetFileName(folder), StringComparer.OrdinalIgnoreCase) && !Directory.EnumerateFiles(folder).Any(IsPicture)))
        {
            throw new InvalidDataException(
                $"'{directory}' holds the parts of a data set ({string.Join(", ", folders.Select(Path.GetFileName))}), not classes: give the folder of one part, such as '{Path.Combine(directory, Path.GetFileName(folders[^1]))}', and another one for validation.");
        }

        var classes = new List<string>(folders.Length);
        var images = new List<LabeledImage>();
        foreach (string folder in folders)
        {
            var files = new List<string>();
            Collect(folder, [root], files);
            if (files.Count == 0)
                throw new InvalidDataException($"The class folder '{folder}' holds no picture ({string.Join(", ", ImageFile.Extensions)}): fill it or remove it.");
            files.Sort(StringComparer.Ordinal);
            foreach (string file in files)
                images.Add(new LabeledImage(file, classes.Count));
            classes.Add(Path.GetFileName(folder));
        }
        return new ImageFolder(classes, images, directory);
    }

    /// <summary>As <see cref="PictureSet.Split"/>, with lists of their own.</summary>
    /// <param name="heldOut">Number of pictures to hold out.</param>
    /// <param name="seed">Seed of the draw.</param>
    /// <returns>The pictures to train on and those held out, both in the order of <see cref="Images"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="heldOut"/> is below 1 or leaves a class empty.</exception>
    public new (ImageFolder Training, ImageFolder HeldOut) Split(int heldOut, long seed)
    {
        (int[] training, int[] held) = StratifiedSplit.Draw(this, heldOut, seed);
        return (new ImageFolder(Classes, [.. training.Select(i => Images[i])], _root), new ImageFolder(Classes, [.. held.Select(i => Images[i])], _root));
    }

    private static void Collect(string folder, List<string> way, List<string> files)
    {
        string real = FolderLinks.RealPath(folder);
        if (way.Contains(real))
            return;
        way.Add(real);
        files.AddRange(Directory.EnumerateFiles(folder).Where(IsPicture));
        foreach (string below in Directory.EnumerateDirectories(folder).Where(Visible))
            Collect(below, way, files);
        way.RemoveAt(way.Count - 1);
    }

    /// <summary>The deepest folder that holds all files: '/' ended, or empty.</summary>
    private static string CommonFolder(IReadOnlyList<LabeledImage> images)
    {
        string common = images[0].Path;
        foreach (LabeledImage image in images)
            common = common[..common.AsSpan().CommonPrefixLength(image.Path)];
        return common[..(common.LastIndexOfAny(['/', '\\']) + 1)];
    }

    private static bool Visible(string path) => !Path.GetFileName(path).StartsWith('.');

    private static bool IsPicture(string path) => Visible(path) && ImageFile.HasPictureName(path);
}
