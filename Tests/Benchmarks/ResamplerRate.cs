using AlexNetMl.Imaging;

namespace AlexNetMl.Benchmarks;

/// <summary>Resizing a decoded picture of 500 x 375, every filter, down and up, with the instructions this machine has, against Pillow.</summary>
public static class ResamplerRate
{
    private static readonly ResamplingFilter[] Filters =
        [ResamplingFilter.Bilinear, ResamplingFilter.Box, ResamplingFilter.Hamming, ResamplingFilter.Bicubic, ResamplingFilter.Lanczos];

    public static void Run(TextWriter output)
    {
        string picture = FindPicture();
        RgbImage image = ImageDecoders.Default.Decode(File.ReadAllBytes(picture));
        using var rates = new ImagingRates(output, picture);
        foreach ((int width, int height) in new[] { (341, 256), (1000, 750) })
        {
            foreach (ResamplingFilter filter in Filters)
            {
                string rival = $"{filter.ToString().ToLowerInvariant()} {width} {height}";
                rates.Compare($"{image.Width} x {image.Height} to {width} x {height}, {filter}, a new picture", () => ImageResampler.Resize(image, width, height, filter), rival);
            }
        }

        byte[] rgb = new byte[341 * 256 * 3];
        rates.Compare("341 x 256, Bilinear, into memory that is there", () => ImageResampler.Resize(image, 341, 256, ResamplingFilter.Bilinear, rgb), "bilinear 341 256");
        foreach (VectorWidth vectors in new[] { VectorWidth.Bits256, VectorWidth.Bits128, VectorWidth.Scalar }.Where(VectorWidths.IsSupported))
        {
            var whole = new PixelWindow(0, 0, 341, 256);
            rates.Compare($"the same with {vectors}", () => ImageResampler.Resize(image, 341, 256, ResamplingFilter.Bilinear, whole, rgb, vectors), "bilinear 341 256");
        }
    }

    internal static string FindPicture()
    {
        const string Picture = "Tests/Imaging/vectors/decoding/photo.jpg";
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, Picture);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return File.Exists(Picture)
            ? Path.GetFullPath(Picture)
            : throw new FileNotFoundException($"{Picture} was found neither above {AppContext.BaseDirectory} nor in the current folder; run from the repository's root.");
    }
}
