using System.Buffers;
using System.Globalization;
using System.Runtime.ExceptionServices;
using AlexNetMl.Imaging;
using Microsoft.Win32.SafeHandles;

namespace AlexNetMl.Training;

/// <summary>
/// Pictures in tar files as WebDataset writes them: <c>key.jpg</c>, <c>key.png</c> or another of <see cref="ImageFile.Extensions"/> beside <c>key.cls</c>, whose text is the label,
/// a whole number or a class name. Other entries are passed over.
/// </summary>
/// <remarks>
/// A file <c>classes.txt</c> beside the first shard, one name a line, names the classes in order of their numbers. Without it the classes are the labels that
/// occur: sorted as numbers where all are whole numbers, else by ordinal comparison. Opening reads the shards' entry headers once; pictures are
/// then read where they stand.
/// </remarks>
public sealed class TarShards : PictureSet
{
    private const string ClassesFile = "classes.txt";
    private const int LongestClassesFile = 64 << 20;

    private readonly string[] _shards;
    private readonly string[] _shardNames;
    private readonly ShardEntry[] _entries;
    private readonly int[] _labels;

    private TarShards(string[] shards, string[] classes, ShardEntry[] entries, int[] labels)
    {
        (_shards, Classes, _entries, _labels) = (shards, classes, entries, labels);
        _shardNames = [.. shards.Select(path => Path.GetFileName(path))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes { get; }

    /// <inheritdoc/>
    public override int Count => _entries.Length;

    /// <inheritdoc/>
    public override int Label(int index) => _labels[index];

    /// <summary>Shard and entry, as <c>train-0000.tar:000017.jpg</c> after the shard's folder.</summary>
    /// <param name="index">The picture.</param>
    public override string Name(int index) => $"{_shards[_entries[index].Shard]}:{_entries[index].Name}";

    /// <inheritdoc/>
    public override string RelativeName(int index) => $"{_shardNames[_entries[index].Shard]}:{_entries[index].Name}";

    /// <summary>Indexes shards.</summary>
    /// <param name="shards">Their paths, in the order in which their pictures are counted.</param>
    /// <exception cref="FileNotFoundException">One does not exist.</exception>
    /// <exception cref="InvalidDataException">One is damaged or cut off, a picture has no label or a label no picture, a label is not among the classes,
    /// there are no pictures, or there is only one class; the message names shard and entry.</exception>
    public static new TarShards Open(IReadOnlyList<string> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        if (shards.Count == 0)
            throw new ArgumentException("No shards: give at least one.", nameof(shards));
        string[] paths = [.. shards];
        foreach (string path in paths)
        {
            if (!File.Exists(path))
                throw new FileNotFoundException($"The shard '{path}' does not exist.", path);
        }
        var perShard = new List<ShardEntry>[paths.Length];
        var errors = new Exception?[paths.Length];
        Parallel.For(0, paths.Length, shard =>
        {
            try
            {
                perShard[shard] = TarIndex.Read(paths[shard], shard);
            }
            catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                errors[shard] = exception;
            }
        });
        if (errors.FirstOrDefault(error => error is not null) is { } first)
            ExceptionDispatchInfo.Throw(first);             // of the first damaged shard, whichever thread was faster
        ShardEntry[] entries = [.. perShard.SelectMany(list => list)];
        if (entries.Length == 0)
            throw new InvalidDataException($"'{paths[0]}'{(paths.Length > 1 ? $" and {paths.Length - 1} more shards hold" : " holds")} no pictures: entries key.jpg, key.png or the like with key.cls are looked for.");

        (string[] classes, int[] labels) = Label(paths, entries);
        return classes.Length >= 2
            ? new TarShards(paths, classes, entries, labels)
            : throw new InvalidDataException($"The shards have one class only ('{classes[0]}'): telling pictures apart takes at least 2.");
    }

    /// <inheritdoc/>
    public override RgbImage Load(int index)
    {
        var picture = new ImageBuffer();
        Load(index, picture);
        return picture.ToImage();
    }

    /// <inheritdoc/>
    public override void Load(int index, ImageBuffer picture)
    {
        ShardEntry entry = _entries[index];
        byte[]? buffer = null;
        try
        {
            ImageLimits.Default.CheckBytes(entry.Length);
            int length = (int)entry.Length;
            buffer = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
            using SafeFileHandle shard = File.OpenHandle(_shards[entry.Shard], options: FileOptions.RandomAccess);
            for (int read = 0; read < length;)
            {
                int count = RandomAccess.Read(shard, buffer.AsSpan(read, length - read), entry.Offset + read);
                if (count == 0)
                    throw new EndOfStreamException($"{Name(index)}: the shard is shorter than when it was opened: open it again.");
                read += count;
            }
            ImageDecoders.Default.Decode(buffer.AsSpan(0, length), picture);
        }
        catch (ImageFormatException exception)
        {
            throw new ImageFormatException($"{Name(index)}: {exception.Message}", exception);
        }
        finally
        {
            if (buffer is not null)
                ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static (string[] Classes, int[] Labels) Label(string[] shards, ShardEntry[] entries)
    {
        string file = Path.Combine(Path.GetDirectoryName(shards[0]) ?? "", ClassesFile);
        if (!File.Exists(file))
        {
            (string[] sorted, Dictionary<string, int> numbers) = LabelTable.Sort(new HashSet<string>(entries.Select(entry => entry.Label), StringComparer.Ordinal));
            return (sorted, [.. entries.Select(entry => numbers[entry.Label])]);
        }

        string[] classes = ReadClasses(file);
        Dictionary<string, int> byName = Enumerable.Range(0, classes.Length).ToDictionary(i => classes[i], StringComparer.Ordinal);
        var labels = new int[entries.Length];
        for (int i = 0; i < entries.Length; i++)
        {
            string text = entries[i].Label;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number >= classes.Length : !byName.TryGetValue(text, out number))
                throw new InvalidDataException($"{shards[entries[i].Shard]}:{entries[i].Name}: its label '{text}' is neither one of the {classes.Length} names in '{file}' nor a number from 0 to {classes.Length - 1}.");
            labels[i] = number;
        }
        return (classes, labels);
    }

    private static string[] ReadClasses(string file)
    {
        if (new FileInfo(file).Length > LongestClassesFile)
            throw new InvalidDataException($"'{file}' is longer than {LongestClassesFile} bytes: it should have one class name a line.");
        string[] lines = [.. File.ReadAllText(file).TrimEnd().Split('\n').Select(line => line.Trim())];
        int empty = Array.IndexOf(lines, "");
        if (empty >= 0)
            throw new InvalidDataException($"'{file}', line {empty + 1} is empty: give one class name a line.");
        if (lines.GroupBy(line => line, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidDataException($"'{file}' names '{twice.Key}' twice: give each class a name of its own.");
        return lines;
    }
}
