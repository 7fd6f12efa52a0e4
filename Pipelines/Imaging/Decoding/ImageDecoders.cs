namespace AlexNetMl.Imaging;

/// <summary>Turns encoded bytes into RGB pixels. Implementations are safe for concurrent use.</summary>
public interface IImageDecoder
{
    /// <summary>
    /// The codecs that decide about pixels, e.g. "libjpeg-turbo 2.x, libwebp 1.x" or "ImageSharp 2.1.13": JPEG first, then WebP where another one reads it. Written into
    /// models, because JPEG pixels differ between codecs. PNG, GIF and BMP have one right answer and one reader.
    /// </summary>
    string Name { get; }

    /// <summary>Decodes one JPEG, PNG, WebP, GIF or BMP picture.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <returns>
    /// RGB pixels as Pillow's <c>convert("RGB")</c> gives them: gray is repeated, alpha is dropped (nothing is blended), CMYK is taken as
    /// Adobe's inverted CMYK. Of 16 bits the upper eight are kept, of animations the first frame on its canvas. Gamma and colour profiles are not applied. EXIF orientation is
    /// told by <see cref="RgbImage.Orientation"/>, and applied by <see cref="RgbImage.ToUpright"/> and <see cref="ImagePreprocessing"/>.
    /// </returns>
    /// <exception cref="ImageFormatException">None of the formats, broken, cut off, or over the decoder's limits.</exception>
    RgbImage Decode(ReadOnlySpan<byte> encoded);

    /// <summary>Decodes one picture into memory that is used again and again.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="buffer">Receives the picture; after an error it holds none of use.</param>
    /// <exception cref="ImageFormatException">As for <see cref="Decode(ReadOnlySpan{byte})"/>.</exception>
    void Decode(ReadOnlySpan<byte> encoded, ImageBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        buffer.Set(Decode(encoded));
    }
}

/// <summary>How a decoder works.</summary>
public sealed record ImageDecoderOptions
{
    /// <summary>Checked from a file's header, before anything is allocated.</summary>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;

    /// <summary>
    /// Null, the default: JPEG pictures are decoded in full. A number of pixels: they are decoded at 1/2, 1/4 or 1/8 of their size, the smallest whose shorter side still
    /// has so many pixels, as Pillow's <c>draft</c> does it. That is several times as fast for large photographs and changes pixels, so a network should be
    /// trained on what it is to see: the decoder's <see cref="IImageDecoder.Name"/> says it. Only libjpeg-turbo can do it.
    /// </summary>
    public int? ScaleJpegTo { get; init; }
}

/// <summary>The decoders of this build.</summary>
public static class ImageDecoders
{
    private static readonly Lazy<IReadOnlyList<IImageDecoder>> Decoders = new(() =>
        [.. StackCodecs.Available().Select(codecs => new PictureDecoder(codecs, new ImageDecoderOptions()))]);

    /// <summary>The fastest of <see cref="All"/>, under <see cref="ImageLimits.Default"/>.</summary>
    public static IImageDecoder Default => All[0];

    /// <summary>
    /// Every decoder that this process has, the preferred one first: on the NuGet stack ImageSharp, and before it libjpeg-turbo and libwebp where the machine has them.
    /// They differ in JPEG pixels by a few steps and in lossy WebP's.
    /// </summary>
    public static IReadOnlyList<IImageDecoder> All => Decoders.Value;

    /// <summary>The preferred codecs under other limits.</summary>
    /// <param name="limits">Checked from the header, before anything is allocated.</param>
    /// <returns>A decoder for concurrent use.</returns>
    public static IImageDecoder Create(ImageLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        return Create(new ImageDecoderOptions { Limits = limits });
    }

    /// <summary>The preferred codecs, working in another way.</summary>
    /// <param name="options">How.</param>
    /// <returns>A decoder for concurrent use.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="ImageDecoderOptions.ScaleJpegTo"/> is not positive.</exception>
    /// <exception cref="NotSupportedException"><see cref="ImageDecoderOptions.ScaleJpegTo"/> is asked for, and libjpeg-turbo is not there.</exception>
    public static IImageDecoder Create(ImageDecoderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new PictureDecoder(StackCodecs.Available()[0], options);
    }

    /// <summary>The decoder that gives the pixels a network was trained on.</summary>
    /// <param name="name">The name in its file; null where it has none.</param>
    /// <param name="limits">Checked from a picture's header, before anything is allocated; null: <see cref="ImageLimits.Default"/>.</param>
    /// <returns>The first of <see cref="All"/> that is <see cref="AreAlike"/>; where there is none, the first. Under other limits, one like it.</returns>
    public static IImageDecoder For(string? name, ImageLimits? limits = null)
    {
        var index = name is null ? 0 : Math.Max(0, All.ToList().FindIndex(decoder => AreAlike(name, decoder.Name)));
        return limits is null || limits == ImageLimits.Default
            ? All[index]
            : new PictureDecoder(StackCodecs.Available()[index], new ImageDecoderOptions { Limits = limits });
    }

    /// <summary>Whether two decoders give the same pixels, by their names.</summary>
    /// <param name="one">A name, from a file for example.</param>
    /// <param name="other">Another.</param>
    /// <returns>Whether JPEG is read by the same codec, and WebP too as far as the names tell: older files name libpng in that place, whose pixels are everybody's.</returns>
    public static bool AreAlike(string one, string other)
    {
        var (jpeg, webP) = Parse(one);
        var (otherJpeg, otherWebP) = Parse(other);
        return jpeg == otherJpeg && (webP is null || otherWebP is null || webP == otherWebP);
    }

    private static (string Jpeg, string? WebP) Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var parts = name.Split(", ");
        return (parts[0], parts.Length == 1 ? parts[0] : parts[1].StartsWith("libpng", StringComparison.Ordinal) ? null : parts[1]);
    }
}
