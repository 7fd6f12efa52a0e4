using System.Runtime.Intrinsics;
using AlexNetMl.Imaging;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>The pixels of ML.NET's images, 4 bytes each, as red, green and blue. Alpha is left out, as ML.NET's own ExtractPixels leaves it out.</summary>
internal static class MLImagePixels
{
    /// <summary>An image's pixels in memory of their own.</summary>
    /// <exception cref="ImageFormatException">Its pixels are neither Rgba32 nor Bgra32.</exception>
    public static RgbImage Copy(MLImage image)
    {
        byte[] rgb = GC.AllocateUninitializedArray<byte>(image.Width * image.Height * RgbImage.Channels);
        Copy(image, rgb);
        return new RgbImage(image.Width, image.Height, rgb);
    }

    /// <summary>Writes an image's pixels: width × height × 3 bytes.</summary>
    /// <exception cref="ImageFormatException">Its pixels are neither Rgba32 nor Bgra32.</exception>
    public static void Copy(MLImage image, Span<byte> rgb)
    {
        switch (image.PixelFormat)
        {
            case MLPixelFormat.Rgba32:
                Copy(image.Pixels, rgb, red: 0);
                break;
            case MLPixelFormat.Bgra32:
                Copy(image.Pixels, rgb, red: 2);
                break;
            default:
                throw new ImageFormatException($"An image has pixels of format {image.PixelFormat}; Rgba32 and Bgra32 can be scored.");
        }
    }

    // Four pixels at a time: 16 bytes are read, 16 written, of which the next four pixels overwrite the last 4.
    private static void Copy(ReadOnlySpan<byte> pixels, Span<byte> rgb, int red)
    {
        if (pixels.Length / 4 * RgbImage.Channels != rgb.Length)
        {
            throw new ImageFormatException($"An image says {rgb.Length / RgbImage.Channels} pixels and has {pixels.Length} bytes of them.");
        }

        Vector128<byte> order = red == 0
            ? Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255)
            : Vector128.Create((byte)2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 255, 255, 255, 255);
        int from = 0, to = 0;
        for (; to <= rgb.Length - Vector128<byte>.Count; from += Vector128<byte>.Count, to += 12)
        {
            Vector128.Shuffle(Vector128.Create(pixels.Slice(from, Vector128<byte>.Count)), order).CopyTo(rgb[to..]);
        }

        for (; to < rgb.Length; from += 4, to += RgbImage.Channels)
        {
            rgb[to] = pixels[from + red];
            rgb[to + 1] = pixels[from + 1];
            rgb[to + 2] = pixels[from + 2 - red];
        }
    }
}
