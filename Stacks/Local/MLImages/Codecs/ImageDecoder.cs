using System.Buffers.Binary;
using System.Runtime.InteropServices;
using AlexNetMl.Imaging;

namespace Microsoft.ML.Data;

/// <summary>Decodes JPEG and PNG with the machine's libraries. The real package's Skia also takes GIF, BMP, WebP and ICO.</summary>
internal static unsafe class ImageDecoder
{
    private const int InvertedCmyk = 3;

    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1a, (byte)'\n'];

    /// <exception cref="InvalidDataException">The bytes are no picture of these formats.</exception>
    internal static PixelData Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.StartsWith(PngSignature))
        {
            return DecodePng(encoded);
        }
        return encoded is [0xff, 0xd8, 0xff, ..] ? DecodeJpeg(encoded) : throw new InvalidDataException("neither a JPEG nor a PNG file");
    }

    private static PixelData DecodeJpeg(ReadOnlySpan<byte> encoded)
    {
        nint handle = NativeCodecs.TurboJpegCreate();
        if (handle == 0)
        {
            throw new InsufficientMemoryException("libjpeg-turbo could not allocate a decoder.");
        }
        try
        {
            fixed (byte* source = encoded)
            {
                var length = new CULong((nuint)encoded.Length);
                int failed = NativeCodecs.TurboJpegReadHeader(handle, source, length, out int width, out int height, out _, out int colours);

                // It fails for subsamplings that it cannot name yet can decode; by then it has read the sizes.
                if (failed != 0 && (width == 0 || height == 0))
                {
                    throw Error(handle);
                }
                PixelData picture = PixelData.Of(width, height);
                bool cmyk = colours >= InvertedCmyk;
                fixed (byte* pixels = picture.Bgra)
                {
                    int flags = NativeCodecs.TurboJpegAccurateDct | NativeCodecs.TurboJpegLimitScans;
                    int format = cmyk ? NativeCodecs.TurboJpegCmyk : NativeCodecs.TurboJpegBgra;

                    // A file that ends early is a warning: what was read is kept, as Skia does.
                    if (NativeCodecs.TurboJpegDecode(handle, source, length, pixels, width, width * PixelData.Channels, height, format, flags) != 0
                        && NativeCodecs.TurboJpegErrorCode(handle) != NativeCodecs.TurboJpegWarning)
                    {
                        throw Error(handle);
                    }
                }
                if (cmyk)
                {
                    FromInvertedCmyk(picture.Bgra);
                }
                return picture;
            }
        }
        finally
        {
            _ = NativeCodecs.TurboJpegDestroy(handle);
        }
    }

    private static void FromInvertedCmyk(byte[] pixels)
    {
        for (int i = 0; i < pixels.Length; i += PixelData.Channels)
        {
            (int cyan, int magenta, int yellow, int black) = (pixels[i], pixels[i + 1], pixels[i + 2], pixels[i + 3]);
            pixels[i] = Share(yellow, black);
            pixels[i + 1] = Share(magenta, black);
            pixels[i + 2] = Share(cyan, black);
            pixels[i + 3] = byte.MaxValue;
        }

        static byte Share(int ink, int black)
        {
            int product = (ink * black) + 128;
            return (byte)((product + (product >> 8)) >> 8);
        }
    }

    private static PixelData DecodePng(ReadOnlySpan<byte> encoded)
    {
        byte[] plain = CriticalChunks(encoded);
        var native = new NativeCodecs.PngImage { Version = 1 };
        try
        {
            fixed (byte* source = plain)
            {
                if (NativeCodecs.PngBeginRead(&native, source, (nuint)plain.Length) == 0)
                {
                    throw Error(&native);
                }
                PixelData picture = PixelData.Of(native.Width, native.Height);
                native.Format = NativeCodecs.PngBgra;
                native.Flags |= NativeCodecs.PngSixteenBitsAreSrgb;
                fixed (byte* pixels = picture.Bgra)
                {
                    if (NativeCodecs.PngFinishRead(&native, null, pixels, picture.Width * PixelData.Channels, null) == 0)
                    {
                        throw Error(&native);
                    }
                }
                picture.Premultiply();
                return picture;
            }
        }
        finally
        {
            NativeCodecs.PngFree(&native);
        }
    }

    /// <summary>Without gamma and colour profiles libpng has nothing to convert; Skia converts nothing here either.</summary>
    private static byte[] CriticalChunks(ReadOnlySpan<byte> encoded)
    {
        const int Frame = 12;
        using var kept = new MemoryStream(encoded.Length);
        kept.Write(encoded[..PngSignature.Length]);
        for (int at = PngSignature.Length; at + Frame <= encoded.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(encoded[at..]);
            if (length > encoded.Length - at - Frame)
            {
                break;
            }
            ReadOnlySpan<byte> chunk = encoded.Slice(at, (int)length + Frame);
            ReadOnlySpan<byte> name = chunk.Slice(4, 4);
            if ((name[0] & 0x20) == 0 || name.SequenceEqual("tRNS"u8))
            {
                kept.Write(chunk);
            }
            at += chunk.Length;
        }
        return kept.ToArray();
    }

    private static InvalidDataException Error(nint handle) => new(Marshal.PtrToStringUTF8((nint)NativeCodecs.TurboJpegError(handle)) ?? "unknown JPEG error");

    private static InvalidDataException Error(NativeCodecs.PngImage* native) => new(Marshal.PtrToStringUTF8((nint)native->Message) ?? "unknown PNG error");
}
