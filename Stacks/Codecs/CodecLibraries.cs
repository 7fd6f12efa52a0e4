using System.Reflection;
using System.Runtime.InteropServices;

namespace AlexNetMl.Imaging;

/// <summary>Finds the shared libraries of the picture codecs, under the names that systems give them, or says how to get them.</summary>
internal static class CodecLibraries
{
    internal const string TurboJpeg = "turbojpeg";
    internal const string WebP = "webp";

    /// <summary>Only the stand-in for ML.NET's images asks for it.</summary>
    internal const string Png = "png16";

    private static readonly Assembly Here = typeof(CodecLibraries).Assembly;

    /// <summary>Whether the machine has a library.</summary>
    internal static bool IsThere(string name) => Find(name) != 0;

    internal static nint Load(string name, Assembly assembly, DllImportSearchPath? path)
    {
        // For any other library the runtime's own search goes on.
        var handle = Find(name);
        return handle != 0 || Candidates(name).Length == 0
            ? handle
            : throw new DllNotFoundException(
                $"{Candidates(name)[0]} is not on this machine; "
                + $"run ./setup.sh, or install it (Debian: {DebianPackage(name)}).");
    }

    private static nint Find(string name)
    {
        foreach (var candidate in Candidates(name))
        {
            if (NativeLibrary.TryLoad(candidate, Here, null, out var handle))
            {
                return handle;
            }
        }

        return 0;
    }

    // Windows knows them under the first plain name of each, macOS under the second with its own prefix and suffix.
    private static string[] Candidates(string name) => name switch
    {
        TurboJpeg => ["libturbojpeg.so.0", "turbojpeg", "libturbojpeg"],
        WebP => ["libwebp.so.7", "libwebp", "webp", "libwebp-7"],
        Png => ["libpng16.so.16", "png16"],
        _ => [],
    };

    private static string DebianPackage(string name) => name switch
    {
        TurboJpeg => "libturbojpeg0",
        WebP => "libwebp7",
        _ => "libpng16-16",
    };
}
