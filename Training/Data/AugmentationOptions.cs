namespace AlexNetMl.Training;

/// <summary>In what the amplitude of the colour noise is measured along each principal component of RGB.</summary>
public enum ColorNoiseScale
{
    /// <summary>The component's eigenvalue, as section 4.1 prints it, for pixels in [0, 1].</summary>
    Eigenvalue,

    /// <summary>The component's standard deviation, the eigenvalue's square root, as the released 2012 code has it.</summary>
    StandardDeviation,
}

/// <summary>
/// Colour noise along the principal components of RGB (section 4.1, second form): to every pixel of a picture is added
/// <c>[p1 p2 p3]·[α1·s1, α2·s2, α3·s3]ᵀ</c>, each α drawn once per picture and use from N(0, <see cref="Amplitude"/>²).
/// </summary>
public sealed record ColorNoise
{
    /// <summary>Standard deviation of α, at least 0. Default 0.1, the paper's.</summary>
    public double Amplitude { get; init; } = 0.1;

    /// <summary>What s is. Default as printed.</summary>
    public ColorNoiseScale Scale { get; init; } = ColorNoiseScale.Eigenvalue;

    /// <summary>What the noisy, mean-free pixels are divided by while the noise is on, at least 1. Default 1; the 2012 code has 1.1.</summary>
    public double Divisor { get; init; } = 1;

    /// <summary>The epoch, from 0, from which on there is no noise; null for never. The 2012 run: 67.</summary>
    public int? UntilEpoch { get; init; }
}

/// <summary>How training pictures are varied (section 4.1). Every draw is a function of seed, epoch and picture.</summary>
public sealed record AugmentationOptions
{
    /// <summary>Random windows of CropSide out of ShorterSide; else the centre. Default true.</summary>
    public bool RandomCrop { get; init; } = true;

    /// <summary>Mirrors half of the pictures. Default true.</summary>
    public bool RandomFlip { get; init; } = true;

    /// <summary>How many pictures in a row of a batch share one window and one flip. Default 1; the 2012 code has 32.</summary>
    public int PicturesPerCrop { get; init; } = 1;

    /// <summary>Colour noise; null for none, the default.</summary>
    public ColorNoise? ColorNoise { get; init; }

    /// <summary>The centre window as it stands: what serving sees.</summary>
    public static AugmentationOptions None { get; } = new() { RandomCrop = false, RandomFlip = false };

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public void Validate()
    {
        if (PicturesPerCrop < 1)
            throw new ArgumentOutOfRangeException(nameof(PicturesPerCrop), $"{PicturesPerCrop} pictures per crop: take 1 or more, the 2012 code has 32.");
        if (ColorNoise is not { } noise)
            return;
        if (!(noise.Amplitude >= 0 && double.IsFinite(noise.Amplitude)))
            throw new ArgumentOutOfRangeException(nameof(ColorNoise), $"Colour noise of amplitude {noise.Amplitude}: take 0 or more, 0.1 is the paper's.");
        if (!(noise.Divisor >= 1 && double.IsFinite(noise.Divisor)))
            throw new ArgumentOutOfRangeException(nameof(ColorNoise), $"A colour noise divisor of {noise.Divisor}: take 1 or more, 1.1 is the 2012 code's.");
        if (!Enum.IsDefined(noise.Scale))
            throw new ArgumentOutOfRangeException(nameof(ColorNoise), $"Colour noise scale {noise.Scale} is none of Eigenvalue, StandardDeviation.");
    }
}
