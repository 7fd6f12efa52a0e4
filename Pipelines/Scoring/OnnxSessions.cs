using System.Diagnostics.CodeAnalysis;
using AlexNetMl.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace AlexNetMl.Scoring;

/// <summary>
/// Opens ONNX Runtime sessions on the device that was asked for, or says in one sentence why that is impossible. Files are checked first,
/// as <see cref="OnnxFile.Check"/> does.
/// </summary>
public static class OnnxSessions
{
    /// <summary>The processor's provider, as ONNX Runtime calls it.</summary>
    public const string CpuProvider = "CPUExecutionProvider";

    /// <summary>CUDA's provider, as ONNX Runtime calls it.</summary>
    public const string CudaProvider = "CUDAExecutionProvider";

    /// <summary>Opens a model.</summary>
    /// <param name="modelPath">The .onnx file.</param>
    /// <param name="device">Default: the processor.</param>
    /// <param name="threads">Threads within one operator; 0: one per core that this process may use.</param>
    /// <returns>The session; the caller disposes it.</returns>
    /// <exception cref="OnnxScoringException">The file is damaged or does not hold together, ONNX Runtime refuses it, its library is missing, or CUDA does not start.</exception>
    public static InferenceSession Create(string modelPath, OnnxDevice? device = null, int threads = 0)
        => Create(modelPath, device, threads, out _, out _);

    /// <summary>Opens a model and says what it runs on.</summary>
    /// <param name="modelPath">The .onnx file.</param>
    /// <param name="device">Default: the processor.</param>
    /// <param name="threads">Threads within one operator; 0: one per core that this process may use.</param>
    /// <param name="provider">The provider in use: <see cref="CpuProvider"/> or <see cref="CudaProvider"/>.</param>
    /// <param name="fallbackReason">Why CUDA was asked for and the processor serves; null otherwise.</param>
    /// <returns>The session; the caller disposes it.</returns>
    /// <exception cref="OnnxScoringException">The file is damaged or does not hold together, ONNX Runtime refuses it, its library is missing, or CUDA does not start.</exception>
    public static InferenceSession Create(
        string modelPath, OnnxDevice? device, int threads, out string provider, out string? fallbackReason)
        => Create(modelPath, edited: null, device, threads, out provider, out fallbackReason);

    /// <summary>The same; where there is an edited copy of the file in memory, that is what runs.</summary>
    internal static InferenceSession Create(
        string modelPath, byte[]? edited, OnnxDevice? device, int threads, out string provider, out string? fallbackReason)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelPath);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        device ??= OnnxDevice.Cpu;
        fallbackReason = null;
        provider = CpuProvider;
        RefuseUnchecked(modelPath);
        if (!device.IsCuda)
        {
            return CreateOnCpu(modelPath, edited, threads);
        }

        if (TryCreateOnCuda(modelPath, edited, device.DeviceId, threads, out InferenceSession? session, out string? reason, out Exception? cause))
        {
            provider = CudaProvider;
            return session;
        }

        // Whatever CUDA said, a model that does not load on the processor either is the model's own fault, and this throws so.
        session = CreateOnCpu(modelPath, edited, threads);
        if (device.FallbackToCpu)
        {
            fallbackReason = reason;
            return session;
        }

        session.Dispose();
        throw new OnnxScoringException($"{reason} To score without it, use OnnxDevice.Cpu or OnnxDevice.Cuda(fallbackToCpu: true).", cause);
    }

    // ONNX Runtime is native code that trusts what it reads: it sees only files that our own reader has accepted.
    private static void RefuseUnchecked(string modelPath)
    {
        try
        {
            OnnxFile.Check(modelPath);
        }
        catch (Exception e) when (e is OnnxFormatException or IOException or UnauthorizedAccessException)
        {
            throw new OnnxScoringException($"The model '{modelPath}' cannot be read: {e.Message}", e);
        }
    }

    private static InferenceSession CreateOnCpu(string modelPath, byte[]? edited, int threads)
    {
        try
        {
            using SessionOptions options = Options(threads);
            return Open(modelPath, edited, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new OnnxScoringException($"ONNX Runtime {Version()} refuses '{modelPath}': {e.Message}", e);
        }
        catch (Exception e) when (IsMissingLibrary(e))
        {
            throw new OnnxScoringException(
                "The native ONNX Runtime library cannot be loaded: the application must reference one of the packages "
                + $"Microsoft.ML.OnnxRuntime and Microsoft.ML.OnnxRuntime.Gpu, for its own platform ({e.GetBaseException().Message.Split('\n')[0].Trim()}).",
                e);
        }
    }

    private static bool TryCreateOnCuda(
        string modelPath,
        byte[]? edited,
        int deviceId,
        int threads,
        [NotNullWhen(true)] out InferenceSession? session,
        [NotNullWhen(false)] out string? reason,
        [NotNullWhen(false)] out Exception? cause)
    {
        bool providerLoaded = false;
        try
        {
            using SessionOptions options = Options(threads);
            using (new SilencedEnvironment())
            {
                options.AppendExecutionProvider_CUDA(deviceId);
            }

            providerLoaded = true;
            session = Open(modelPath, edited, options);
            (reason, cause) = (null, null);
            return true;
        }
        catch (Exception e) when (e is OnnxRuntimeException || IsMissingLibrary(e))
        {
            (session, cause) = (null, e);
            reason = CudaDiagnosis.Explain(deviceId, providerLoaded, e);
            return false;
        }
    }

    private static InferenceSession Open(string modelPath, byte[]? edited, SessionOptions options)
    {
        if (edited is null)
        {
            return new InferenceSession(modelPath, options);
        }

        // Weights in files beside the model are found from its folder, which bytes in memory do not have.
        options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", Path.GetDirectoryName(Path.GetFullPath(modelPath))!);
        return new InferenceSession(edited, options);
    }

    private static SessionOptions Options(int threads)
    {
        var options = new SessionOptions
        {
            // Every error comes back as an exception; ONNX Runtime would print it on stderr as well, and warnings about foreign models besides.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,

            // Not ONNX Runtime's own default: that counts the machine's cores, also where a container grants fewer, and pins a thread to each.
            IntraOpNumThreads = threads > 0 ? threads : Environment.ProcessorCount,

            // A pattern reserves all activations of a batch as one block of their own beside the arena's: 310 MB more for AlexNet-224 and 64 pictures, and no faster (benchmark score).
            EnableMemoryPattern = false,
        };

        // Threads that wait for the next operator would spin and take the cores from the decoders.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return options;
    }

    // The binding looks its entry points up in a static constructor, so a missing library may come wrapped.
    private static bool IsMissingLibrary(Exception e)
        => (e is TypeInitializationException ? e.GetBaseException() : e) is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException;

    private static string Version() => OrtEnv.Instance().GetVersionString();

    /// <summary>
    /// Keeps ONNX Runtime's process-wide log off stderr while the CUDA provider is loaded: that one step knows no session yet whose level could
    /// be set, and prints what the exception says anyway.
    /// </summary>
    private readonly ref struct SilencedEnvironment
    {
        private readonly OrtLoggingLevel _before;

        public SilencedEnvironment()
        {
            _before = OrtEnv.Instance().EnvLogLevel;
            OrtEnv.Instance().EnvLogLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;
        }

        public void Dispose() => OrtEnv.Instance().EnvLogLevel = _before;
    }
}
