using System.Buffers;
using System.Buffers.Binary;
using System.Reflection;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.PixelFormats;

namespace AlexNetMl.Imaging;

/// <summary>SixLabors.ImageSharp, for JPEG and WebP.</summary>
internal sealed class ImageSharpCodec : IPictureCodec
{
    private const int FileHeaderBytes = 12;

    // Only the two formats that were announced, on the calling thread.
    private static readonly Configuration Configuration =
        new(new JpegConfigurationModule(), new WebpConfigurationModule()) { MaxDegreeOfParallelism = 1 };

    public string Name { get; } = $"ImageSharp {ReadVersion()}";

    public bool Scales => false;

    public void Decode(ReadOnlySpan<byte> encoded, in ImageHeader header, int width, int height, Span<byte> rgb, int stride)
    {
        if (header.Format == EncodedFormat.Jpeg)
        {
            if (JpegStructure.IsArithmetic(encoded))
            {
                throw new ImageFormatException($"JPEG with arithmetic coding is not supported by {Name}: install libjpeg-turbo, which reads it");
            }

            Copy(encoded, header, rgb, stride);
            return;
        }

        // It wants a whole file: the chunk with a header before it.
        var length = FileHeaderBytes + encoded.Length + (encoded.Length & 1);
        var file = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            "RIFF"u8.CopyTo(file);
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), length - 8);
            "WEBP"u8.CopyTo(file.AsSpan(8));
            file[length - 1] = 0;
            encoded.CopyTo(file.AsSpan(FileHeaderBytes));
            Copy(file.AsSpan(0, length), header, rgb, stride);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(file);
        }
    }

    // Rgb24 drops the alpha of what it is made from: nothing is blended.
    private static void Copy(ReadOnlySpan<byte> file, in ImageHeader header, Span<byte> rgb, int stride)
    {
        using var decoded = Load(file, header.Format == EncodedFormat.Jpeg ? "JPEG" : "WebP");
        if (decoded.Width != header.Width || decoded.Height != header.Height)
        {
            throw new ImageFormatException(
                $"Picture data contradicts itself: {header.Width} x {header.Height} pixels in one place, "
                + $"{decoded.Width} x {decoded.Height} in another");
        }

        var rowBytes = decoded.Width * RgbImage.Channels;
        if (stride == rowBytes)
        {
            decoded.CopyPixelDataTo(rgb[..(rowBytes * decoded.Height)]);
            return;
        }

        var pixels = ArrayPool<byte>.Shared.Rent(rowBytes * decoded.Height);
        try
        {
            decoded.CopyPixelDataTo(pixels.AsSpan(0, rowBytes * decoded.Height));
            for (var y = 0; y < decoded.Height; y++)
            {
                pixels.AsSpan(y * rowBytes, rowBytes).CopyTo(rgb[(y * stride)..]);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pixels);
        }
    }

    // Without profiles and text.
#if IMAGESHARP_3
    private static readonly DecoderOptions Options = new() { Configuration = Configuration, MaxFrames = 1, SkipMetadata = true };

    private static Image<Rgb24> Load(ReadOnlySpan<byte> encoded) => Image.Load<Rgb24>(Options, encoded);
#else
    private static readonly JpegDecoder Jpeg = new() { IgnoreMetadata = true };
    private static readonly WebpDecoder WebP = new() { IgnoreMetadata = true };

    private static Image<Rgb24> Load(ReadOnlySpan<byte> encoded)
        => Image.Load<Rgb24>(Configuration, encoded, encoded[0] == 0xFF ? Jpeg : WebP);
#endif

    // Broken files make ImageSharp throw its own exceptions, NotSupportedException and now and then those of arrays and spans.
    private static Image<Rgb24> Load(ReadOnlySpan<byte> encoded, string format)
    {
        try
        {
            return Load(encoded);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new ImageFormatException($"{format} data cannot be decoded: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private static string ReadVersion()
    {
        var assembly = typeof(Image).Assembly;
        var version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? assembly.GetName().Version?.ToString();
        return version?.Split('+')[0] ?? "of unknown version";
    }
}
