using AlexNetMl.Imaging;
using AlexNetMl.Training;

namespace AlexNetMl.Cli;

/// <summary>Pictures that a network's ranges are taken from.</summary>
internal sealed class CalibrationPictures : IDisposable
{
    /// <summary>More change the ranges of the networks here by less than a step.</summary>
    public const int Most = 512;

    private readonly PictureSet _pictures;

    private CalibrationPictures(PictureSet pictures) => _pictures = pictures;

    /// <summary>Opens places as <c>train --data</c> takes them.</summary>
    public static CalibrationPictures Open(string[] places) => new(PictureSet.Open(places));

    /// <summary>The pictures, spread evenly over the set, which is ordered by class as a rule.</summary>
    public static IEnumerable<RgbImage> Spread(PictureSet pictures)
    {
        int count = Math.Min(Most, pictures.Count);
        return Enumerable.Range(0, count).Select(i => pictures.Load((int)((long)i * pictures.Count / count)));
    }

    /// <summary>The pictures, with progress.</summary>
    public IEnumerable<RgbImage> Images(Output console)
    {
        int done = 0, count = Math.Min(Most, _pictures.Count);
        foreach (RgbImage image in Spread(_pictures))
        {
            console.Moving($"calibrate: {++done}/{count} pictures");
            yield return image;
        }
    }

    public void Dispose() => (_pictures as IDisposable)?.Dispose();
}
