using System.Text.Json.Serialization;
using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>What a run trains and how: with the pictures it determines every weight. Stored as run.json.</summary>
public sealed record RunDescription
{
    private const int CurrentFormat = 1;
    private const string Remedy = ": restore the file, or start the run anew in another folder";

    /// <summary>Version of the file's layout.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Name of the architecture, one of a catalogue's <see cref="NetworkCatalog.Names"/>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Whether the network is split in two halves, each for a device of its own.</summary>
    public bool Towers { get; init; }

    /// <summary>Network and training, every value in force.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>What pictures' shorter side is resized to.</summary>
    public required int ShorterSide { get; init; }

    /// <summary>The weights that training started from, as given; null for new ones.</summary>
    public string? From { get; init; }

    /// <summary>Class names in the order of their labels.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The pictures.</summary>
    public required RunData Data { get; init; }

    /// <summary>Whether the run holds a network that came from elsewhere and has not been trained here: it can be, on any pictures.</summary>
    [JsonIgnore]
    public bool IsImported => Data.TrainingPictures == 0;

    /// <summary>Size and variant of the network.</summary>
    [JsonIgnore]
    public NetworkOptions Network => Recipe.Network;

    /// <summary>How it is trained.</summary>
    [JsonIgnore]
    public TrainerOptions Training => Recipe.Training;

    /// <summary>Reads and checks a run's description and its preprocessing.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <exception cref="FileNotFoundException">The folder holds no run.</exception>
    /// <exception cref="InvalidDataException">One of the two files is damaged, or they do not belong together.</exception>
    internal static (RunDescription Description, ImagePreprocessing Preprocessing) Read(string folder)
    {
        if (!TrainingRun.Exists(folder))
            throw new FileNotFoundException($"'{folder}' holds no run (there is no {RunFiles.Description}).");
        string path = Path.Combine(folder, RunFiles.Description);
        var description = RunJson.Read<RunDescription>(path, Remedy);
        if (description.Format != CurrentFormat)
            throw new InvalidDataException($"'{path}' has format {description.Format}; this version reads format {CurrentFormat}.");
        try
        {
            description.Recipe.Validate();
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"'{path}' holds a value that cannot be ({TrainingRequestException.Sentence(exception).TrimEnd('.')}){Remedy}.", exception);
        }
        if (description.Network.Classes != description.Classes.Count)
            throw new InvalidDataException($"'{path}' has {description.Classes.Count} class names for a network of {description.Network.Classes} outputs.");
        ImagePreprocessing preprocessing = ReadPreprocessing(folder);
        if (preprocessing.CropSide != description.Network.Side || preprocessing.ShorterSide != description.ShorterSide)
        {
            throw new InvalidDataException(
                $"'{Path.Combine(folder, RunFiles.Preprocessing)}' cuts {preprocessing.CropSide} of {preprocessing.ShorterSide}, {RunFiles.Description} {description.Network.Side} of {description.ShorterSide}: the files are not of one run.");
        }
        return (description, preprocessing);
    }

    private static ImagePreprocessing ReadPreprocessing(string folder)
    {
        string path = Path.Combine(folder, RunFiles.Preprocessing);
        if (!File.Exists(path))
            throw new InvalidDataException($"The run in '{folder}' lacks its {RunFiles.Preprocessing}{Remedy}.");
        try
        {
            return ImagePreprocessing.FromJson(File.ReadAllText(path));
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            throw new InvalidDataException($"'{path}' is damaged ({exception.Message.TrimEnd('.')}){Remedy}.", exception);
        }
    }
}

/// <summary>The pictures of a run.</summary>
/// <param name="Training">Where the training pictures came from, as given.</param>
/// <param name="Validation">Where the validation pictures came from, as given: a place, a held-out share or number, or null for none.</param>
/// <param name="TrainingPictures">Number of training pictures.</param>
/// <param name="ValidationPictures">Number of validation pictures.</param>
/// <param name="Fingerprint">Hash over classes, labels and names of both.</param>
public sealed record RunData(IReadOnlyList<string> Training, string? Validation, int TrainingPictures, int ValidationPictures, string Fingerprint);
