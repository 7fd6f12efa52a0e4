using System.CommandLine;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using AlexNetMl.Imaging;
using AlexNetMl.Scoring;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;

namespace AlexNetMl.Cli.Commands;

/// <summary>alexnetml doctor: what the engines are, what is missing and how to get it. Exit code 1 where training or scoring on the CPU cannot work.</summary>
internal static class DoctorCommand
{
    private sealed record Finding(string Part, bool Works, string What, string? Remedy = null);

    public static Command Create()
    {
        Option<bool> json = CommonOptions.Json();
        var command = new Command("doctor", "Shows stack, libtorch, ONNX Runtime, CUDA and picture decoders; what is missing and how to get it.") { json };
        command.Runs((parsed, _) =>
        {
            var console = new Output(parsed.GetValue(json));
            Finding[] findings = [Machine(), Stack(), Torch(), TorchCuda(), OnnxRuntime(), OnnxCuda(), .. PictureDecoders()];
            foreach (Finding finding in findings)
            {
                console.Line($"{(finding.Works ? "ok     " : "missing")}  {finding.Part,-20} {finding.What}");
                if (finding.Remedy is not null)
                {
                    console.Line($"{"",30}{finding.Remedy}");
                }
            }

            console.Result(findings);
            if (findings.FirstOrDefault(finding => !finding.Works && finding.Part is "libtorch" or "ONNX Runtime" or "PNG, GIF, BMP" or "JPEG decoder") is { } broken)
            {
                throw new InvalidOperationException($"{broken.Part} does not work: {broken.Remedy ?? broken.What}");
            }
        });
        return command;
    }

    private static Finding Machine() => new("machine", true,
        $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20} MiB, .NET {Environment.Version}");

    private static Finding Stack()
    {
        string? stack = typeof(torch).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(attribute => attribute.Key == "AlexNetMl.Stack")?.Value;
        return new Finding("stack", true, stack is null ? $"NuGet: TorchSharp {typeof(torch).Assembly.GetName().Version}" : $"{stack}: engines of this machine (Stacks/README.md)");
    }

    private static Finding Torch() => Try("libtorch", "run ./setup.sh, or reference TorchSharp-cpu or TorchSharp-cuda-windows", () =>
    {
        using torch.Tensor one = torch.ones(2, 2);
        using torch.Tensor product = one.mm(one);
        string? library = Loaded("libtorch_cpu", "torch_cpu");
        return $"{torch.__version__}, {torch.get_num_threads()} threads{(library is null ? "" : $", {library}")}{(Loaded("openblas") is { } blas ? $", {blas}" : "")}";
    });

    private static Finding TorchCuda()
    {
        try
        {
            return torch.cuda.is_available()
                ? new Finding("CUDA for training", true, $"{torch.cuda.device_count()} device(s)")
                : new Finding("CUDA for training", false, "libtorch finds no CUDA device", "NuGet: the package TorchSharp-cuda-windows or -linux and a driver; Local: ALEXNETML_TORCH=<cmake prefix of a CUDA PyTorch> ./setup.sh");
        }
        catch (Exception error) when (IsMissingEngine(error))
        {
            return new Finding("CUDA for training", false, FirstLine(error));
        }
    }

    private static Finding OnnxRuntime() => Try("ONNX Runtime", "run ./setup.sh, or reference Microsoft.ML.OnnxRuntime", () =>
        $"{OrtEnv.Instance().GetVersionString()}, providers {string.Join(", ", OrtEnv.Instance().GetAvailableProviders())}");

    private static Finding OnnxCuda()
    {
        try
        {
            using var options = new SessionOptions();
            options.AppendExecutionProvider_CUDA(0);
            return new Finding("CUDA for scoring", true, OnnxSessions.CudaProvider);
        }
        catch (Exception error) when (IsMissingEngine(error) || error is OnnxRuntimeException)
        {
            return new Finding("CUDA for scoring", false, FirstLine(error), "reference Microsoft.ML.OnnxRuntime.Gpu, and install CUDA and cuDNN of the versions it names");
        }
    }

    // Decoding a picture proves more than a name. The other formats, lossless WebP among them, are read by this library itself.
    private static Finding[] PictureDecoders()
    {
        byte[] jpeg = Convert.FromBase64String("/9j/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABv/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8ASP/Z");
        byte[] webP = Convert.FromBase64String("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEADMDOJaQAA3AA/uIgAAA=");
        string[] names = ImageDecoders.Default.Name.Split(", ");
        return
        [
            Decoder("JPEG decoder", names[0], jpeg, 200, "libjpeg-turbo", "libturbojpeg0"),
            Decoder("lossy WebP decoder", names[^1], webP, 201, "libwebp", "libwebp7"),
            Decoder("PNG, GIF, BMP", "readers of this library, for lossless WebP too", PngEncoder.Encode(new RgbImage(1, 1, [200, 200, 200])), 200, "", ""),
        ];
    }

    private static Finding Decoder(string part, string name, byte[] picture, int gray, string library, string package)
    {
        string remedy = $"run ./setup.sh, or install {library} (Debian: {package})";
        Finding found = Try(part, remedy, () => Math.Abs(ImageDecoders.Default.Decode(picture).Pixels[0] - gray) <= 2 ? name : throw new NotSupportedException($"{name} decodes wrongly"));
        return found.Works && !name.StartsWith(library, StringComparison.Ordinal)
            ? found with { Remedy = $"{library} is not here; it is faster and gives Pillow's pixels: {remedy}" }
            : found;
    }

    private static Finding Try(string part, string remedy, Func<string> look)
    {
        try
        {
            return new Finding(part, true, look());
        }
        catch (Exception error) when (IsMissingEngine(error))
        {
            return new Finding(part, false, FirstLine(error), remedy);
        }
    }

    private static bool IsMissingEngine(Exception error) =>
        error is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException or TypeInitializationException or ExternalException or NotSupportedException;

    private static string FirstLine(Exception error) => error.GetBaseException().Message.Split('\n')[0].Trim();

    private static string? Loaded(params string[] names)
    {
        using var process = Process.GetCurrentProcess();
        return process.Modules.Cast<ProcessModule>().Select(module => module.FileName).FirstOrDefault(file => names.Any(name => Path.GetFileName(file).Contains(name, StringComparison.OrdinalIgnoreCase)));
    }
}
