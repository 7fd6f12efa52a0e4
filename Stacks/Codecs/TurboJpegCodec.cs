using System.Buffers;
using System.Runtime.InteropServices;

namespace AlexNetMl.Imaging;

/// <summary>libjpeg-turbo through its TurboJPEG API.</summary>
internal sealed unsafe class TurboJpegCodec : IPictureCodec
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

    private readonly Lazy<string> name = new(ReadName);

    /// <summary>TurboJPEG does not tell its version; its decoded pixels are the same throughout 2.x.</summary>
    public string Name => name.Value;

    public bool Scales => true;

    internal static bool IsThere => CodecLibraries.IsThere(CodecLibraries.TurboJpeg);

    public void Decode(ReadOnlySpan<byte> encoded, in ImageHeader header, int width, int height, Span<byte> rgb, int stride)
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
                var file = new Encoded(handle, source, new CULong((nuint)encoded.Length));
                RequireSize(file, header);
                if (header.Components == CmykChannels)
                {
                    DecodeCmyk(file, width, height, rgb, stride);
                    return;
                }

                fixed (byte* pixels = rgb[..(((height - 1) * stride) + (width * RgbImage.Channels))])
                {
                    Decode(file, pixels, width, height, stride, NativeCodecs.TurboJpegRgb);
                }
            }
        }
        finally
        {
            _ = NativeCodecs.TurboJpegDestroy(handle);
        }
    }

    private static void RequireSize(in Encoded file, in ImageHeader header)
    {
        // It fails for colour subsamplings that it cannot name yet can decode; by then it has read the sizes, which are what is wanted.
        _ = NativeCodecs.TurboJpegReadHeader(file.Handle, file.Source, file.Length, out var width, out var height, out _, out _);
        if (width == 0 && height == 0)
        {
            throw Error(file.Handle);
        }

        if (width != header.Width || height != header.Height)
        {
            throw new ImageFormatException(
                $"JPEG data contradicts itself: {header.Width} x {header.Height} pixels in one place, "
                + $"{width} x {height} in another");
        }
    }

    private static void DecodeCmyk(in Encoded file, int width, int height, Span<byte> rgb, int stride)
    {
        var bytes = width * height * CmykChannels;
        var cmyk = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            fixed (byte* pixels = cmyk)
            {
                Decode(file, pixels, width, height, width * CmykChannels, NativeCodecs.TurboJpegCmyk);
            }

            for (var y = 0; y < height; y++)
            {
                ConvertInvertedCmyk(cmyk.AsSpan(y * width * CmykChannels), rgb.Slice(y * stride, width * RgbImage.Channels));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(cmyk);
        }
    }

    // Asked for a part of the size, it takes the scale that gives just that.
    private static void Decode(in Encoded file, byte* pixels, int width, int height, int stride, int format)
    {
        var failed = NativeCodecs.TurboJpegDecode(
            file.Handle, file.Source, file.Length, pixels, width, stride, height, format,
            NativeCodecs.TurboJpegAccurateDct | NativeCodecs.TurboJpegLimitScans) != 0;
        if (failed && !IsHarmless(file.Handle))
        {
            throw Error(file.Handle);
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

    private static string ReadName()
    {
        var library = CodecLibraries.Load(CodecLibraries.TurboJpeg, typeof(TurboJpegCodec).Assembly, null);
        return $"libjpeg-turbo {(NativeLibrary.TryGetExport(library, "tj3Init", out _) ? "3.x" : "2.x")}";
    }

    /// <summary>A decoder and the file that it reads.</summary>
    private readonly struct Encoded(nint handle, byte* source, CULong length)
    {
        internal readonly nint Handle = handle;
        internal readonly byte* Source = source;
        internal readonly CULong Length = length;
    }
}
