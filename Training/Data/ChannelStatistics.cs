using System.Collections.Immutable;
using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>Mean and standard deviation of each colour channel over pictures, in units of rescaled pixels.</summary>
/// <param name="Mean">Mean of R, G, B.</param>
/// <param name="StandardDeviation">Standard deviation of R, G, B; 1 where a channel is constant.</param>
public sealed record ChannelStatistics(ImmutableArray<float> Mean, ImmutableArray<float> StandardDeviation)
{
    /// <summary>
    /// Measures pictures after <see cref="ImagePreprocessing.Resize"/>. At most <paramref name="sample"/> of them, evenly spaced: the mean of
    /// thousands of pictures moves by less than a grey level when more are added. Sums are integers, so the result does not depend on
    /// the number of threads.
    /// </summary>
    /// <param name="images">The training pictures, never the held-out or test ones.</param>
    /// <param name="preprocessing">Gives size, filter and rescale factor; its own mean and deviation are ignored.</param>
    /// <param name="sample">Largest number of pictures to read.</param>
    /// <param name="decoder">Null: <see cref="ImageDecoders.Default"/>.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    /// <exception cref="ArgumentException">There are no pictures.</exception>
    /// <exception cref="ImageFormatException">A picture cannot be decoded; the message names its path.</exception>
    public static ChannelStatistics Measure(
        IReadOnlyList<LabeledImage> images, ImagePreprocessing preprocessing, int sample = 5000, IImageDecoder? decoder = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(preprocessing);
        ArgumentOutOfRangeException.ThrowIfLessThan(sample, 1);
        if (images.Count == 0)
        {
            throw new ArgumentException("There are no pictures to measure: give at least one.", nameof(images));
        }

        int count = Math.Min(sample, images.Count);
        var total = new long[7];
        Parallel.For(
            0,
            count,
            new ParallelOptions { CancellationToken = cancellationToken },
            () => new long[7],
            (i, _, sums) =>
            {
                var picture = preprocessing.Resize(ImageFile.Load(images[(int)((long)i * images.Count / count)].Path, decoder));
                Add(picture.Pixels, sums);
                return sums;
            },
            sums =>
            {
                lock (total)
                {
                    for (int i = 0; i < sums.Length; i++)
                    {
                        total[i] += sums[i];
                    }
                }
            });

        var mean = ImmutableArray.CreateBuilder<float>(3);
        var deviation = ImmutableArray.CreateBuilder<float>(3);
        for (int channel = 0; channel < 3; channel++)
        {
            double average = (double)total[channel] / total[6];
            double variance = ((double)total[3 + channel] / total[6]) - (average * average);
            mean.Add((float)(average * preprocessing.RescaleFactor));
            deviation.Add(variance > 0 ? (float)(Math.Sqrt(variance) * preprocessing.RescaleFactor) : 1);
        }

        return new ChannelStatistics(mean.MoveToImmutable(), deviation.MoveToImmutable());
    }

    // sums: three of values, three of squares, the number of pixels.
    private static void Add(byte[] rgb, long[] sums)
    {
        long r = 0, g = 0, b = 0, rr = 0, gg = 0, bb = 0;
        for (int i = 0; i < rgb.Length; i += 3)
        {
            int red = rgb[i], green = rgb[i + 1], blue = rgb[i + 2];
            r += red;
            g += green;
            b += blue;
            rr += red * red;
            gg += green * green;
            bb += blue * blue;
        }

        sums[0] += r;
        sums[1] += g;
        sums[2] += b;
        sums[3] += rr;
        sums[4] += gg;
        sums[5] += bb;
        sums[6] += rgb.Length / 3;
    }
}
