using System.Text;

namespace AlexNetMl.Scoring;

/// <summary>Paths, one in each line, UTF-8; empty lines are passed over.</summary>
internal sealed class PathLines(string description, Func<TextReader> open, string root, bool canReadAgain) : PictureList
{
    // Longer than any system's longest path; without a bound a wrong file would be read into memory as one line.
    private const int LongestLine = 65_536;

    public override string Description => description;

    public override bool CanReadAgain => canReadAgain;

    public override IEnumerable<ListedPicture> Read()
    {
        using TextReader reader = open();
        var line = new StringBuilder();
        char[] buffer = new char[16_384];
        long number = 1;
        for (int read; (read = reader.Read(buffer, 0, buffer.Length)) > 0;)
        {
            for (int start = 0; start < read;)
            {
                int end = Array.IndexOf(buffer, '\n', start, read - start);
                line.Append(buffer, start, (end < 0 ? read : end) - start);
                if (line.Length > LongestLine)
                {
                    throw new InvalidDataException($"Line {number} of the {description} is longer than {LongestLine} characters: this is no list with a path in each line.");
                }

                if (end < 0)
                {
                    break;
                }

                if (Take(line, number) is { Length: > 0 } path)
                {
                    yield return Listed(path, root);
                }

                number++;
                start = end + 1;
            }
        }

        if (Take(line, number) is { Length: > 0 } last)
        {
            yield return Listed(last, root);
        }
    }

    private string Take(StringBuilder line, long number)
    {
        string text = line.ToString();
        line.Clear();
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new InvalidDataException($"Line {number} of the {description} holds a zero byte: give UTF-8 text with a path in each line, not UTF-16 and not the output of find -print0.");
        }

        return text.EndsWith('\r') ? text[..^1] : text;
    }
}
