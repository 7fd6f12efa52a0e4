using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>What a run trains and how: with the pictures it determines every weight. Stored as run.json.</summary>
public sealed record RunDescription
{
    /// <summary>Version of the file's layout.</summary>
    public int Format { get; init; } = 1;

    /// <summary>Name of the architecture: alexnet.</summary>
    public required string Architecture { get; init; }

    /// <summary>Size and variant of the network.</summary>
    public required AlexNetOptions Network { get; init; }

    /// <summary>Name of the recipe that the options started from.</summary>
    public required string Recipe { get; init; }

    /// <summary>How it is trained.</summary>
    public required TrainerOptions Training { get; init; }

    /// <summary>Class names in the order of their labels.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Where the pictures came from, as given.</summary>
    public required RunData Data { get; init; }

    /// <summary>The weights to start from, as given; null for new ones.</summary>
    public string? From { get; init; }
}

/// <summary>The pictures of a run.</summary>
/// <param name="Training">Where the training pictures came from, as given.</param>
/// <param name="Validation">Where the validation pictures came from, as given: a place, a held-out share, or null for none.</param>
/// <param name="TrainingPictures">Number of training pictures.</param>
/// <param name="ValidationPictures">Number of validation pictures.</param>
/// <param name="Fingerprint">Hash over classes, labels and names of both.</param>
public sealed record RunData(string Training, string? Validation, int TrainingPictures, int ValidationPictures, string Fingerprint);
