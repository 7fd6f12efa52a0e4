using System.Diagnostics.CodeAnalysis;

namespace Microsoft.ML.Data;

/// <summary>How the 4 bytes of a pixel lie.</summary>
public enum MLPixelFormat
{
    Unknown = 0,
    Bgra32 = 1,
    Rgba32 = 2,
}

/// <summary>A picture in memory, 4 bytes a pixel. Here it is managed memory; disposing only makes it unusable, as the real package's is then.</summary>
public sealed class MLImage : IDisposable
{
    private readonly MLPixelFormat _format;
    private PixelData _data;
    private string _tag;

    internal MLImage(PixelData data, MLPixelFormat format = MLPixelFormat.Bgra32)
    {
        _data = data;
        _format = format;
    }

    public MLPixelFormat PixelFormat => Data is null ? default : _format;

    /// <summary>3 bytes a pixel, blue first, alpha's share taken out of the colours.</summary>
    [SuppressMessage("Performance", "CA1819", Justification = "The real package's.")]
    public byte[] GetBGRPixels
    {
        get
        {
            byte[] straight = ImageEncoder.Unpremultiplied(Data.Bgra);
            var result = new byte[straight.Length / PixelData.Channels * 3];
            (int blue, int red) = _format == MLPixelFormat.Rgba32 ? (2, 0) : (0, 2);
            for (int i = 0, o = 0; o < result.Length; i += PixelData.Channels, o += 3)
            {
                result[o] = straight[i + blue];
                result[o + 1] = straight[i + 1];
                result[o + 2] = straight[i + red];
            }
            return result;
        }
    }

    public ReadOnlySpan<byte> Pixels => Data.Bgra;

    public string Tag
    {
        get => Data is null ? null : _tag;
        set => _tag = Data is null ? null : value;
    }

    public int Width => Data.Width;

    public int Height => Data.Height;

    public int BitsPerPixel => Data is null ? 0 : 8 * PixelData.Channels;

    /// <summary>The pixels in the order that <see cref="PixelFormat"/> says, whatever the record's name promises.</summary>
    internal PixelData Data => _data ?? throw Errors.Invalid("Object is disposed.");

    public static MLImage CreateFromStream(Stream imageStream)
    {
        ArgumentNullException.ThrowIfNull(imageStream);
        using var copy = new MemoryStream();
        imageStream.CopyTo(copy);
        return Decode(copy.GetBuffer().AsSpan(0, (int)copy.Length), "Invalid input stream contents", nameof(imageStream));
    }

    public static MLImage CreateFromFile(string imagePath)
    {
        ArgumentNullException.ThrowIfNull(imagePath);
        byte[] encoded;
        try
        {
            encoded = File.ReadAllBytes(imagePath);
        }
        catch (IOException failure)
        {
            throw new ArgumentException("Invalid path", nameof(imagePath), failure);
        }
        return Decode(encoded, "Invalid path", nameof(imagePath));
    }

    public static MLImage CreateFromPixels(int width, int height, MLPixelFormat pixelFormat, ReadOnlySpan<byte> imagePixelData)
    {
        if (pixelFormat is not (MLPixelFormat.Bgra32 or MLPixelFormat.Rgba32))
        {
            throw new ArgumentException("Unsupported pixel format", nameof(pixelFormat));
        }
        if (width <= 0)
        {
            throw new ArgumentException("Invalid width value.", nameof(width));
        }
        if (height <= 0)
        {
            throw new ArgumentException("Invalid height value.", nameof(height));
        }
        if (imagePixelData.Length != (long)width * height * PixelData.Channels)
        {
            throw new ArgumentException("Invalid imagePixelData buffer size.");
        }
        return new MLImage(new PixelData(width, height, imagePixelData.ToArray()), pixelFormat);
    }

    /// <summary>Writes PNG or JPEG by the path's ending; the real package also writes WebP.</summary>
    public void Save(string imagePath)
    {
        PixelData picture = InBgra();
        string ending = Path.GetExtension(imagePath);
        byte[] encoded = ending.ToUpperInvariant() switch
        {
            ".PNG" => ImageEncoder.Png(picture),
            ".JPG" or ".JPEG" => ImageEncoder.Jpeg(picture),
            ".BMP" or ".GIF" or ".ICO" or ".ASTC" or ".AVIF" or ".DNG" or ".HEIF" or ".KTX" or ".PKM" or ".WBMP" or ".WEBP" => throw new ArgumentException(
                $"Saving image with the format '{ending}' is not supported. Try save it with `Jpeg`, `Png`, or `Webp` format.", nameof(imagePath)),
            _ => throw new ArgumentException("Path has invalid image file extension.", nameof(imagePath)),
        };
        File.WriteAllBytes(imagePath, encoded);
    }

    public void Dispose() => _data = null;

    /// <summary>The pixels with blue first.</summary>
    internal PixelData InBgra() => _format == MLPixelFormat.Rgba32 ? Swapped(Data) : Data;

    private static MLImage Decode(ReadOnlySpan<byte> encoded, string complaint, string parameter)
    {
        try
        {
            return new MLImage(ImageDecoder.Decode(encoded));
        }
        catch (InvalidDataException failure)
        {
            throw new ArgumentException(complaint, parameter, failure);
        }
    }

    private static PixelData Swapped(PixelData data)
    {
        byte[] pixels = [.. data.Bgra];
        for (int i = 0; i < pixels.Length; i += PixelData.Channels)
        {
            (pixels[i], pixels[i + 2]) = (pixels[i + 2], pixels[i]);
        }
        return data with { Bgra = pixels };
    }
}
