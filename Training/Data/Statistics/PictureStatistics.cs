using System.Collections.Immutable;
using System.Runtime.InteropServices;
using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>
/// What preprocessing and augmentation need to know of the training pictures (sections 2 and 4.1): mean image, mean and deviation of the
/// colours, and their principal components. Everything is in units of pixels in [0, 1]. Immutable.
/// </summary>
public sealed partial class PictureStatistics
{
    private readonly float[] _meanImage;

    private PictureStatistics(int side, int pictures, float[] meanImage, ReadOnlySpan<double> mean, ReadOnlySpan<double> covariance)
    {
        (Side, Pictures, _meanImage) = (side, pictures, meanImage);
        Mean = [.. mean];
        Covariance = [.. covariance];
        StandardDeviation = [Math.Sqrt(covariance[0]), Math.Sqrt(covariance[4]), Math.Sqrt(covariance[8])];
        (double[] values, double[] vectors) = PrincipalComponents.Of(covariance);
        Eigenvalues = [.. values];
        Eigenvectors = [.. vectors];
    }

    /// <summary>Side of the squares that were measured, the preprocessing's ShorterSide.</summary>
    public int Side { get; }

    /// <summary>Pictures that were measured.</summary>
    public int Pictures { get; }

    /// <summary>Mean of every pixel, [3, Side, Side]: planes R, G, B.</summary>
    public ReadOnlySpan<float> MeanImage => _meanImage;

    /// <summary>Mean of R, G, B over all pixels.</summary>
    public ImmutableArray<double> Mean { get; }

    /// <summary>Standard deviation of R, G, B over all pixels (population).</summary>
    public ImmutableArray<double> StandardDeviation { get; }

    /// <summary>Covariance of R, G, B over all pixels (population), 3×3, row by row.</summary>
    public ImmutableArray<double> Covariance { get; }

    /// <summary>Eigenvalues of <see cref="Covariance"/>, the largest first.</summary>
    public ImmutableArray<double> Eigenvalues { get; }

    /// <summary>Unit eigenvectors, 3×3: row i belongs to eigenvalue i; the element of largest magnitude of each is positive.</summary>
    public ImmutableArray<double> Eigenvectors { get; }

    /// <summary>
    /// Measures the squares that training cuts its windows from, in one pass on several threads. Sums are whole numbers: the result depends
    /// neither on threads nor on order.
    /// </summary>
    /// <param name="pictures">The training pictures, never held-out or test ones.</param>
    /// <param name="preprocessing">Gives ShorterSide, CropSide and Filter; its normalisation is ignored.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="progress">Told how it goes.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    /// <exception cref="ArgumentException">There are no pictures, a value is out of range, or a cache holds other squares.</exception>
    /// <exception cref="ImageFormatException">A picture cannot be decoded, and broken ones are not skipped; the message names it.</exception>
    /// <exception cref="InvalidDataException">None can be decoded.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> asked for it.</exception>
    public static PictureStatistics Measure(
        PictureSet pictures,
        ImagePreprocessing preprocessing,
        PictureStatisticsOptions? options = null,
        IProgress<PictureProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        MeasureAndList(pictures, preprocessing, options, new SkippedPictures((options ?? new PictureStatisticsOptions()).OnBrokenImage), progress, cancellationToken);

    /// <summary>The same, with a list of what is left out.</summary>
    internal static PictureStatistics MeasureAndList(
        PictureSet pictures, ImagePreprocessing preprocessing, PictureStatisticsOptions? options, SkippedPictures skips, IProgress<PictureProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentNullException.ThrowIfNull(preprocessing);
        options ??= new PictureStatisticsOptions();
        options.Validate();
        preprocessing.Validate();
        pictures.RequireSquares(preprocessing);
        if (pictures.Count == 0)
            throw new ArgumentException("There are no pictures to measure: give at least one.", nameof(pictures));

        int count = Math.Min(options.Sample ?? int.MaxValue, pictures.Count), side = preprocessing.ShorterSide;
        var total = new PictureSums(side);
        PictureSweep.Run(
            pictures,
            preprocessing,
            count,
            number => (int)((long)number * pictures.Count / count),
            PictureSweep.Threads(options.Threads),
            skips,
            new PictureMeter(progress, count),
            () => new PictureSums(side),
            static (_, square, sums) => sums.Add(square),
            total.Add,
            cancellationToken);
        return total.Pictures > 0
            ? From(total, side)
            : throw new InvalidDataException($"None of the {count} pictures can be decoded, the first is '{pictures.Name(0)}': check the files.");
    }

    /// <summary>A preprocessing with these pictures' mean colour and standard deviation (1 where a channel is constant).</summary>
    /// <param name="preprocessing">Everything else.</param>
    public ImagePreprocessing WithMeanColor(ImagePreprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        double unit = 255.0 * preprocessing.RescaleFactor;
        return preprocessing with
        {
            MeanImage = null,
            Mean = [.. Mean.Select(value => (float)(value * unit))],
            StandardDeviation = [.. StandardDeviation.Select(value => value > 0 ? (float)(value * Math.Abs(unit)) : 1)],
        };
    }

    /// <summary>A preprocessing that subtracts these pictures' mean image and divides by nothing, as section 2 has it.</summary>
    /// <param name="preprocessing">Everything else.</param>
    /// <exception cref="ArgumentException">Its ShorterSide is not <see cref="Side"/>.</exception>
    public ImagePreprocessing WithMeanImage(ImagePreprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        double unit = 255.0 * preprocessing.RescaleFactor;
        var result = preprocessing with
        {
            MeanImage = new MeanImage(Side, [.. _meanImage.Select(value => (float)(value * unit))]),
            Mean = [0f, 0f, 0f],
            StandardDeviation = [1f, 1f, 1f],
        };
        result.Validate();
        return result;
    }

    private static PictureStatistics From(PictureSums sums, int side)
    {
        int plane = side * side;
        double pixels = (double)sums.Pictures * plane;
        var meanImage = new float[3 * plane];
        var mean = new double[3];
        for (int channel = 0; channel < 3; channel++)
        {
            UInt128 all = 0;
            for (int i = channel * plane; i < (channel + 1) * plane; i++)
            {
                all += sums.Pixels![i];
                meanImage[i] = (float)(sums.Pixels[i] / (255.0 * sums.Pictures));
            }
            mean[channel] = (double)all / pixels;
        }

        // Of what remains after the subtraction a variance has at least ten digits: sums of products are exact.
        var covariance = new double[9];
        int product = 0;
        for (int row = 0; row < 3; row++)
        {
            for (int column = row; column < 3; column++)
            {
                double value = (double)sums.Products[product++] / pixels - mean[row] * mean[column];
                covariance[3 * row + column] = covariance[3 * column + row] = (row == column ? Math.Max(0, value) : value) / (255.0 * 255.0);
            }
        }
        for (int channel = 0; channel < 3; channel++)
            mean[channel] /= 255;
        return new PictureStatistics(side, checked((int)sums.Pictures), meanImage, mean, covariance);
    }
}
