using System.Runtime.InteropServices;

namespace AlexNetMl.Imaging;

/// <summary>This stack's codecs: libjpeg-turbo and libpng of the machine.</summary>
internal static partial class StackCodecs
{
    private static readonly Lazy<string> Versions = new(ReadVersions);

    /// <summary>TurboJPEG does not tell its version; its decoded pixels are the same throughout 2.x.</summary>
    internal static string Name => Versions.Value;

    private static string ReadVersions()
    {
        var png = NativeCodecs.PngVersion();
        var jpeg = NativeLibrary.TryGetExport(
            CodecLibraries.Load(CodecLibraries.TurboJpeg, typeof(StackCodecs).Assembly, null), "tj3Init", out _) ? "3.x" : "2.x";
        return $"libjpeg-turbo {jpeg}, libpng {png / 10000}.{png / 100 % 100}.{png % 100}";
    }
}
