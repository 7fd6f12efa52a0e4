using System.Text.Json.Serialization;

namespace AlexNetMl.Training;

/// <summary>What a run trains and how: with the pictures it determines every weight. Stored as run.json.</summary>
public sealed record RunDescription
{
    /// <summary>Version of the file's layout.</summary>
    public int Format { get; init; } = 1;

    /// <summary>Name of the architecture, one of <see cref="NetworkCatalog.Names"/>.</summary>
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

    /// <summary>Size and variant of the network.</summary>
    [JsonIgnore]
    public AlexNetOptions Network => Recipe.Network;

    /// <summary>How it is trained.</summary>
    [JsonIgnore]
    public TrainerOptions Training => Recipe.Training;
}

/// <summary>The pictures of a run.</summary>
/// <param name="Training">Where the training pictures came from, as given.</param>
/// <param name="Validation">Where the validation pictures came from, as given: a place, a held-out share or number, or null for none.</param>
/// <param name="TrainingPictures">Number of training pictures.</param>
/// <param name="ValidationPictures">Number of validation pictures.</param>
/// <param name="Fingerprint">Hash over classes, labels and names of both.</param>
public sealed record RunData(IReadOnlyList<string> Training, string? Validation, int TrainingPictures, int ValidationPictures, string Fingerprint);
