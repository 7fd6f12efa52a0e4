using AlexNetMl.Imaging;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines.Tests;

[TestClass]
public sealed class MLImagePixelsTests
{
    [TestMethod]
    [DataRow(MLPixelFormat.Rgba32)]
    [DataRow(MLPixelFormat.Bgra32)]
    public void PixelsOfAnySizeComeAsRedGreenBlue(MLPixelFormat format)
    {
        var random = new Random(1);
        foreach ((int width, int height) in ((int, int)[])[(1, 1), (2, 1), (5, 1), (3, 2), (4, 4), (7, 5), (17, 1), (33, 9)])
        {
            byte[] pixels = new byte[width * height * 4];
            random.NextBytes(pixels);
            using MLImage image = MLImage.CreateFromPixels(width, height, format, pixels);
            RgbImage copy = MLImagePixels.Copy(image);
            byte[] expected = [.. pixels.Chunk(4).SelectMany(p => format == MLPixelFormat.Rgba32 ? (byte[])[p[0], p[1], p[2]] : [p[2], p[1], p[0]])];
            CollectionAssert.AreEqual(expected, copy.Pixels, $"{width} x {height}");
        }
    }
}
