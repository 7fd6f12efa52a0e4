namespace AlexNetMl.Imaging;

/// <summary>Checks that hold for every codec, all of them before memory is asked for; then the format's reader or codec.</summary>
internal sealed class PictureDecoder : IImageDecoder
{
    private const int SmallestScale = 8;

    private readonly PictureCodecs codecs;
    private readonly ImageDecoderOptions options;

    internal PictureDecoder(PictureCodecs codecs, ImageDecoderOptions options)
    {
        if (options.ScaleJpegTo is < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(options), $"{nameof(options.ScaleJpegTo)} is {options.ScaleJpegTo}; allowed is 1 or more, or null for JPEG in full.");
        }

        if (options.ScaleJpegTo is not null && !codecs.Jpeg.Scales)
        {
            throw new NotSupportedException(
                $"{codecs.Jpeg.Name} cannot decode JPEG at a part of its size; install libjpeg-turbo (Debian: libturbojpeg0), or leave {nameof(options.ScaleJpegTo)} out.");
        }

        this.codecs = codecs;
        this.options = options;
    }

    public string Name => options.ScaleJpegTo is { } side
        ? $"{codecs.Jpeg.Name} scaled to {side}, {codecs.WebP.Name}"
        : codecs.Name;

    public RgbImage Decode(ReadOnlySpan<byte> encoded)
    {
        var picture = Open(encoded);
        var image = RgbImage.Uninitialized(picture.Width, picture.Height, picture.Orientation);
        Write(encoded, picture, image.Pixels);
        return image;
    }

    public void Decode(ReadOnlySpan<byte> encoded, ImageBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        var picture = Open(encoded);
        Write(encoded, picture, buffer.Begin(picture.Width, picture.Height, picture.Orientation));
    }

    private Picture Open(ReadOnlySpan<byte> encoded)
    {
        options.Limits.CheckBytes(encoded.Length);
        var header = ImageHeader.Read(encoded);
        options.Limits.CheckPixels(header.Width, header.Height);
        var picture = new Picture { Header = header, Width = header.Width, Height = header.Height };
        switch (header.Format)
        {
            case EncodedFormat.Jpeg:
                var scale = Scale(header);
                return picture with
                {
                    Orientation = JpegStructure.RequireEnd(encoded, header),
                    Width = (header.Width + scale - 1) / scale,
                    Height = (header.Height + scale - 1) / scale,
                };
            case EncodedFormat.Png:
                var png = PngStructure.RequireEnd(encoded, header);
                return picture with { Png = png, Orientation = png.Orientation };
            case EncodedFormat.WebP:
                var webP = WebPStructure.RequireFrame(encoded, header);
                return picture with { WebP = webP, Orientation = webP.Orientation };
            case EncodedFormat.Gif:
                return picture with { Gif = GifStructure.RequireFrame(encoded) };
            default:
                var bmp = BmpHeader.Read(encoded);
                bmp.RequireData(encoded);
                return picture with { Bmp = bmp };
        }
    }

    private void Write(ReadOnlySpan<byte> encoded, in Picture picture, Span<byte> rgb)
    {
        switch (picture.Header.Format)
        {
            case EncodedFormat.Jpeg:
                codecs.Jpeg.Decode(encoded, picture.Header, picture.Width, picture.Height, rgb, picture.Width * RgbImage.Channels);
                break;
            case EncodedFormat.Png:
                PngReader.Decode(encoded[..picture.Png.End], picture.Header, picture.Png, rgb);
                break;
            case EncodedFormat.WebP:
                WriteWebP(encoded, picture, rgb);
                break;
            case EncodedFormat.Gif:
                GifReader.Decode(encoded, picture.Header, picture.Gif, rgb);
                break;
            default:
                BmpReader.Decode(encoded, picture.Bmp, rgb);
                break;
        }
    }

    private void WriteWebP(ReadOnlySpan<byte> encoded, in Picture picture, Span<byte> rgb)
    {
        var frame = picture.WebP;
        if (frame.Width != picture.Width || frame.Height != picture.Height)
        {
            rgb.Clear();
        }

        var stride = picture.Width * RgbImage.Channels;
        var canvas = rgb[((frame.Top * stride) + (frame.Left * RgbImage.Channels))..];
        var chunk = encoded.Slice(frame.Start, frame.Length);
        if (frame.IsLossless)
        {
            LosslessReader.Decode(chunk[WebPStructure.ChunkHeaderBytes..], frame.Width, frame.Height, canvas, stride);
            return;
        }

        var header = picture.Header with { Width = frame.Width, Height = frame.Height };
        codecs.WebP.Decode(chunk, header, frame.Width, frame.Height, canvas, stride);
    }

    private int Scale(in ImageHeader header)
    {
        var scale = options.ScaleJpegTo is null ? 1 : SmallestScale;
        while (scale > 1 && Math.Min(header.Width, header.Height) / scale < options.ScaleJpegTo)
        {
            scale /= 2;
        }

        return scale;
    }

    /// <summary>A file that passed the checks.</summary>
    private readonly record struct Picture()
    {
        internal ImageHeader Header { get; init; }

        internal int Width { get; init; }

        internal int Height { get; init; }

        internal ImageOrientation Orientation { get; init; } = ImageOrientation.TopLeft;

        internal PngLayout Png { get; init; }

        internal WebPFrame WebP { get; init; }

        internal GifFrame Gif { get; init; }

        internal BmpHeader Bmp { get; init; }
    }
}
