using System.Security.Cryptography;
using System.Text.Json;

namespace AlexNetMl.Imaging.Tests;

/// <summary>The seeded pictures of vectors/pictures.py, and the committed vectors.</summary>
internal static class TestPictures
{
    internal static string VectorFolder { get; } = Path.Combine(AppContext.BaseDirectory, "vectors");

    internal static string[] Kinds { get; } = ["noise", "extremes", "gradient"];

    /// <summary>Width, height, new width and new height of a random case, as pictures.py draws them.</summary>
    internal static (int Width, int Height, int NewWidth, int NewHeight) RandomSizes(int number)
    {
        uint top = (Mix(4, 7000 + number) % 3) switch { 0 => 6, 1 => 40, _ => 130 };
        return (Side(0), Side(1), Side(2), Side(3));

        int Side(int index) => 1 + (int)((Mix(index, 7000 + number) >> 8) % top);
    }

    internal static RgbImage Make(int width, int height, int seed, string kind = "noise")
    {
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            var x = Mix(i, seed);
            int column = i / 3 % width, row = i / 3 / width, channel = i % 3;
            pixels[i] = kind switch
            {
                "noise" => (byte)x,
                "extremes" => (byte)((x & 1) * 255),
                "gradient" => (byte)((column * (3 + channel)) + (row * 5) + seed + (int)(x & 7)),
                _ => throw new ArgumentException(kind),
            };
        }

        return new RgbImage(width, height, pixels);
    }

    private static uint Mix(int index, int seed)
    {
        var x = unchecked(((uint)index * 2654435761) + ((uint)seed * 40503) + 12345);
        x ^= x >> 15;
        x = unchecked(x * 2246822519);
        return x ^ (x >> 13);
    }

    internal static byte[] Read(string file) => File.ReadAllBytes(Path.Combine(VectorFolder, "decoding", file));

    internal static JsonElement Json(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(VectorFolder, file)));
        return document.RootElement.Clone();
    }

    internal static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    internal static bool IsLibJpeg => ImageDecoders.Default.Name.Contains("libjpeg-turbo", StringComparison.Ordinal);

    internal static bool IsLibWebP => ImageDecoders.Default.Name.Contains("libwebp", StringComparison.Ordinal);
}
