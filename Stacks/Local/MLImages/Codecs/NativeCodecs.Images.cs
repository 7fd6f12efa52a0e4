using System.Runtime.InteropServices;

namespace AlexNetMl.Imaging;

/// <summary>What ML.NET's images need beyond decoding to RGB: TurboJPEG's encoder, and libpng's simplified API (png.h, 1.6), since these pictures have an alpha channel.</summary>
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

    [LibraryImport(CodecLibraries.Png, EntryPoint = "png_image_begin_read_from_memory")]
    internal static partial int PngBeginRead(PngImage* image, byte* encoded, nuint length);

    [LibraryImport(CodecLibraries.Png, EntryPoint = "png_image_finish_read")]
    internal static partial int PngFinishRead(PngImage* image, void* background, void* pixels, int rowStride, void* colorMap);

    [LibraryImport(CodecLibraries.Png, EntryPoint = "png_image_free")]
    internal static partial void PngFree(PngImage* image);

    /// <summary>png.h: png_image, version 1.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PngImage
    {
        internal nint Opaque;
        internal uint Version;
        internal uint Width;
        internal uint Height;
        internal uint Format;
        internal uint Flags;
        internal uint ColorMapEntries;
        internal uint WarningOrError;
        internal fixed byte Message[64];
    }
}
