namespace AlexNetMl.Training;

/// <summary>How <see cref="PictureStatistics.Measure"/> works.</summary>
public sealed record PictureStatisticsOptions
{
    /// <summary>
    /// Largest number of pictures to read, evenly spaced; null, the default, for all. Thousands are enough for the mean colour, which more move by
    /// less than a grey level; a mean image wants all.
    /// </summary>
    public int? Sample { get; init; }

    /// <summary>Threads, 0 for all cores. Default 0. No effect on the result.</summary>
    public int Threads { get; init; }

    /// <summary>What to do with broken pictures. Default <see cref="BrokenImageHandling.Stop"/>.</summary>
    public BrokenImageHandling OnBrokenImage { get; init; }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public void Validate()
    {
        if (Sample < 1)
            throw new ArgumentOutOfRangeException(nameof(Sample), $"A sample of {Sample} pictures: take 1 or more, or null for all.");
        if (Threads < 0)
            throw new ArgumentOutOfRangeException(nameof(Threads), $"{Threads} threads: take 1 or more, or 0 for all cores.");
        if (!Enum.IsDefined(OnBrokenImage))
            throw new ArgumentOutOfRangeException(nameof(OnBrokenImage), $"{OnBrokenImage} is none of Stop, Skip.");
    }
}
