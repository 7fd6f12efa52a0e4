using System.Buffers;
using System.Reflection;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.PixelFormats;

namespace AlexNetMl.Imaging;

/// <summary>This stack's codecs: SixLabors.ImageSharp.</summary>
internal static class StackCodecs
{
    private const int CheckedAtOnce = 1 << 16;

    // Below it Adam7's second pass is empty, after which ImageSharp 3.1 mixes the rows of the other passes up.
    private const int NarrowestInterlaced = 5;

    // Only the two formats that were announced, on the calling thread.
    private static readonly Configuration Configuration =
        new(new JpegConfigurationModule(), new PngConfigurationModule()) { MaxDegreeOfParallelism = 1 };

    internal static string Name { get; } = $"ImageSharp {ReadVersion()}";

    internal static RgbImage DecodeJpeg(ReadOnlySpan<byte> encoded, in ImageHeader header) => Decode(encoded, header, "JPEG");

    /// <summary>Up to 8 bits a sample, critical chunks only.</summary>
    internal static RgbImage DecodePng(ReadOnlySpan<byte> encoded, in ImageHeader header, in PngLayout layout)
    {
        if (layout.Interlaced && header.Width < NarrowestInterlaced)
        {
            throw new ImageFormatException(
                $"interlaced PNG pictures need a width of at least {NarrowestInterlaced} pixels with ImageSharp, "
                + $"this one has {header.Width}: save it without interlacing");
        }

        RequireAllRows(encoded, header, layout);
        return Decode(encoded, header, "PNG");
    }

    // Rgb24 drops the alpha of what it is made from: nothing is blended.
    private static RgbImage Decode(ReadOnlySpan<byte> encoded, in ImageHeader header, string format)
    {
        using var decoded = Load(encoded, format);
        if (decoded.Width != header.Width || decoded.Height != header.Height)
        {
            throw new ImageFormatException(
                $"{format} data contradicts itself: {header.Width} x {header.Height} pixels in one place, "
                + $"{decoded.Width} x {decoded.Height} in another");
        }

        var image = RgbImage.Uninitialized(decoded.Width, decoded.Height);
        decoded.CopyPixelDataTo(image.Pixels);
        return image;
    }

    // Without profiles and text.
#if IMAGESHARP_3
    private static readonly DecoderOptions Options = new() { Configuration = Configuration, MaxFrames = 1, SkipMetadata = true };

    private static Image<Rgb24> Load(ReadOnlySpan<byte> encoded) => Image.Load<Rgb24>(Options, encoded);
#else
    private static readonly JpegDecoder Jpeg = new() { IgnoreMetadata = true };
    private static readonly PngDecoder Png = new() { IgnoreMetadata = true };

    private static Image<Rgb24> Load(ReadOnlySpan<byte> encoded)
        => Image.Load<Rgb24>(Configuration, encoded, encoded[0] == 0xFF ? Jpeg : Png);
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

    // ImageSharp leaves rows black when the compressed data ends early and says nothing.
    private static void RequireAllRows(ReadOnlySpan<byte> encoded, in ImageHeader header, in PngLayout layout)
    {
        using var data = new PngData(encoded);
        var rows = ArrayPool<byte>.Shared.Rent(CheckedAtOnce);
        try
        {
            for (var left = Adam7.DataLength(header, layout.Interlaced); left > 0; left -= CheckedAtOnce)
            {
                data.Read(rows.AsSpan(0, (int)Math.Min(left, CheckedAtOnce)));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rows);
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
