namespace AlexNetMl.Scoring;

/// <summary>What happens at a picture that is missing or cannot be decoded. Other rows never change because of it.</summary>
public enum InvalidImageHandling
{
    /// <summary>The rows before it are delivered, then scoring ends with an exception that names its path and row.</summary>
    Stop,

    /// <summary>Its row carries the reason in <see cref="ImageScore.Error"/> and no probabilities; scoring goes on.</summary>
    Mark,
}
