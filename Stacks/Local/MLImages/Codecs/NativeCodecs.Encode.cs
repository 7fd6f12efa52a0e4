using System.Runtime.InteropServices;

namespace AlexNetMl.Imaging;

/// <summary>What ML.NET's images need beyond decoding to RGB.</summary>
internal static unsafe partial class NativeCodecs
{
    internal const int TurboJpegBgra = 8;
    internal const int TurboJpegFullChroma = 0;

    internal const uint PngBgra = 0x13;

    /// <summary>Samples of 16 bits are sRGB like all others; left alone, libpng takes them for linear.</summary>
    internal const uint PngSixteenBitsAreSrgb = 4;

    [LibraryImport(CodecLibraries.TurboJpeg, EntryPoint = "tjInitCompress")]
    internal static partial nint TurboJpegCreateEncoder();

    [LibraryImport(CodecLibraries.TurboJpeg, EntryPoint = "tjBufSize")]
    internal static partial CULong TurboJpegLargestSize(int width, int height, int subsampling);

    [LibraryImport(CodecLibraries.TurboJpeg, EntryPoint = "tjCompress2")]
    internal static partial int TurboJpegEncode(
        nint handle, byte* pixels, int width, int pitch, int height, int pixelFormat, byte** encoded, CULong* length, int subsampling, int quality, int flags);

    [LibraryImport(CodecLibraries.Png, EntryPoint = "png_image_write_to_memory")]
    internal static partial int PngWrite(PngImage* image, void* memory, nuint* bytes, int convertTo8Bit, void* pixels, int rowStride, void* colorMap);
}
