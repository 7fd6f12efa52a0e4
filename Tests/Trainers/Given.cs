using AlexNetMl.EndToEnd.Tests;
using AlexNetMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace AlexNetMl.Trainers.Tests;

/// <summary>Class folders disc, lying and standing of drawn pictures, as rows of a data view too; deleted with what the tests put beside them.</summary>
internal sealed class Given : IDisposable
{
    public static readonly string[] Classes = ["disc", "lying", "standing"];

    public Given(int perClass)
    {
        DrawnPictures.Write(Pictures, perClass, seed: 1);
        Rows = [.. ImageFolder.Scan(Pictures).Images.Select(image => new PictureRow { ImagePath = image.Path, Name = Classes[image.Label] })];
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("alexnetml-trainers-").FullName;

    public string Pictures => Path.Combine(Folder, "pictures");

    /// <summary>The pictures class by class, as the console tool lists them.</summary>
    public PictureRow[] Rows { get; }

    public string this[string name] => Path.Combine(Folder, name);

    /// <summary>A network and a training of a second or two.</summary>
    public static NetworkTrainerOptions Small { get; } = new() { Side = 16, ShorterSide = 18, Width = 0.08, BatchSize = 8, Epochs = 3, LearningRate = 0.01, Threads = 1 };

    public static IDataView Load(MLContext ml, params PictureRow[] rows) => ml.Data.LoadFromEnumerable(rows);

    /// <summary>The rows with Name mapped to the key column Label, keys in order of appearance.</summary>
    public static IDataView WithKeys(MLContext ml, params PictureRow[] rows)
    {
        IDataView data = Load(ml, rows);
        return ml.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(data).Transform(data);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

internal sealed class PictureRow
{
    public string ImagePath { get; set; } = string.Empty;

    public string Name { get; set; } = string.Empty;
}

/// <summary>Lines of a context's log.</summary>
internal sealed class LogLines
{
    private readonly List<string> _lines = [];

    public LogLines(MLContext ml) => ml.Log += (_, line) =>
    {
        lock (_lines)
            _lines.Add($"{line.Kind}: {line.RawMessage}");
    };

    public string[] Of(ChannelMessageKind kind)
    {
        lock (_lines)
            return [.. _lines.Where(line => line.StartsWith($"{kind}: ", StringComparison.Ordinal))];
    }

    public override string ToString()
    {
        lock (_lines)
            return string.Join('\n', _lines);
    }
}
