using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>Which window of a square picture a batch takes, and whether mirrored (section 4.1, first form).</summary>
internal sealed class Augmentation(long seed, bool randomCrop, bool randomFlip)
{
    /// <summary>The centre window, as it stands: what serving sees.</summary>
    internal static Augmentation None { get; } = new(0, false, false);

    /// <summary>
    /// First column or row of the centre window, by ImagePreprocessing.ToTensor's rule (halves to even), so that what is measured here is what
    /// serving sees.
    /// </summary>
    internal static int Centre(int side, int crop) => (int)Math.Round((side - crop) / 2.0, MidpointRounding.ToEven);

    /// <summary>The window of a picture in an epoch: the same whichever worker asks, and whenever.</summary>
    internal (int Left, int Top, bool Flip) Window(int epoch, int picture, int side, int crop)
    {
        int centre = Centre(side, crop);
        if (!randomCrop && !randomFlip)
            return (centre, centre, false);
        var random = new CounterRandom(seed, RandomStream.Augmentation, epoch, picture);
        int left = random.Next(side - crop + 1), top = random.Next(side - crop + 1);
        bool flip = random.NextBoolean();
        return (randomCrop ? left : centre, randomCrop ? top : centre, randomFlip && flip);
    }
}
