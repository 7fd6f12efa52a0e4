using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>The ten windows that a picture is tested on (section 4.1): four corners and centre, then their mirror images, in turn along a batch.</summary>
internal sealed class TenCrop() : Augmentation(0, AugmentationOptions.None, new ImagePreprocessing())
{
    /// <summary>Windows of a picture.</summary>
    internal const int Windows = 10;

    internal override (int Left, int Top, bool Flip) Window(int epoch, int place, int picture, ImagePreprocessing preprocessing)
    {
        int window = place % Windows, far = preprocessing.ShorterSide - preprocessing.CropSide, centre = preprocessing.Center(preprocessing.ShorterSide);
        (int left, int top) = (window % (Windows / 2)) switch
        {
            0 => (0, 0),
            1 => (far, 0),
            2 => (0, far),
            3 => (far, far),
            _ => (centre, centre),
        };
        return (left, top, window >= Windows / 2);
    }
}
