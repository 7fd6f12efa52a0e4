using System.Buffers;

namespace AlexNetMl.Imaging;

public sealed partial record ImagePreprocessing
{
    /// <summary>Upright, resize, centre window, normalise, in one pass. Only the window's pixels are resampled; they equal those of <see
    /// cref="Resize"/>.</summary>
    /// <param name="image">The source; it is not changed.</param>
    /// <param name="chw">Receives [3, CropSide, CropSide] floats; exactly <see cref="TensorLength"/> long.</param>
    /// <remarks>The window's left is round((width − CropSide) / 2), halves to even, as in torchvision's CenterCrop; Hugging Face rounds
    /// down.</remarks>
    /// <exception cref="ArgumentException"><paramref name="chw"/> has another length, or this record fails <see
    /// cref="Validate"/>.</exception>
    /// <exception cref="ImageFormatException">The picture is so long and thin that resized it would exceed <see
    /// cref="ImageLimits.MaxPixels"/>.</exception>
    public void ToTensor(RgbImage image, Span<float> chw)
    {
        ArgumentNullException.ThrowIfNull(image);
        ToTensor(image, chw, TensorLayout.Nchw, flip: false);
    }

    /// <summary>The same from a buffer: allocates nothing.</summary>
    /// <param name="image">The source; it is not changed.</param>
    /// <param name="tensor">Receives <see cref="TensorLength"/> floats: this picture's place in a batch.</param>
    /// <param name="layout">Their order.</param>
    /// <param name="flip">Mirrors left and right.</param>
    /// <exception cref="ArgumentException">As for <see cref="ToTensor(RgbImage, Span{float})"/>.</exception>
    /// <exception cref="ImageFormatException">As for <see cref="ToTensor(RgbImage, Span{float})"/>.</exception>
    public void ToTensor(ImageBuffer image, Span<float> tensor, TensorLayout layout = TensorLayout.Nchw, bool flip = false)
    {
        ArgumentNullException.ThrowIfNull(image);
        ToTensor(image.View, tensor, layout, flip);
    }

    /// <summary>The same in half precision: each of the floats rounded to the nearest.</summary>
    /// <param name="image">The source; it is not changed.</param>
    /// <param name="tensor">Receives <see cref="TensorLength"/> numbers: this picture's place in a batch.</param>
    /// <param name="layout">Their order.</param>
    /// <param name="flip">Mirrors left and right.</param>
    /// <exception cref="ArgumentException">As for <see cref="ToTensor(RgbImage, Span{float})"/>.</exception>
    /// <exception cref="ImageFormatException">As for <see cref="ToTensor(RgbImage, Span{float})"/>.</exception>
    public void ToTensor(ImageBuffer image, Span<Half> tensor, TensorLayout layout = TensorLayout.Nchw, bool flip = false)
    {
        ArgumentNullException.ThrowIfNull(image);
        ToTensor(image.View, tensor, layout, flip);
    }

    /// <summary>
    /// Resizes and cuts a square of bytes, which networks with normalisation inside take: the centre window of <see cref="CropSide"/> that
    /// <see cref="ToTensor(RgbImage, Span{float})"/> normalises, or the centre square of <see cref="ShorterSide"/> around it, from which ten windows are cut.
    /// </summary>
    /// <param name="image">The source; it is not changed.</param>
    /// <param name="side"><see cref="CropSide"/> or <see cref="ShorterSide"/>.</param>
    /// <param name="rgb">Receives [side, side, 3] bytes, interleaved R, G, B; exactly that long.</param>
    /// <exception cref="ArgumentException">The side is another, the length does not fit, or this record fails <see cref="Validate"/>.</exception>
    /// <exception cref="ImageFormatException">The picture is too long and thin, as for <see cref="Resize"/>.</exception>
    public void ToPixels(RgbImage image, int side, Span<byte> rgb)
    {
        ArgumentNullException.ThrowIfNull(image);
        ToPixels(image, side, rgb, TensorLayout.Nhwc, flip: false);
    }

    /// <summary>The same from a buffer: allocates nothing.</summary>
    /// <param name="image">The source; it is not changed.</param>
    /// <param name="side"><see cref="CropSide"/> or <see cref="ShorterSide"/>.</param>
    /// <param name="rgb">Receives side × side × 3 bytes: this picture's place in a batch. R, G, B whatever <see cref="ChannelOrder"/> says.</param>
    /// <param name="layout">Their order.</param>
    /// <param name="flip">Mirrors left and right.</param>
    /// <exception cref="ArgumentException">As for <see cref="ToPixels(RgbImage, int, Span{byte})"/>.</exception>
    /// <exception cref="ImageFormatException">As for <see cref="ToPixels(RgbImage, int, Span{byte})"/>.</exception>
    public void ToPixels(ImageBuffer image, int side, Span<byte> rgb, TensorLayout layout = TensorLayout.Nhwc, bool flip = false)
    {
        ArgumentNullException.ThrowIfNull(image);
        ToPixels(image.View, side, rgb, layout, flip);
    }

    private void ToTensor<T>(PixelView image, Span<T> tensor, TensorLayout layout, bool flip)
        where T : unmanaged
    {
        Validate();
        CheckTensor(tensor.Length);
        var scratch = ArrayPool<byte>.Shared.Rent(TensorRows<T>.ScratchBytes(CropSide));
        try
        {
            var rows = new TensorRows<T>(this, tensor, layout, flip, scratch);
            Resample(image, CropSide, ref rows);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    private void ToPixels(PixelView image, int side, Span<byte> rgb, TensorLayout layout, bool flip)
    {
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

        if (layout == TensorLayout.Nhwc && !flip)
        {
            var whole = new InterleavedRows(rgb, side * RgbImage.Channels);
            Resample(image, side, ref whole);
            return;
        }

        var scratch = ArrayPool<byte>.Shared.Rent(side * RgbImage.Channels);
        try
        {
            var rows = new PixelTargetRows(rgb, side, layout, flip, scratch);
            Resample(image, side, ref rows);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    /// <summary>The centre window or square of the picture, upright and resized.</summary>
    private void Resample<T>(PixelView image, int side, ref T target)
        where T : IRowTarget, allows ref struct
    {
        if (!ApplyOrientation || Turning.IsUpright(image.Orientation))
        {
            ResampleUpright(image, side, ref target);
            return;
        }

        var pixels = ArrayPool<byte>.Shared.Rent(image.Pixels.Length);
        try
        {
            var upright = pixels.AsSpan(0, image.Pixels.Length);
            Turning.Run(image, upright);
            var (width, height) = Turning.UprightSize(image);
            ResampleUpright(new PixelView(upright, width, height, ImageOrientation.TopLeft), side, ref target);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pixels);
        }
    }

    private void ResampleUpright<T>(PixelView image, int side, ref T target)
        where T : IRowTarget, allows ref struct
    {
        var (width, height) = ResizedSize(image);
        var window = side == CropSide
            ? new PixelWindow(Center(width), Center(height), side, side)
            : new PixelWindow(SquareStart(width), SquareStart(height), side, side);
        ImageResampler.Resize(image, width, height, Filter, window, ref target, VectorWidths.Best);
    }
}
