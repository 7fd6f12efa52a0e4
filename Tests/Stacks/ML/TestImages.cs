using Microsoft.ML.Data;

namespace AlexNetMl.Stacks.Tests.ML;

/// <summary>Pictures to test with, opaque, and a comparison of bytes that says where they differ.</summary>
internal static class TestImages
{
    internal static MLImage Noise(int width, int height, int seed = 1)
    {
        var pixels = new byte[width * height * 4];
        new Random(seed).NextBytes(pixels);
        return Opaque(width, height, pixels);
    }

    internal static MLImage Gradient(int width, int height)
    {
        var pixels = new byte[width * height * 4];
        for (int i = 0; i < width * height; i++)
        {
            pixels[4 * i] = (byte)(255 * (i % width) / width);
            pixels[(4 * i) + 1] = (byte)(255 * (i / width) / height);
            pixels[(4 * i) + 2] = (byte)(128 + (60 * Math.Sin(i % width / 9.0)));
        }
        return Opaque(width, height, pixels);
    }

    /// <summary>The value of channel <paramref name="c"/> (blue first) at a place.</summary>
    internal static byte At(MLImage image, int x, int y, int c) => image.Pixels[(((y * image.Width) + x) * 4) + c];

    internal static void AssertClose(byte[] expected, byte[] actual, int tolerance)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], tolerance, $"byte {i}");
        }
    }

    private static MLImage Opaque(int width, int height, byte[] pixels)
    {
        for (int i = 3; i < pixels.Length; i += 4)
        {
            pixels[i] = 255;
        }
        return MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, pixels);
    }
}

internal sealed class TemporaryFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("alexnetml-").FullName;

    internal string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
