using System.Buffers;
using System.Runtime.InteropServices;

namespace AlexNetMl.Imaging;

internal static unsafe partial class StackCodecs
{
    /// <summary>Up to 8 bits a sample, critical chunks only: then libpng's simplified API, which would convert to sRGB and blend, has
    /// nothing to convert.</summary>
    internal static RgbImage DecodePng(ReadOnlySpan<byte> encoded, in ImageHeader header, in PngLayout layout)
    {
        var native = default(NativeCodecs.PngImage);
        native.Version = 1;
        try
        {
            fixed (byte* source = encoded)
            {
                if (NativeCodecs.PngBeginRead(&native, source, (nuint)encoded.Length) == 0)
                {
                    throw Error(&native);
                }

                // libpng writes by its own reading of the sizes, so they decide how much room it needs.
                if (native.Width != header.Width || native.Height != header.Height)
                {
                    throw new ImageFormatException("PNG data contradicts itself about its size");
                }

                var image = RgbImage.Uninitialized(header.Width, header.Height);
                var hasAlpha = header.Components is 2 or 4;
                if (hasAlpha)
                {
                    ReadDroppingAlpha(&native, image);
                }
                else
                {
                    native.Format = NativeCodecs.PngRgb;
                    fixed (byte* pixels = image.Pixels)
                    {
                        Finish(&native, pixels, image.Width * RgbImage.Channels);
                    }
                }

                return image;
            }
        }
        finally
        {
            NativeCodecs.PngFree(&native);
        }
    }

    // Asked for RGB, libpng would blend with a background.
    private static void ReadDroppingAlpha(NativeCodecs.PngImage* native, RgbImage image)
    {
        const int Channels = 4;
        var rgba = ArrayPool<byte>.Shared.Rent(image.Width * image.Height * Channels);
        try
        {
            native->Format = NativeCodecs.PngRgba;
            fixed (byte* pixels = rgba)
            {
                Finish(native, pixels, image.Width * Channels);
            }

            var rgb = image.Pixels;
            for (int i = 0, o = 0; o < rgb.Length; i += Channels, o += RgbImage.Channels)
            {
                rgb[o] = rgba[i];
                rgb[o + 1] = rgba[i + 1];
                rgb[o + 2] = rgba[i + 2];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rgba);
        }
    }

    private static void Finish(NativeCodecs.PngImage* native, byte* pixels, int rowStride)
    {
        if (NativeCodecs.PngFinishRead(native, null, pixels, rowStride, null) == 0)
        {
            throw Error(native);
        }
    }

    private static ImageFormatException Error(NativeCodecs.PngImage* native)
    {
        var message = Marshal.PtrToStringUTF8((nint)native->Message) ?? string.Empty;
        return new ImageFormatException($"PNG data cannot be decoded: {message}");
    }
}
