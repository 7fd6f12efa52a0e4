using System.Collections.Immutable;

namespace AlexNetMl.Imaging;

/// <summary>In which order the three planes of a tensor stand.</summary>
public enum ChannelOrder
{
    /// <summary>Red, green, blue.</summary>
    Rgb = 0,

    /// <summary>Blue, green, red, as networks from Caffe take them.</summary>
    Bgr = 1,
}

/// <summary>
/// How a picture becomes a network's input: upright, shorter side to <see cref="ShorterSide"/>, centre window of <see cref="CropSide"/>, then
/// (pixel × <see cref="RescaleFactor"/> − <see cref="MeanImage"/> − <see cref="Mean"/>) / <see cref="StandardDeviation"/> per channel.
/// Training makes this record, the model file carries it,
/// scoring reads it back: no second place repeats a number of it. Compared by value. Results equal Pillow's and torchvision's Resize,
/// CenterCrop, Normalize.
/// </summary>
public sealed partial record ImagePreprocessing
{
    /// <summary>The largest side that a network input may ask for.</summary>
    public const int LargestSide = 8192;

    /// <summary>Pixels of the shorter side after resizing, aspect kept. Default 256.</summary>
    public int ShorterSide { get; init; } = 256;

    /// <summary>Side of the square window that the network sees, at most <see cref="ShorterSide"/>. Default 224.</summary>
    public int CropSide { get; init; } = 224;

    /// <summary>Default bilinear, antialiased.</summary>
    public ResamplingFilter Filter { get; init; } = ResamplingFilter.Bilinear;

    /// <summary>
    /// Whether a picture whose file says that it lies on its side or is mirrored is set upright first, as Pillow's <c>ImageOps.exif_transpose</c> does it. Default true:
    /// phones store what their sensor sees and note how they were held, people label what they are shown, and a network that is trained on upright
    /// pictures does worse on turned ones. Files of models say it; one that does not was made before this existed, or elsewhere, and means false.
    /// </summary>
    public bool ApplyOrientation { get; init; } = true;

    /// <summary>Order of the planes. Default RGB.</summary>
    public ChannelOrder ChannelOrder { get; init; } = ChannelOrder.Rgb;

    /// <summary>Subtracted per channel, in units of rescaled pixels; R, G, B whatever <see cref="ChannelOrder"/> says. Default 0, 0,
    /// 0.</summary>
    public ImmutableArray<float> Mean { get; init; } = [0f, 0f, 0f];

    /// <summary>
    /// Subtracted pixel by pixel instead of <see cref="Mean"/>, which is 0 then; null, the default, for none. Its side is
    /// <see cref="ShorterSide"/>: a pixel's place in it is its place in the centre square of the resized picture, before any mirroring.
    /// </summary>
    public MeanImage? MeanImage { get; init; }

    /// <summary>Divided by per channel; R, G, B whatever <see cref="ChannelOrder"/> says. Default 1, 1, 1.</summary>
    public ImmutableArray<float> StandardDeviation { get; init; } = [1f, 1f, 1f];

    /// <summary>What an 8-bit sample is multiplied by. Default 1/255.</summary>
    public float RescaleFactor { get; init; } = 1f / 255;

    /// <summary>Floats of one tensor: 3 × CropSide × CropSide.</summary>
    public int TensorLength => checked(RgbImage.Channels * CropSide * CropSide);

    /// <summary>Checks all values against each other.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the message names the property, the value and the
    /// range.</exception>
    public void Validate()
    {
        RequireShorterSide();
        if (CropSide < 1 || CropSide > ShorterSide)
        {
            throw Wrong(nameof(CropSide), CropSide, $"1 to {nameof(ShorterSide)} = {ShorterSide}");
        }

        if (!Enum.IsDefined(Filter))
        {
            throw Wrong(nameof(Filter), (int)Filter, "0 to 5");
        }

        if (!Enum.IsDefined(ChannelOrder))
        {
            throw Wrong(nameof(ChannelOrder), (int)ChannelOrder, "0 (RGB) or 1 (BGR)");
        }

        if (!float.IsFinite(RescaleFactor) || RescaleFactor == 0)
        {
            throw Wrong(nameof(RescaleFactor), RescaleFactor, "any number but 0");
        }

        RequireChannels(nameof(Mean), Mean, float.IsFinite, "any number");
        RequireChannels(nameof(StandardDeviation), StandardDeviation, value => float.IsFinite(value) && value > 0, "above 0");
        if (MeanImage is not null)
        {
            if (MeanImage.Side != ShorterSide)
            {
                throw Wrong("MeanImage.Side", MeanImage.Side, $"{nameof(ShorterSide)} = {ShorterSide}");
            }

            RequireChannels(nameof(Mean), Mean, value => value == 0, "0 beside a mean image");
        }
    }

    /// <inheritdoc/>
    public bool Equals(ImagePreprocessing? other) =>
        other is not null
        && ShorterSide == other.ShorterSide
        && CropSide == other.CropSide
        && Filter == other.Filter
        && ApplyOrientation == other.ApplyOrientation
        && ChannelOrder == other.ChannelOrder
        && RescaleFactor.Equals(other.RescaleFactor)
        && Values(Mean).SequenceEqual(Values(other.Mean))
        && Values(StandardDeviation).SequenceEqual(Values(other.StandardDeviation))
        && Equals(MeanImage, other.MeanImage);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(ShorterSide);
        hash.Add(CropSide);
        hash.Add(Filter);
        hash.Add(ApplyOrientation);
        hash.Add(ChannelOrder);
        hash.Add(RescaleFactor);
        foreach (var value in Values(Mean))
        {
            hash.Add(value);
        }

