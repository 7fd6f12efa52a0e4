namespace AlexNetMl.Imaging;

public sealed partial record ImagePreprocessing
{
    /// <summary>Bytes of a planar square: 3 × ShorterSide × ShorterSide.</summary>
    internal int SquareLength => checked(RgbImage.Channels * ShorterSide * ShorterSide);

    /// <summary>
    /// Resizes and cuts the centre square of <see cref="ShorterSide"/>, from which training's windows are cut: one that holds the centre window
    /// which <see cref="ToTensor(RgbImage, Span{float})"/> takes, at its own centre.
    /// </summary>
    /// <param name="image">The source; it is not changed.</param>
    /// <param name="planes">Receives [3, ShorterSide, ShorterSide] bytes: R, G, B; exactly <see cref="SquareLength"/> long.</param>
    /// <exception cref="ImageFormatException">The picture is too long and thin, as for <see cref="Resize"/>.</exception>
    internal void ToSquare(ImageBuffer image, Span<byte> planes) => ToPixels(image, ShorterSide, planes, TensorLayout.Nchw, flip: false);

    /// <inheritdoc cref="ToSquare(ImageBuffer, Span{byte})"/>
    internal void ToSquare(RgbImage image, Span<byte> planes) => ToPixels(image, ShorterSide, planes, TensorLayout.Nchw, flip: false);
}
