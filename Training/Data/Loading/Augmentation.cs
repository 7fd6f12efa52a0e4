using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>
/// What happens to a picture at a use (section 4.1): window, mirroring, colour noise. Every draw is a function of seed, epoch and picture: the same
/// whichever worker asks, and whenever.
/// </summary>
internal class Augmentation
{
    private readonly long _seed;
    private readonly AugmentationOptions _options;
    private readonly double[] _components = [];     // row i: eigenvector i times its scale, R, G, B, in units of rescaled pixels

    /// <summary>Augmentation as asked for.</summary>
    /// <param name="seed">Seed of all draws.</param>
    /// <param name="options">What to draw.</param>
    /// <param name="preprocessing">Gives the unit of pixels.</param>
    /// <param name="statistics">Principal components, needed for colour noise.</param>
    /// <exception cref="ArgumentException">Colour noise without statistics.</exception>
    internal Augmentation(long seed, AugmentationOptions options, ImagePreprocessing preprocessing, PictureStatistics? statistics = null)
    {
        (_seed, _options) = (seed, options);
        if (options.ColorNoise is not { } noise)
            return;
        if (statistics is null)
            throw new ArgumentException("Colour noise goes along the principal components of the training pictures: measure their PictureStatistics and give them.", nameof(statistics));
        _components = new double[9];
        for (int i = 0; i < 9; i++)
        {
            double scale = noise.Scale == ColorNoiseScale.Eigenvalue ? statistics.Eigenvalues[i / 3] : Math.Sqrt(statistics.Eigenvalues[i / 3]);
            _components[i] = statistics.Eigenvectors[i] * scale * noise.Amplitude * 255.0 * preprocessing.RescaleFactor;
        }
    }

    /// <summary>The centre window, as it stands: what serving sees.</summary>
    internal static Augmentation None { get; } = new(0, AugmentationOptions.None, new ImagePreprocessing());

    /// <summary>Pictures in a row of a batch that share one window: that of the first of them.</summary>
    internal int PicturesPerCrop => _options.PicturesPerCrop;

    /// <summary>The window of the picture that stands at a place of its batch.</summary>
    internal virtual (int Left, int Top, bool Flip) Window(int epoch, int place, int picture, ImagePreprocessing preprocessing) => Window(epoch, picture, preprocessing);

    /// <summary>The window of a picture in an epoch.</summary>
    internal (int Left, int Top, bool Flip) Window(int epoch, int picture, ImagePreprocessing preprocessing)
    {
        int centre = preprocessing.Center(preprocessing.ShorterSide), room = preprocessing.ShorterSide - preprocessing.CropSide;
        if (!_options.RandomCrop && !_options.RandomFlip)
            return (centre, centre, false);
        var random = new CounterRandom(_seed, RandomStream.Augmentation, epoch, picture);
        int left = random.Next(room + 1), top = random.Next(room + 1);
        bool flip = random.NextBoolean();
        return (_options.RandomCrop ? left : centre, _options.RandomCrop ? top : centre, _options.RandomFlip && flip);
    }

    /// <summary>The colour noise of a picture in an epoch; null where there is none.</summary>
    internal ColorShift? Noise(int epoch, int picture)
    {
        if (_options.ColorNoise is not { } noise || epoch >= (noise.UntilEpoch ?? int.MaxValue))
            return null;
        (uint a, uint b, uint c, uint d) = Philox.Block(_seed, RandomStream.ColorNoise, epoch, picture, 0);
        (double first, double second) = Normals(a, b);
        (double third, _) = Normals(c, d);
        return new ColorShift(Along(0), Along(1), Along(2), (float)noise.Divisor);

        float Along(int channel) => (float)(_components[channel] * first + _components[3 + channel] * second + _components[6 + channel] * third);
    }

    /// <summary>Two independent standard normal numbers (Box and Muller).</summary>
    private static (double, double) Normals(uint a, uint b)
    {
        const double ToUnit = 1.0 / 4294967296;
        double radius = Math.Sqrt(-2 * Math.Log((a + 0.5) * ToUnit));       // + 0.5: never the logarithm of 0
        (double sine, double cosine) = Math.SinCos(2 * Math.PI * (b + 0.5) * ToUnit);
        return (radius * cosine, radius * sine);
    }
}
