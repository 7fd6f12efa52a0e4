using AlexNetMl.Imaging;

namespace AlexNetMl.Scoring;

/// <summary>A picture of a list.</summary>
/// <param name="Source">What results call it, and what identifies it when a job is resumed: the same on every machine.</param>
/// <param name="Path">Where it is on this machine.</param>
public readonly record struct ListedPicture(string Source, string Path);

/// <summary>Pictures in a fixed order, read as they are needed: a list of a billion takes no more memory than one of ten.</summary>
public abstract class PictureList
{
    /// <summary>What it is, for people.</summary>
    public abstract string Description { get; }

    /// <summary>Whether <see cref="Read"/> gives the same pictures a second time; not so for a stream such as stdin.</summary>
    public virtual bool CanReadAgain => true;

    /// <summary>Reads the list from its start.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is not a list of pictures.</exception>
    public abstract IEnumerable<ListedPicture> Read();

    /// <summary>
    /// A folder tree; a table (.csv, .tsv), one column of which holds paths; a single picture; or a text file with a path in each line.
    /// </summary>
    /// <param name="path">Folder or file.</param>
    /// <param name="column">The table's column; null: <c>path</c>. Refused where there is no table.</param>
    /// <param name="root">Where relative paths of a list or a table start; null: the folder of the list.</param>
    /// <exception cref="FileNotFoundException">There is nothing at <paramref name="path"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="column"/> or <paramref name="root"/> where it has no meaning.</exception>
    public static PictureList Open(string path, string? column = null, string? root = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        bool table = Path.GetExtension(path).ToUpperInvariant() is ".CSV" or ".TSV";
        if (Directory.Exists(path))
        {
            Refuse(column, "a column", path, "a folder");
            Refuse(root, "a root", path, "a folder");
            return new FolderTree(path);
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"The input '{path}' does not exist: give a folder of pictures, a list with a path in each line, or a .csv table.", path);
        }

        string folder = root ?? Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (table)
        {
            return new TableColumn(path, column, folder);
        }

        Refuse(column, "a column", path, "no .csv or .tsv table");
        return ImageFile.HasPictureName(path)
            ? new PathLines($"picture {path}", () => new StringReader(Path.GetFileName(path)), folder, canReadAgain: true)
            : new PathLines($"list {path}", () => new StreamReader(path), folder, canReadAgain: !IsStream(path));
    }

    // A pipe is read once; it has no length.
    private static bool IsStream(string path)
    {
        FileSystemInfo file = new FileInfo(path);
        file = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
        return file is not FileInfo { Length: > 0 };
    }

    /// <summary>Paths from a stream, one in each line, such as stdin.</summary>
    /// <param name="description">What it is, for people.</param>
    /// <param name="reader">Read once, to its end.</param>
    /// <param name="root">Where relative paths start.</param>
    public static PictureList FromLines(string description, TextReader reader, string root)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new PathLines(description, () => reader, root, canReadAgain: false);
    }

    /// <summary>A path of a list on this machine. Nothing is checked: a path that cannot be is a row with an error.</summary>
    internal static ListedPicture Listed(string source, string root) =>
        new(source, source.Length == 0 ? source : Path.GetFullPath(source, Path.GetFullPath(root)));

    private static void Refuse(string? value, string what, string path, string is_)
    {
        if (value is not null)
        {
            throw new ArgumentException($"'{path}' is {is_}, so {what} ('{value}') has no meaning: leave it out.");
        }
    }
}
