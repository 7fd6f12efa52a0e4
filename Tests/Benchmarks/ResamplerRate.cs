using System.Diagnostics;
using System.Globalization;
using AlexNetMl.Imaging;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// Resizing 500 x 375 to 341 x 256 (bilinear) and the whole way from JPEG bytes to a normalised tensor, one thread, medians of
/// rates per second of processor time, so that other work on the machine disturbs little.
/// Pillow beside it, same machine and picture: Tests/Benchmarks/resampler_rate.py.
/// </summary>
public static class ResamplerRate
{
    private const int Repeats = 9;
    private static readonly TimeSpan RepeatTime = TimeSpan.FromSeconds(0.3);

    public static void Run(TextWriter output)
    {
        var encoded = File.ReadAllBytes(FindPicture());
        var decoder = ImageDecoders.Default;
        var image = decoder.Decode(encoded);
        var preprocessing = new ImagePreprocessing { Mean = [0.485f, 0.456f, 0.406f], StandardDeviation = [0.229f, 0.224f, 0.225f] };
        var tensor = new float[preprocessing.TensorLength];
        var sourcePixels = (double)image.Width * image.Height;

        output.WriteLine($"picture: {image.Width} x {image.Height}, {encoded.Length} bytes of JPEG; decoder: {decoder.Name}; one thread");
        Report(output, $"resize to 341 x 256, {ResamplingFilter.Bilinear}", sourcePixels, () => ImageResampler.Resize(image, 341, 256, ResamplingFilter.Bilinear));
        Report(output, $"resize to 341 x 256, {ResamplingFilter.Bicubic}", sourcePixels, () => ImageResampler.Resize(image, 341, 256, ResamplingFilter.Bicubic));
        Report(output, "decoded picture to tensor", sourcePixels, () => preprocessing.ToTensor(image, tensor));
        Report(output, "JPEG decode alone", sourcePixels, () => decoder.Decode(encoded));
        Report(output, "JPEG to tensor", sourcePixels, () => preprocessing.ToTensor(decoder.Decode(encoded), tensor));
    }

    private static void Report(TextWriter output, string what, double pixels, Action action)
    {
        var rates = new double[Repeats];
        Measure(action);
        for (var i = 0; i < Repeats; i++)
        {
            rates[i] = Measure(action);
        }

        Array.Sort(rates);
        var median = rates[Repeats / 2];
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what,-34} {median,8:0} images/s   {median * pixels / 1e6,7:0.0} source MPixel/s   (from {rates[0]:0} to {rates[^1]:0})"));
    }

    private static double Measure(Action action)
    {
        var count = 0;
        using var process = Process.GetCurrentProcess();
        var start = process.TotalProcessorTime;
        TimeSpan used;
        do
        {
            action();
            count++;
            process.Refresh();
            used = process.TotalProcessorTime - start;
        }
        while (used < RepeatTime);
        return count / used.TotalSeconds;
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
