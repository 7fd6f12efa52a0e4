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
        var buffer = new ImageBuffer();
        RgbImage image = ImageDecoders.Default.Decode(encoded);
        buffer.Set(image);
        var preprocessing = new ImagePreprocessing { Mean = [0.485f, 0.456f, 0.406f], StandardDeviation = [0.229f, 0.224f, 0.225f] };
        var tensor = new float[preprocessing.TensorLength];
        var halves = new Half[preprocessing.TensorLength];
        var bytes = new byte[preprocessing.TensorLength];
        output.WriteLine($"{image.Width} x {image.Height}, {encoded.Length} bytes of JPEG");
        using var rates = new ImagingRates(output, picture);
        foreach (IImageDecoder decoder in ImageDecoders.All)
        {
            output.WriteLine(decoder.Name);
            rates.Compare("JPEG to tensor, decoded into a buffer", () => { decoder.Decode(encoded, buffer); preprocessing.ToTensor(buffer, tensor); }, "encoded to tensor");
            rates.Compare("JPEG to tensor, decoded into a new picture", () => preprocessing.ToTensor(decoder.Decode(encoded), tensor), "encoded to tensor");
            rates.Compare("JPEG decode alone, into a buffer", () => decoder.Decode(encoded, buffer), "decode");
        }

        rates.Compare("decoded picture to float32, planes", () => preprocessing.ToTensor(buffer, tensor), "prepare");
        rates.Compare("decoded picture to float32, interleaved", () => preprocessing.ToTensor(buffer, tensor, TensorLayout.Nhwc));
        rates.Compare("decoded picture to float16, planes", () => preprocessing.ToTensor(buffer, halves), "prepare half");
        rates.Compare("decoded picture to bytes, interleaved", () => preprocessing.ToPixels(buffer, 224, bytes), "prepare bytes");
        rates.Compare("JPEG file to float32, planes", () => { ImageFile.Load(picture, buffer); preprocessing.ToTensor(buffer, tensor); }, "file to tensor");
        rates.Compare("JPEG to float16, planes", () => { ImageDecoders.Default.Decode(encoded, buffer); preprocessing.ToTensor(buffer, halves); }, "encoded to half");
        rates.Compare("JPEG to bytes, interleaved", () => { ImageDecoders.Default.Decode(encoded, buffer); preprocessing.ToPixels(buffer, 224, bytes); }, "encoded to bytes");
        ComparePng(output, image, preprocessing, buffer, tensor);
    }

    private static void ComparePng(TextWriter output, RgbImage image, ImagePreprocessing preprocessing, ImageBuffer buffer, float[] tensor)
    {
        byte[] png = PngEncoder.Encode(image);
        string file = Path.Combine(Path.GetTempPath(), $"alexnetml-{Guid.NewGuid():N}.png");
        try
        {
            File.WriteAllBytes(file, png);
            output.WriteLine($"the same picture as PNG, {png.Length} bytes");
            using var rates = new ImagingRates(output, file);
            rates.Compare("PNG decode alone, into a buffer", () => ImageDecoders.Default.Decode(png, buffer), "decode");
            rates.Compare("PNG in memory to float32, planes", () => { ImageDecoders.Default.Decode(png, buffer); preprocessing.ToTensor(buffer, tensor); }, "encoded to tensor");
            rates.Compare("PNG file to float32, planes", () => { ImageFile.Load(file, buffer); preprocessing.ToTensor(buffer, tensor); }, "file to tensor");
            CompareWebP(output, file, buffer);
        }
        finally
        {
            File.Delete(file);
        }
    }

    // Pillow writes it; without Pillow there is nothing to compare with either.
    private static void CompareWebP(TextWriter output, string png, ImageBuffer buffer)
    {
        string file = Path.ChangeExtension(png, ".webp");
        try
        {
            using var rates = new ImagingRates(output, png, writeWebP: file);
            if (!File.Exists(file))
            {
                return;
            }

            byte[] webP = File.ReadAllBytes(file);
            output.WriteLine($"the same picture as lossless WebP, {webP.Length} bytes");
            rates.Compare("lossless WebP decode alone, into a buffer", () => ImageDecoders.Default.Decode(webP, buffer), "webp decode");
        }
        finally
        {
            File.Delete(file);
        }
    }
}
