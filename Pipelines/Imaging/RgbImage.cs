namespace AlexNetMl.Imaging;

/// <summary>A decoded picture: 8-bit RGB, interleaved, rows from top to bottom without padding.</summary>
public sealed class RgbImage
{
    /// <summary>Bytes of one pixel.</summary>
    public const int Channels = 3;

    /// <summary>A black picture.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive, or the pixels do not fit one array.</exception>
    public RgbImage(int width, int height)
        : this(width, height, new byte[ByteCount(width, height)])
    {
    }

    /// <summary>A picture over pixels that the caller hands over; they are not copied.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels">width × height × 3 bytes: R, G, B of the top left pixel first.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive, or the pixels do not fit one array.</exception>
    /// <exception cref="ArgumentException"><paramref name="pixels"/> has another length.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        var expected = ByteCount(width, height);
        if (pixels.Length != expected)
        {
            throw new ArgumentException(
                $"{pixels.Length} bytes were given; {width} x {height} RGB pixels take {expected}.", nameof(pixels));
        }

        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The pixels themselves: the sample of row y, column x, channel c stands at (y × Width + x) × 3 + c.</summary>
    public byte[] Pixels { get; }

    /// <summary>
    /// How the picture wants to be looked at. The pixels are as the file stores them; <see cref="ToUpright"/> turns them, and so does everything in
    /// <see cref="ImagePreprocessing"/> unless it is told not to. Default: upright.
    /// </summary>
    public ImageOrientation Orientation { get; init; } = ImageOrientation.TopLeft;

    /// <summary>The picture as it wants to be looked at, with the pixels of Pillow's <c>ImageOps.exif_transpose</c>.</summary>
    /// <returns>This picture where it is upright already, a new one otherwise.</returns>
    public RgbImage ToUpright()
    {
        if (Turning.IsUpright(Orientation))
        {
            return this;
        }

        var (width, height) = Turning.UprightSize(this);
        var result = Uninitialized(width, height);
        Turning.Run(this, result.Pixels);
        return result;
    }

    /// <summary>A picture whose pixels are arbitrary until somebody writes all of them.</summary>
    internal static RgbImage Uninitialized(int width, int height, ImageOrientation orientation = ImageOrientation.TopLeft) =>
        new(width, height, GC.AllocateUninitializedArray<byte>(ByteCount(width, height))) { Orientation = orientation };

    /// <summary>Bytes of a picture.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive, or the pixels do not fit one array.</exception>
    internal static int ByteCount(int width, int height)
    {
        if (width < 1 || height < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(width), $"{width} x {height} is no picture: both sides must be at least 1.");
        }

        var bytes = (long)width * height * Channels;
        if (bytes > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(width), $"{width} x {height} pixels take {bytes} bytes; one array holds at most {Array.MaxLength}.");
        }

        return (int)bytes;
    }
}
