using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>
/// The steps of a network as its definition writes them down, one line for each: every method adds a step under a path, over earlier ones, and gives the path
/// back. Channel counts and sides of maps follow.
/// </summary>
/// <param name="side">Side of the input picture.</param>
/// <param name="device">Where weights are made: null for the CPU; torch's meta device, which keeps shapes alone, for who wants to look only.</param>
internal sealed class LayerList(long side, Device? device)
{
    /// <summary>The name of the network's input.</summary>
    public const string Input = "pixels";

    private readonly List<GraphNode> _nodes = [];
    private readonly Dictionary<string, (long Channels, long Side)> _shapes = new(StringComparer.Ordinal) { [Input] = (3, side) };

    public IReadOnlyList<GraphNode> Nodes => _nodes;

    /// <summary>Channels, or features, of a step's result.</summary>
    public long Channels(string path) => _shapes[path].Channels;

    /// <summary>Side of a step's maps; 1 of features.</summary>
    public long Side(string path) => _shapes[path].Side;

    public string Conv(string path, string input, long channels, long kernel, long stride = 1, long padding = 0, bool bias = false) => Add(
        path, Conv2d(Channels(input), channels, kernel, stride, padding, bias: bias, device: device), channels, Windows(input, kernel, stride, padding, ceiling: false), input);

    public string BatchNorm(string path, string input, double eps = 1e-5) => Module(path, input, BatchNorm2d(Channels(input), eps, device: device));

    // In place: what stands before is a convolution, a normalization or a sum, whose result nothing else reads and no gradient needs.
    public string ReLU(string path, string input) => Module(path, input, nn.ReLU(inplace: true));

    public string MaxPool(string path, string input, long kernel, long stride, long padding = 0, bool ceiling = false) => Add(
        path, MaxPool2d(kernel, stride, padding, ceil_mode: ceiling), Channels(input), Windows(input, kernel, stride, padding, ceiling), input);

    public string AveragePool(string path, string input, long kernel, long stride) =>
        Add(path, AvgPool2d(kernel, stride), Channels(input), Windows(input, kernel, stride, 0, ceiling: false), input);

    /// <summary>Means over windows that make maps of the given side, of whatever side they are; 1 for one mean over each map.</summary>
    public string AdaptiveAveragePool(string path, string input, long outputSide) => Add(path, AdaptiveAvgPool2d(outputSide), Channels(input), outputSide, input);

    public string Flatten(string path, string input) => Add(path, nn.Flatten(), Channels(input) * Side(input) * Side(input), 1, input);

    public string Linear(string path, string input, long features) => Add(path, nn.Linear(Channels(input), features, device: device), features, 1, input);

    public string Dropout(string path, string input, double probability) => Module(path, input, nn.Dropout(probability));

    /// <summary>A module whose result is as large as its input.</summary>
    public string Module(string path, string input, Module<Tensor, Tensor> module) => Add(path, module, Channels(input), Side(input), input);

    public string Sum(string path, params IReadOnlyList<string> inputs) => Add(path, new Sum(), Channels(inputs[0]), Side(inputs[0]), [.. inputs]);

    public string Concatenate(string path, params IReadOnlyList<string> inputs) => Add(path, new Concatenation(), inputs.Sum(Channels), Side(inputs[0]), [.. inputs]);

    // A window that ceiling adds may not begin in the padding behind the map (torch's rule).
    private long Windows(string input, long kernel, long stride, long padding, bool ceiling)
    {
        long length = Side(input), count = (length + 2 * padding - kernel + (ceiling ? stride - 1 : 0)) / stride + 1;
        return ceiling && (count - 1) * stride >= length + padding ? count - 1 : count;
    }

    private string Add(string path, Module operation, long channels, long outputSide, params string[] inputs)
    {
        _nodes.Add(new GraphNode(path, operation, inputs));
        _shapes.Add(path, (channels, outputSide));
        return path;
    }
}
