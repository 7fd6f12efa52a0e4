using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>Broken pictures that are left out, each once, with the reason. Safe for several threads.</summary>
internal sealed class SkippedPictures(BrokenImageHandling handling)
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<string> _lines = [];
    private string? _path;

    /// <summary>
    /// Whether a picture that is not there is left out as well: so it is at the first look at a list of pictures. One that goes missing later was there, and its
    /// storage is at fault.
    /// </summary>
    internal bool TakesMissing { get; set; } = true;

    internal int Count
    {
        get
        {
            lock (_names)
                return _names.Count;
        }
    }

    /// <summary>Keeps the list in a file, a line for each: name, tab, reason. What the file holds already is known from the start.</summary>
    internal void KeepIn(string path)
    {
        lock (_names)
        {
            if (File.Exists(path))
            {
                foreach (string line in File.ReadAllLines(path).Where(line => line.Contains('\t', StringComparison.Ordinal) && _names.Add(line.Split('\t')[0])))
                    _lines.Add(line);
            }
            _path = path;
            if (_lines.Count > 0)
                TextFile.Write(path, string.Concat(_lines.Select(line => line + "\n")));
        }
    }

    /// <summary>Whether a picture's error lets it be left out: it cannot be decoded. That it cannot be read is the machine's fault.</summary>
    internal bool Takes(string name, Exception error) =>
        handling == BrokenImageHandling.Skip && (error is ImageFormatException || (error is FileNotFoundException or DirectoryNotFoundException && (TakesMissing || Contains(name))));

    /// <summary>Leaves a picture out.</summary>
    /// <returns>Whether it was not left out before.</returns>
    internal bool Add(string name, Exception error)
    {
        lock (_names)
        {
            if (!_names.Add(Field(name)))
                return false;
            string reason = error.Message.StartsWith($"{name}: ", StringComparison.Ordinal) ? error.Message[(name.Length + 2)..] : error.Message;
            string line = $"{Field(name)}\t{Field(reason)}";
            _lines.Add(line);
            if (_path is not null)
                File.AppendAllText(_path, line + "\n");
            return true;
        }
    }

    private bool Contains(string name)
    {
        lock (_names)
            return _names.Contains(Field(name));
    }

    private static string Field(string text) => text.AsSpan().IndexOfAny('\t', '\r', '\n') < 0 ? text : text.Replace('\t', ' ').Replace('\r', ' ').Replace('\n', ' ');
}