        foreach (var value in Values(StandardDeviation))
        {
            hash.Add(value);
        }

        hash.Add(MeanImage);
        return hash.ToHashCode();
    }

    /// <summary>Sets the picture upright if <see cref="ApplyOrientation"/> says so and resizes it: the shorter side has <see cref="ShorterSide"/> pixels and the other
    /// ⌊ShorterSide × longer / shorter⌋, torchvision's rounding.</summary>
    /// <param name="image">The source; it is not changed.</param>
    /// <returns>A new picture.</returns>
    /// <exception cref="ImageFormatException">The picture is so long and thin that the result would exceed <see
    /// cref="ImageLimits.MaxPixels"/>.</exception>
    public RgbImage Resize(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var upright = ApplyOrientation ? image.ToUpright() : image;
        var (width, height) = ResizedSize(upright);
        return ImageResampler.Resize(upright, width, height, Filter);
    }

    /// <summary>Normalises one window of a picture that is already resized: the step that training's random window and the centre window
    /// share.</summary>
    /// <param name="rgb">At least width × height × 3 bytes, interleaved.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="left">The window's first column, 0 to width − CropSide; with a mean image inside the centre square.</param>
    /// <param name="top">The window's first row, 0 to height − CropSide; with a mean image inside the centre square.</param>
    /// <param name="flip">Mirrors left and right.</param>
    /// <param name="chw">Receives [3, CropSide, CropSide] floats; exactly <see cref="TensorLength"/> long.</param>
    /// <exception cref="ArgumentException">A length does not fit, the window leaves the picture, or this record fails <see
    /// cref="Validate"/>.</exception>
    public void CropToTensor(ReadOnlySpan<byte> rgb, int width, int height, int left, int top, bool flip, Span<float> chw)
    {
        Validate();
        CheckTensor(chw.Length);
        if (width < 1 || height < 1 || rgb.Length < (long)width * height * RgbImage.Channels)
        {
            throw new ArgumentException(
                $"{rgb.Length} bytes were given for {width} x {height} pixels; at least width x height x 3 are needed.", nameof(rgb));
        }

        if (left < 0 || top < 0 || left > width - CropSide || top > height - CropSide)
        {
            throw new ArgumentOutOfRangeException(
                nameof(left), $"A window of {CropSide} at column {left}, row {top} leaves the picture of {width} x {height}.");
        }

        int meanLeft = 0, meanTop = 0;
        if (MeanImage is not null)
        {
            meanLeft = left - SquareStart(width);
            meanTop = top - SquareStart(height);
            if (meanLeft < 0 || meanTop < 0 || meanLeft > ShorterSide - CropSide || meanTop > ShorterSide - CropSide)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(left),
                    $"A window of {CropSide} at column {left}, row {top} leaves the centre square of {ShorterSide} x {ShorterSide}, "
                    + "and there is no mean outside it.");
            }
        }

        new PixelNormalizer(this).Run(rgb, width, left, top, meanLeft, meanTop, flip, chw);
    }

    private (int Width, int Height) ResizedSize(in PixelView image)
    {
        RequireShorterSide();
        long shorter = Math.Min(image.Width, image.Height);
        long longer = Math.Max(image.Width, image.Height);
        var resized = ShorterSide * longer / shorter;
        if (resized * ShorterSide > ImageLimits.Default.MaxPixels)
        {
            throw new ImageFormatException(
                $"{image.Width} x {image.Height} pixels are too long and thin: "
                + $"with a shorter side of {ShorterSide} they would exceed the limit of {ImageLimits.Default.MaxPixels} pixels");
        }

        return image.Width <= image.Height ? (ShorterSide, (int)resized) : ((int)resized, ShorterSide);
    }

    /// <summary>
    /// Where the centre square of <see cref="ShorterSide"/> starts along a side of a resized picture: so that the square's centre window
    /// is the picture's, also where a half is rounded.
    /// </summary>
    private int SquareStart(int side) => Center(side) - Center(ShorterSide);

    /// <summary>First column or row of the centre window.</summary>
    internal int Center(int side) => (int)Math.Round((side - CropSide) / 2.0, MidpointRounding.ToEven);

    private void CheckTensor(int length)
    {
        if (length != TensorLength)
        {
            throw new ArgumentException($"{length} elements were given; [3, {CropSide}, {CropSide}] takes {TensorLength}.");
        }
    }

    private static ReadOnlySpan<float> Values(ImmutableArray<float> values) => values.IsDefault ? default : values.AsSpan();

    private void RequireShorterSide()
    {
        if (ShorterSide is < 1 or > LargestSide)
        {
            throw Wrong(nameof(ShorterSide), ShorterSide, $"1 to {LargestSide}");
        }
    }

    private static ArgumentException Wrong(string name, float value, string range) =>
        new(FormattableString.Invariant($"{name} is {value}; allowed is {range}."), name);

    private static void RequireChannels(string name, ImmutableArray<float> values, Func<float, bool> holds, string range)
    {
        var count = Values(values).Length;
        if (count != RgbImage.Channels)
        {
            throw new ArgumentException($"{name} has {count} values; {RgbImage.Channels} are needed, for red, green and blue.", name);
        }

        for (var i = 0; i < count; i++)
        {
            if (!holds(values[i]))
            {
                throw Wrong($"{name}[{i}]", values[i], range);
            }
        }
    }
}
