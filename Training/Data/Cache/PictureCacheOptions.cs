namespace AlexNetMl.Training;

/// <summary>How <see cref="PictureCache.Build"/> works.</summary>
public sealed record PictureCacheOptions
{
    /// <summary>Whether a finished cache in the folder is replaced; it is deleted first. Default false: that is an error.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Threads that decode, 0 for all cores. Default 0. No effect on the cache.</summary>
    public int Threads { get; init; }

    /// <summary>What to do with broken pictures: stop, or leave them out. Default <see cref="BrokenImageHandling.Stop"/>.</summary>
    public BrokenImageHandling OnBrokenImage { get; init; }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public void Validate()
    {
        if (Threads < 0)
            throw new ArgumentOutOfRangeException(nameof(Threads), $"{Threads} threads: take 1 or more, or 0 for all cores.");
        if (!Enum.IsDefined(OnBrokenImage))
            throw new ArgumentOutOfRangeException(nameof(OnBrokenImage), $"{OnBrokenImage} is none of Stop, Skip.");
    }
}
