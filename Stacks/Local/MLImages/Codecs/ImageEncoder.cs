using System.Runtime.InteropServices;
using AlexNetMl.Imaging;

namespace Microsoft.ML.Data;

/// <summary>Encodes PNG and, at quality 100, JPEG.</summary>
internal static unsafe class ImageEncoder
{
    private const int Quality = 100;

    internal static byte[] Png(PixelData picture)
    {
        byte[] straight = Unpremultiplied(picture.Bgra);
        var native = new NativeCodecs.PngImage { Version = 1, Width = (uint)picture.Width, Height = (uint)picture.Height, Format = NativeCodecs.PngBgra };
        fixed (byte* pixels = straight)
        {
            nuint size = 0;
            int stride = picture.Width * PixelData.Channels;
            if (NativeCodecs.PngWrite(&native, null, &size, 0, pixels, stride, null) != 0)
            {
                var encoded = new byte[size];
                fixed (byte* memory = encoded)
                {
                    if (NativeCodecs.PngWrite(&native, memory, &size, 0, pixels, stride, null) != 0)
                    {
                        return encoded;
                    }
                }
            }
        }
        throw new InvalidOperationException($"The picture could not be encoded as PNG: {Marshal.PtrToStringUTF8((nint)native.Message)}");
    }

    internal static byte[] Jpeg(PixelData picture)
    {
        nint handle = NativeCodecs.TurboJpegCreateEncoder();
        if (handle == 0)
        {
            throw new InsufficientMemoryException("libjpeg-turbo could not allocate an encoder.");
        }
        try
        {
            const int NoReallocation = 1024;
            var encoded = new byte[NativeCodecs.TurboJpegLargestSize(picture.Width, picture.Height, NativeCodecs.TurboJpegFullChroma).Value];
            var length = new CULong((nuint)encoded.Length);
            fixed (byte* memory = encoded, pixels = picture.Bgra)
            {
                byte* target = memory;
                if (NativeCodecs.TurboJpegEncode(handle, pixels, picture.Width, picture.Width * PixelData.Channels, picture.Height, NativeCodecs.TurboJpegBgra,
                    &target, &length, NativeCodecs.TurboJpegFullChroma, Quality, NoReallocation) != 0)
                {
                    throw new InvalidOperationException(
                        $"The picture could not be encoded as JPEG: {Marshal.PtrToStringUTF8((nint)NativeCodecs.TurboJpegError(handle))}");
                }
            }
            Array.Resize(ref encoded, (int)length.Value);
            return encoded;
        }
        finally
        {
            _ = NativeCodecs.TurboJpegDestroy(handle);
        }
    }

    internal static byte[] Unpremultiplied(ReadOnlySpan<byte> pixels)
    {
        byte[] straight = pixels.ToArray();
        for (int i = 0; i < straight.Length; i += PixelData.Channels)
        {
            int alpha = straight[i + 3];
            for (int c = 0; c < 3 && alpha is > 0 and < byte.MaxValue; c++)
            {
                straight[i + c] = (byte)Math.Min(byte.MaxValue, ((straight[i + c] * byte.MaxValue) + (alpha / 2)) / alpha);
            }
        }
        return straight;
    }
}
