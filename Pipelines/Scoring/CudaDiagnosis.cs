using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace AlexNetMl.Scoring;

/// <summary>Finds out what CUDA lacks and says how to get it. ONNX Runtime itself tells only that a provider failed.</summary>
internal static class CudaDiagnosis
{
    /// <param name="deviceId">The GPU that was asked for.</param>
    /// <param name="providerLoaded">Whether the provider's library was loaded, so that only the device can be at fault.</param>
    /// <param name="error">What the attempt threw.</param>
    public static string Explain(int deviceId, bool providerLoaded, Exception error)
    {
        string version = OrtEnv.Instance().GetVersionString();
        string[] available = OrtEnv.Instance().GetAvailableProviders();
        if (!available.Contains(OnnxSessions.CudaProvider))
        {
            return $"CUDA was asked for, but this build of ONNX Runtime {version} lacks the {OnnxSessions.CudaProvider} (it has: "
                + $"{string.Join(", ", available)}); reference the package Microsoft.ML.OnnxRuntime.Gpu in place of Microsoft.ML.OnnxRuntime.";
        }

        if (providerLoaded)
        {
            return $"CUDA was asked for, but the {OnnxSessions.CudaProvider} of ONNX Runtime {version} does not start on device {deviceId}: "
                + $"{FirstLine(error.Message)}; check with nvidia-smi that the driver works and that a GPU has that number.";
        }

        string missing = MissingLibrary(ProviderLibraries()) ?? FirstLine(error.Message);
        return $"CUDA was asked for, but the {OnnxSessions.CudaProvider} of ONNX Runtime {version} cannot be loaded: {missing}; install the NVIDIA "
            + "driver and the CUDA and cuDNN releases that this ONNX Runtime was built for, where the system finds shared libraries.";
    }

    /// <summary>Why the provider's own library cannot be loaded, in the system loader's words; null where it can be or is not found.</summary>
    internal static string? MissingLibrary(IEnumerable<string> candidates)
    {
        foreach (string library in candidates.Where(File.Exists))
        {
            try
            {
                NativeLibrary.Free(NativeLibrary.Load(library));
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                // The loader's message has a preamble; the line that names a file that is not there is the one that helps.
                string[] lines = e.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                return lines.FirstOrDefault(l => l.Contains("cannot open shared object", StringComparison.Ordinal)) ?? lines[^1];
            }
        }

        return null;
    }

    private static IEnumerable<string> ProviderLibraries()
    {
        string file = OperatingSystem.IsWindows() ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so";
        string native = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? string.Empty;
        return native.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(AppContext.BaseDirectory)
            .Select(folder => Path.Combine(folder, file));
    }

    private static string FirstLine(string message) => message.Split('\n')[0].Trim().TrimEnd('.');
}
