using System.Buffers;
using System.Runtime.InteropServices;

namespace AlexNetMl.Imaging;

internal static unsafe partial class StackCodecs
{
    private const int CmykChannels = 4;

    // libjpeg's warnings about oddities that leave the pixels whole. Well-known photo sets are full of them, and every viewer shows those
    // files.
    private static readonly string[] HarmlessWarnings =
    [
        "extraneous bytes before marker",
        "unknown JFIF revision number",
        "Unknown Adobe color transform code",
        "Invalid SOS parameters for sequential JPEG",
    ];

    internal static RgbImage DecodeJpeg(ReadOnlySpan<byte> encoded, in ImageHeader header)
    {
        var handle = NativeCodecs.TurboJpegCreate();
        if (handle == 0)
        {
            throw new InsufficientMemoryException("libjpeg-turbo could not allocate a decoder.");
        }

        try
        {
            fixed (byte* source = encoded)
            {
                var length = new CULong((nuint)encoded.Length);

                // It fails for colour subsamplings that it cannot name yet can decode; by then it has read the sizes, which are what is
                // wanted.
                _ = NativeCodecs.TurboJpegReadHeader(handle, source, length, out var width, out var height, out _, out _);
                if (width == 0 && height == 0)
                {
                    throw Error(handle);
                }

                if (width != header.Width || height != header.Height)
                {
                    throw new ImageFormatException(
                        $"JPEG data contradicts itself: {header.Width} x {header.Height} pixels in one place, "
                        + $"{width} x {height} in another");
                }

                return header.Components == CmykChannels
                    ? DecodeCmyk(handle, source, length, header)
                    : DecodeColor(handle, source, length, header);
            }
        }
        finally
        {
            _ = NativeCodecs.TurboJpegDestroy(handle);
        }
    }

    private static RgbImage DecodeColor(nint handle, byte* source, CULong length, in ImageHeader header)
    {
        var image = RgbImage.Uninitialized(header.Width, header.Height);
        fixed (byte* pixels = image.Pixels)
        {
            Decode(handle, source, length, pixels, header, RgbImage.Channels, NativeCodecs.TurboJpegRgb);
        }

        return image;
    }

    private static RgbImage DecodeCmyk(nint handle, byte* source, CULong length, in ImageHeader header)
    {
        var image = RgbImage.Uninitialized(header.Width, header.Height);
        var bytes = header.Width * header.Height * CmykChannels;
        var cmyk = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            fixed (byte* pixels = cmyk)
            {
                Decode(handle, source, length, pixels, header, CmykChannels, NativeCodecs.TurboJpegCmyk);
            }

            ConvertInvertedCmyk(cmyk.AsSpan(0, bytes), image.Pixels);
            return image;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(cmyk);
        }
    }

    private static void Decode(nint handle, byte* source, CULong length, byte* pixels, in ImageHeader header, int channels, int format)
    {
        var failed = NativeCodecs.TurboJpegDecode(
            handle, source, length, pixels, header.Width, header.Width * channels, header.Height, format,
            NativeCodecs.TurboJpegAccurateDct | NativeCodecs.TurboJpegLimitScans) != 0;
        if (failed && !IsHarmless(handle))
        {
            throw Error(handle);
        }
    }

    // Adobe stores CMYK inverted, so a stored sample is the share of light that its ink lets through: colour = light of ink × light of
    // black,
    // rounded as Pillow rounds it.
    private static void ConvertInvertedCmyk(ReadOnlySpan<byte> cmyk, Span<byte> rgb)
    {
        for (int i = 0, o = 0; o < rgb.Length; i += CmykChannels, o += RgbImage.Channels)
        {
            int light = cmyk[i + 3];
            for (var c = 0; c < RgbImage.Channels; c++)
            {
                var absorbed = ((255 - cmyk[i + c]) * light) + 128;
                rgb[o + c] = (byte)(light - (((absorbed >> 8) + absorbed) >> 8));
            }
        }
    }

    private static bool IsHarmless(nint handle)
    {
        if (NativeCodecs.TurboJpegErrorCode(handle) != NativeCodecs.TurboJpegWarning)
        {
            return false;
        }

        var message = Message(handle);
        foreach (var harmless in HarmlessWarnings)
        {
            if (message.Contains(harmless, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static ImageFormatException Error(nint handle)
    {
        var message = Message(handle);
        return new ImageFormatException(message.StartsWith("Premature end", StringComparison.Ordinal)
            ? "JPEG data ends early"
            : $"JPEG data cannot be decoded: {message}");
    }

    private static string Message(nint handle) => Marshal.PtrToStringUTF8((nint)NativeCodecs.TurboJpegError(handle)) ?? string.Empty;
}
