namespace AlexNetMl.Imaging;

/// <summary>
/// A decoded picture in memory that the next one uses again. Allocating a picture's half megabyte anew costs about as much as resampling it, so whoever sees
/// many pictures decodes into one of these per thread. Not safe for concurrent use.
/// </summary>
public sealed class ImageBuffer
{
    // A huge picture's memory is not kept for small ones.
    private const int Kept = 16 << 20;

    private byte[] pixels = [];

    /// <summary>Pixels in a row; 0 before the first picture.</summary>
    public int Width { get; private set; }

    /// <summary>Rows; 0 before the first picture.</summary>
    public int Height { get; private set; }

    /// <summary>How the picture wants to be looked at, as <see cref="RgbImage.Orientation"/>.</summary>
    public ImageOrientation Orientation { get; private set; } = ImageOrientation.TopLeft;

    /// <summary>The pixels: the sample of row y, column x, channel c stands at (y × Width + x) × 3 + c. Valid until the next picture.</summary>
    public Span<byte> Pixels => pixels.AsSpan(0, Width * Height * RgbImage.Channels);

    internal PixelView View => new(Pixels, Width, Height, Orientation);

    /// <summary>Takes a picture's pixels over; they are copied.</summary>
    /// <param name="image">The picture.</param>
    public void Set(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        image.Pixels.CopyTo(Begin(image.Width, image.Height, image.Orientation));
    }

    /// <summary>A picture of its own with these pixels.</summary>
    /// <exception cref="InvalidOperationException">Nothing was decoded yet.</exception>
    public RgbImage ToImage() =>
        Width > 0
            ? new RgbImage(Width, Height, Pixels.ToArray()) { Orientation = Orientation }
            : throw new InvalidOperationException("The buffer holds no picture yet: decode one into it.");

    /// <summary>Room for a picture, for decoders and for whoever has its pixels in another form.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="orientation">How the picture wants to be looked at.</param>
    /// <returns>The pixels, width × height × 3 bytes, arbitrary until all of them are written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive, or the pixels do not fit one array.</exception>
    public Span<byte> Begin(int width, int height, ImageOrientation orientation = ImageOrientation.TopLeft)
    {
        var bytes = RgbImage.ByteCount(width, height);
        if (pixels.Length < bytes || (pixels.Length > Kept && bytes <= Kept))
        {
            pixels = GC.AllocateUninitializedArray<byte>(bytes);
        }

        (Width, Height, Orientation) = (width, height, orientation);
        return pixels.AsSpan(0, bytes);
    }
}

/// <summary>A picture's pixels, wherever they are.</summary>
internal readonly ref struct PixelView(ReadOnlySpan<byte> pixels, int width, int height, ImageOrientation orientation)
{
    internal ReadOnlySpan<byte> Pixels { get; } = pixels;

    internal int Width { get; } = width;

    internal int Height { get; } = height;

    internal ImageOrientation Orientation { get; } = orientation;

    public static implicit operator PixelView(RgbImage image) => new(image.Pixels, image.Width, image.Height, image.Orientation);
}
