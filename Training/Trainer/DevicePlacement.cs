using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>Puts a network onto the asked-for device with the asked-for number of threads, and both back when disposed.</summary>
internal sealed class DevicePlacement : IDisposable
{
    private readonly Module _network;
    private readonly int _threadsBefore;

    internal DevicePlacement(Module<Tensor, Tensor> network, TrainerOptions options)
    {
        Device = Parse(options.Device);
        Threads = options.ResolvedThreads;
        _network = network;
        _threadsBefore = get_num_threads();
        MoveTo(Device);
        set_num_threads(Threads);
    }

    /// <summary>The device.</summary>
    internal Device Device { get; }

    /// <summary>The number of threads.</summary>
    internal int Threads { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        MoveTo(CPU);
        set_num_threads(_threadsBefore);
    }

    private static Device Parse(string name)
    {
        Device device;
        int index;
        if (name == "cpu")
            return CPU;
        if (name == "cuda")
            (device, index) = (new Device("cuda:0"), 0);
        else if (name is not null && name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), out index) && index >= 0)
            device = new Device(name);
        else
            throw new ArgumentException($"Device '{name}' is none of cpu, cuda, cuda:0, cuda:1, …");
        if (!cuda.is_available())
            throw new InvalidOperationException($"Device '{name}' was asked for, but this libtorch finds no CUDA device: install a driver and a CUDA build of libtorch, or take \"cpu\".");
        if (index >= cuda.device_count())
            throw new InvalidOperationException($"Device '{name}' was asked for, but there are {cuda.device_count()} CUDA devices, numbered from 0.");
        return device;
    }

    private void MoveTo(Device device)
    {
        if (_network.parameters().All(parameter => parameter.device_type == device.type && (device.type == TorchSharp.DeviceType.CPU || parameter.device_index == device.index)))
            return;
        using Tensor example = empty(0L, dtype: ScalarType.Float32, device: device);
        _network._to(example, non_blocking: false);
    }
}
