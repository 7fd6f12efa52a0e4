using System.Runtime.InteropServices;

namespace AlexNetMl.Imaging;

/// <summary>The few functions used of libjpeg-turbo's TurboJPEG API (turbojpeg.h, 2.0 and later) and libwebp's simple API (webp/decode.h).</summary>
internal static unsafe partial class NativeCodecs
{
    internal const int TurboJpegRgb = 0;
    internal const int TurboJpegCmyk = 11;

    /// <summary>The slow integer DCT, as Pillow uses it; fancy upsampling is the default. A file may not make us decode scans without
    /// end.</summary>
    internal const int TurboJpegAccurateDct = 4096;
    internal const int TurboJpegLimitScans = 32768;
    internal const int TurboJpegWarning = 0;

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

    [LibraryImport(CodecLibraries.WebP, EntryPoint = "WebPDecodeRGBInto")]
    internal static partial nint WebPDecode(byte* encoded, nuint length, byte* pixels, nuint pixelBytes, int stride);

    [LibraryImport(CodecLibraries.WebP, EntryPoint = "WebPGetInfo")]
    internal static partial int WebPReadHeader(byte* encoded, nuint length, out int width, out int height);
}
