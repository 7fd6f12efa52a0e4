using AlexNetMl.Imaging;

namespace AlexNetMl.EndToEnd.Tests;

/// <summary>Three classes that a small network can tell apart in seconds: stripes lying, stripes standing, a disc.</summary>
internal static class DrawnPictures
{
    private const int Side = 32;

    public static void Write(string folder, int perClass, int seed)
    {
        var random = new Random(seed);
        foreach (string name in new[] { "disc", "lying", "standing" })
        {
            string classFolder = Path.Combine(folder, name);
            Directory.CreateDirectory(classFolder);
            for (int i = 0; i < perClass; i++)
            {
                File.WriteAllBytes(Path.Combine(classFolder, $"{i:D4}.png"), PngEncoder.Encode(Draw(name, random)));
            }
        }
    }

    private static RgbImage Draw(string name, Random random)
    {
        var image = new RgbImage(Side, Side);
        int phase = random.Next(8), radius = random.Next(6, 13), cx = random.Next(12, 20), cy = random.Next(12, 20);
        var ink = new[] { random.Next(140, 256), random.Next(140, 256), random.Next(140, 256) };
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                bool drawn = name switch
                {
                    "lying" => (y + phase) % 8 < 4,
                    "standing" => (x + phase) % 8 < 4,
                    _ => ((x - cx) * (x - cx)) + ((y - cy) * (y - cy)) < radius * radius,
                };
                for (int c = 0; c < 3; c++)
                {
                    image.Pixels[(3 * ((y * Side) + x)) + c] = (byte)Math.Clamp((drawn ? ink[c] : 40) + random.Next(-30, 31), 0, 255);
                }
            }
        }

        return image;
    }
}
