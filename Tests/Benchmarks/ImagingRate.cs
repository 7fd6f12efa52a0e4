using AlexNetMl.Imaging;

namespace AlexNetMl.Benchmarks;

/// <summary>
/// The whole way of a JPEG picture of 500 x 375 that is in memory: shorter side to 256, centre window of 224, normalised float32, against Pillow and
/// torchvision's Resize, CenterCrop, ToTensor, Normalize.
/// </summary>
public static class ImagingRate
{
    public static void Run(TextWriter output)
    {
        string picture = ResamplerRate.FindPicture();
        byte[] encoded = File.ReadAllBytes(picture);
        IImageDecoder decoder = ImageDecoders.Default;
        RgbImage image = decoder.Decode(encoded);
        var preprocessing = new ImagePreprocessing { Mean = [0.485f, 0.456f, 0.406f], StandardDeviation = [0.229f, 0.224f, 0.225f] };
        var tensor = new float[preprocessing.TensorLength];
        output.WriteLine($"{image.Width} x {image.Height}, {encoded.Length} bytes of JPEG; decoder: {decoder.Name}");
        using var rates = new ImagingRates(output, picture);
        rates.Compare("JPEG to tensor", () => preprocessing.ToTensor(decoder.Decode(encoded), tensor), "jpeg to tensor");
        rates.Compare("JPEG decode alone", () => decoder.Decode(encoded), "decode");
        rates.Compare("decoded picture to tensor", () => preprocessing.ToTensor(image, tensor), "prepare");
    }
}
