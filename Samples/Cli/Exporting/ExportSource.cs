using AlexNetMl.Export;
using AlexNetMl.Imaging;
using AlexNetMl.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Cli;

/// <summary>A network that is to be exported, and what is known about it.</summary>
internal sealed class ExportSource : IDisposable
{
    private ExportSource(Module<Tensor, Tensor> network, OnnxExportOptions options, RunDescription? run, string weights) =>
        (Network, Options, Run, Weights) = (network, options, run, weights);

    public Module<Tensor, Tensor> Network { get; }

    public OnnxExportOptions Options { get; }

    /// <summary>The run, where the network is one's.</summary>
    public RunDescription? Run { get; }

    /// <summary>The file that the weights came from.</summary>
    public string Weights { get; }

    public static ExportSource OfRun(string folder, string? labels)
    {
        TrainedNetwork trained = TrainedNetwork.Load(folder, OnnxRuns.Networks(folder));
        var options = new OnnxExportOptions
        {
            Preprocessing = trained.Preprocessing,
            Labels = labels is null ? trained.Run.Classes : ReadLabels(labels),
            Fingerprint = trained.Run.Data.Fingerprint is { Length: > 0 } fingerprint ? fingerprint : null,
        };
        return new ExportSource(trained.Network, options, trained.Run, trained.Weights);
    }

    /// <summary>Weights whose network the command line describes.</summary>
    public static ExportSource OfWeights(string weights, string architecture, Func<NetworkOptions, NetworkOptions> size, string? labels, string? preprocessing)
    {
        NetworkOptions? network = null;
        UsageException.Check(() =>
        {
            network = size(NetworkCatalog.Default.Get(architecture).Options);
            network.Validate();
        });
        IReadOnlyList<string> names = labels is null ? [.. Enumerable.Range(0, network!.Classes).Select(i => $"class {i}")] : ReadLabels(labels);
        Module<Tensor, Tensor> module = NetworkCatalog.Default.Create(architecture, network);
        try
        {
            SafeTensors.LoadWeights(module, weights);
            var options = new OnnxExportOptions
            {
                Preprocessing = preprocessing is null ? Plain(network!.Side) : ReadPreprocessing(preprocessing),
                Labels = names,
            };
            return new ExportSource(module, options, null, weights);
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }

    public void Dispose() => Network.Dispose();

    // The proportion of the paper, pixels over 255.
    private static ImagePreprocessing Plain(int side) => new() { CropSide = side, ShorterSide = (int)Math.Round(side * 256 / 224.0) };

    public static string[] ReadLabels(string path) => [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)];

    public static ImagePreprocessing ReadPreprocessing(string path)
    {
        try
        {
            return ImagePreprocessing.FromJson(File.ReadAllText(path));
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            throw new InvalidDataException($"'{path}' does not describe a preprocessing: {error.Message}", error);
        }
    }
}
