using System.Runtime.InteropServices;

namespace AlexNetMl.Imaging;

/// <summary>The few functions used of libjpeg-turbo's TurboJPEG API (turbojpeg.h, 2.0 and later) and libpng's simplified API (png.h,
/// 1.6).</summary>
internal static unsafe partial class NativeCodecs
{
    internal const int TurboJpegRgb = 0;
    internal const int TurboJpegCmyk = 11;

    /// <summary>The slow integer DCT, as Pillow uses it; fancy upsampling is the default. A file may not make us decode scans without
    /// end.</summary>
    internal const int TurboJpegAccurateDct = 4096;
    internal const int TurboJpegLimitScans = 32768;
    internal const int TurboJpegWarning = 0;

    internal const uint PngRgb = 2;
    internal const uint PngRgba = 3;

    static NativeCodecs() => NativeLibrary.SetDllImportResolver(typeof(NativeCodecs).Assembly, CodecLibraries.Load);

    [LibraryImport(CodecLibraries.TurboJpeg, EntryPoint = "tjInitDecompress")]
    internal static partial nint TurboJpegCreate();

    [LibraryImport(CodecLibraries.TurboJpeg, EntryPoint = "tjDestroy")]
    internal static partial int TurboJpegDestroy(nint handle);

    [LibraryImport(CodecLibraries.TurboJpeg, EntryPoint = "tjDecompressHeader3")]
    internal static partial int TurboJpegReadHeader(
        nint handle, byte* encoded, CULong length, out int width, out int height, out int subsampling, out int colorspace);

    [LibraryImport(CodecLibraries.TurboJpeg, EntryPoint = "tjDecompress2")]
    internal static partial int TurboJpegDecode(
        nint handle, byte* encoded, CULong length, byte* pixels, int width, int pitch, int height, int pixelFormat, int flags);

    [LibraryImport(CodecLibraries.TurboJpeg, EntryPoint = "tjGetErrorStr2")]
    internal static partial byte* TurboJpegError(nint handle);

    [LibraryImport(CodecLibraries.TurboJpeg, EntryPoint = "tjGetErrorCode")]
    internal static partial int TurboJpegErrorCode(nint handle);

    [LibraryImport(CodecLibraries.Png, EntryPoint = "png_access_version_number")]
    internal static partial uint PngVersion();

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
