using System.Reflection;
using System.Runtime.InteropServices;

namespace AlexNetMl.Imaging;

/// <summary>Finds the shared libraries of the picture codecs, or says how to get them.</summary>
internal static class CodecLibraries
{
    internal const string TurboJpeg = "turbojpeg";
    internal const string Png = "png16";

    internal static nint Load(string name, Assembly assembly, DllImportSearchPath? path)
    {
        string[] candidates = name switch
        {
            TurboJpeg => ["libturbojpeg.so.0", "turbojpeg"],
            Png => ["libpng16.so.16", "png16"],
            _ => [],
        };
        foreach (var candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, assembly, path, out var handle))
            {
                return handle;
            }
        }

        // For any other library the runtime's own search goes on.
        return candidates.Length == 0
            ? 0
            : throw new DllNotFoundException(
                $"{candidates[0]} is not on this machine; "
                + "run ./setup.sh, which installs the picture codecs (Debian: libturbojpeg0, libpng16-16).");
    }
}
