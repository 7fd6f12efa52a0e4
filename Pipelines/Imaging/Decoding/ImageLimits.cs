namespace AlexNetMl.Imaging;

/// <summary>What a picture may claim before anything is allocated for it.</summary>
public sealed record ImageLimits
{
    // Decoders count bytes in 32 bits, up to four for a pixel.
    private const long LargestPixelCount = (int.MaxValue / 4) - 1;

    // A decoder holds some rows beside the picture. libpng's limit.
    private const int LargestSide = 1_000_000;

    /// <summary>The limits that are used when none are given.</summary>
    public static ImageLimits Default { get; } = new();

    /// <summary>Largest width × height, before and after resizing. Default 89,478,485, Pillow's threshold: 256 MiB of RGB. A
    /// codec takes up to three times the picture's memory again while it decodes (progressive JPEG does), so a service that many people write to wants
    /// this lower.</summary>
    public long MaxPixels { get; init; } = 89_478_485;

    /// <summary>Largest encoded file in bytes. Default 256 MiB.</summary>
    public long MaxBytes { get; init; } = 256L << 20;

    internal void CheckBytes(long bytes)
    {
        if (bytes > MaxBytes)
        {
            throw new ImageFormatException($"{bytes} bytes exceed the limit of {MaxBytes} for one encoded picture");
        }
    }

    internal void CheckPixels(int width, int height)
    {
        var limit = Math.Min(MaxPixels, LargestPixelCount);
        if ((long)width * height > limit)
        {
            throw new ImageFormatException($"{width} x {height} pixels exceed the limit of {limit} pixels");
        }

        if (width > LargestSide || height > LargestSide)
        {
            throw new ImageFormatException($"{width} x {height} pixels exceed the limit of {LargestSide} pixels for one side");
        }
    }
}
