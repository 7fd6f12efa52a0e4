using AlexNetMl.Imaging;
using CsvHelper;

namespace AlexNetMl.Training;

/// <summary>
/// Pictures listed in a .csv or .tsv file, one a line: its path, relative to the manifest's folder or absolute, and its label. Classes are the
/// distinct labels: sorted as numbers where all are whole numbers, else by ordinal comparison.
/// </summary>
/// <remarks>
/// A first line that names columns <c>path</c> and <c>label</c> is a header: the two may stand in any order, among others. Without one every line has
/// just two columns, path and label. Fields of a .csv may be quoted as in RFC 4180, those of a .tsv stand as they are; the file is UTF-8.
/// </remarks>
public sealed class Manifest : PictureSet
{
    private const string PathColumn = "path", LabelColumn = "label";
    private const int LongestRecord = 1 << 20;

    private readonly string _directory;
    private readonly string[] _paths;
    private readonly int[] _labels;

    private Manifest(string directory, string[] classes, string[] paths, int[] labels)
    {
        (_directory, Classes, _paths, _labels) = (directory, classes, paths, labels);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes { get; }

    /// <inheritdoc/>
    public override int Count => _paths.Length;

    /// <inheritdoc/>
    public override int Label(int index) => _labels[index];

    /// <inheritdoc/>
    public override string Name(int index) => Path.Combine(_directory, _paths[index]);

    /// <summary>The path as the manifest has it, with '/' between folders.</summary>
    /// <param name="index">The picture.</param>
    public override string RelativeName(int index) => _paths[index].Replace('\\', '/');

    /// <inheritdoc/>
    public override RgbImage Load(int index) => ImageFile.Load(Name(index));

    /// <inheritdoc/>
    public override void Load(int index, ImageBuffer picture) => ImageFile.Load(Name(index), picture);

    /// <summary>Reads a manifest; whether the files are there is checked, what they hold is not.</summary>
    /// <param name="path">The manifest; with the extension .tsv columns are separated by tabs, else by commas.</param>
    /// <exception cref="FileNotFoundException">It does not exist, or a picture does not; the message names manifest, line and path.</exception>
    /// <exception cref="InvalidDataException">A line is not as it should be, there are no pictures, or only one class.</exception>
    public static Manifest Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"The manifest '{path}' does not exist.", path);
        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var paths = new List<string>();
        var texts = new List<string>();
        var distinct = new HashSet<string>(StringComparer.Ordinal);
        foreach ((long line, string file, string label) in Rows(path))
        {
            string full = Path.Combine(directory, file);
            if (!File.Exists(full))
                throw new FileNotFoundException($"{path}, line {line}: the picture '{file}' does not exist as '{full}': paths are relative to the manifest's folder.", full);
            paths.Add(file);
            distinct.Add(label);
            texts.Add(distinct.TryGetValue(label, out string? same) ? same : label);
        }
        if (paths.Count == 0)
            throw new InvalidDataException($"The manifest '{path}' lists no pictures: each line takes a path and a label.");
        (string[] classes, Dictionary<string, int> labels) = LabelTable.Sort(distinct);
        if (classes.Length < 2)
            throw new InvalidDataException($"The manifest '{path}' has one class only ('{classes[0]}'): telling pictures apart takes at least 2.");
        return new Manifest(directory, classes, [.. paths], [.. texts.Select(text => labels[text])]);
    }

    private static IEnumerable<(long Line, string Path, string Label)> Rows(string manifest)
    {
        bool tabs = Path.GetExtension(manifest).Equals(".tsv", StringComparison.OrdinalIgnoreCase);
        using CsvReader reader = CsvReader.FromFile(manifest, new CsvReaderOptions
        {
            Separator = tabs ? '\t' : ',',
            Mode = tabs ? CsvMode.NoEscape : CsvMode.Rfc4180,
            HasHeader = false,
            TrimWhitespace = true,
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Throw,
            MaxRecordSize = LongestRecord,
        });
        int pathColumn = 0, labelColumn = 1, columns = 2;
        for (bool first = true; Next(reader, manifest); first = false)
        {
            long line = reader.LineNumber;
            string[] fields = reader.Current.ToArray();
            if (first && Column(fields, PathColumn) is >= 0 and int p && Column(fields, LabelColumn) is >= 0 and int l)
            {
                (pathColumn, labelColumn, columns) = (p, l, fields.Length);
                continue;
            }
            if (fields.Length != columns)
            {
                throw new InvalidDataException(
                    $"{manifest}, line {line}: {fields.Length} columns where {columns} are expected, separated by {(tabs ? "tabs" : "commas")}: a path and a label, or as many as the header names.");
            }
            string path = fields[pathColumn], label = fields[labelColumn];
            if (path.Length == 0 || label.Length == 0 || path.Contains('\0'))
                throw new InvalidDataException($"{manifest}, line {line}: the {(label.Length == 0 ? "label" : "path")} is empty or holds a zero byte: give both.");
            yield return (line, path, label);
        }
    }

    private static bool Next(CsvReader reader, string manifest)
    {
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException exception)
        {
            throw new InvalidDataException($"{manifest}, line {exception.LineNumber}: {exception.Message.TrimEnd('.')}: correct the line.", exception);
        }
    }

    private static int Column(string[] fields, string name) => Array.FindIndex(fields, field => field.Equals(name, StringComparison.OrdinalIgnoreCase));
}
