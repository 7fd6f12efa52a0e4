namespace AlexNetMl.Imaging;

public sealed partial record ImagePreprocessing
{
    /// <summary>
    /// Resizes and cuts a square of bytes, which networks with normalisation inside take: the centre window of <see cref="CropSide"/> that
    /// <see cref="ToTensor"/> normalises, or the centre square of <see cref="ShorterSide"/> around it, from which ten windows are cut.
    /// </summary>
    /// <param name="image">The source; it is not changed.</param>
    /// <param name="side"><see cref="CropSide"/> or <see cref="ShorterSide"/>.</param>
    /// <param name="rgb">Receives [side, side, 3] bytes, interleaved R, G, B; exactly that long.</param>
    /// <exception cref="ArgumentException">The side is another, the length does not fit, or this record fails <see cref="Validate"/>.</exception>
    /// <exception cref="ImageFormatException">The picture is too long and thin, as for <see cref="Resize"/>.</exception>
    public void ToPixels(RgbImage image, int side, Span<byte> rgb)
    {
        ArgumentNullException.ThrowIfNull(image);
        Validate();
        if (side != CropSide && side != ShorterSide)
        {
            throw new ArgumentException(
                $"A square of side {side} was asked for; allowed is {nameof(CropSide)} = {CropSide} or {nameof(ShorterSide)} = {ShorterSide}.", nameof(side));
        }

        if (rgb.Length != checked(RgbImage.Channels * side * side))
        {
            throw new ArgumentException($"{rgb.Length} bytes were given; [{side}, {side}, 3] takes {RgbImage.Channels * side * side}.", nameof(rgb));
        }

        var (width, height) = ResizedSize(image);
        var left = Center(width);
        var top = Center(height);
        if (side != CropSide)
        {
            (left, top) = (SquareStart(width), SquareStart(height));
        }

        if (width != image.Width || height != image.Height)
        {
            ImageResampler.Resize(image, width, height, Filter, new PixelWindow(left, top, side, side), rgb);
            return;
        }

        for (var y = 0; y < side; y++)
        {
            image.Pixels.AsSpan((((top + y) * width) + left) * RgbImage.Channels, side * RgbImage.Channels).CopyTo(rgb[(y * side * RgbImage.Channels)..]);
        }
    }
}
