using CsvHelper;

namespace AlexNetMl.Scoring;

/// <summary>The paths in one column of a .csv or .tsv file with a header. An empty field is a row without a picture.</summary>
internal sealed class TableColumn(string path, string? column, string root) : PictureList
{
    private const string DefaultColumn = "path";
    private const int LongestRecord = 1 << 20;

    public override string Description => $"table {path}";

    public override IEnumerable<ListedPicture> Read()
    {
        bool tabs = Path.GetExtension(path).Equals(".tsv", StringComparison.OrdinalIgnoreCase);
        using CsvReader reader = CsvReader.FromFile(path, new CsvReaderOptions
        {
            Separator = tabs ? '\t' : ',',
            Mode = tabs ? CsvMode.NoEscape : CsvMode.Rfc4180,
            HasHeader = false,
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Throw,
            MaxRecordSize = LongestRecord,
        });
        if (!Next(reader))
        {
            throw new InvalidDataException($"The table '{path}' is empty: its first line names the columns.");
        }

        string[] names = reader.Current.ToArray();
        int at = Array.IndexOf(names, column ?? DefaultColumn);
        if (at < 0)
        {
            throw new InvalidDataException($"The table '{path}' has no column '{column ?? DefaultColumn}' but {string.Join(", ", names.Select(name => $"'{name}'"))}: name the one with the paths (--column NAME).");
        }

        while (Next(reader))
        {
            string[] fields = reader.Current.ToArray();
            if (fields.Length != names.Length)
            {
                throw new InvalidDataException($"{path}, line {reader.LineNumber}: {fields.Length} columns where the header names {names.Length}: correct the line.");
            }

            if (fields[at].Contains('\0', StringComparison.Ordinal))
            {
                throw new InvalidDataException($"{path}, line {reader.LineNumber}: the path holds a zero byte: give the table as UTF-8.");
            }

            yield return Listed(fields[at], root);
        }
    }

    private bool Next(CsvReader reader)
    {
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException exception)
        {
            throw new InvalidDataException($"{path}, line {exception.LineNumber}: {exception.Message.TrimEnd('.')}: correct the line.", exception);
        }
    }
}
