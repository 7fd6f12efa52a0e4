using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>Puts a network onto the asked-for device or devices with the asked-for number of threads, and both back when disposed.</summary>
internal sealed class DevicePlacement : IDisposable
{
    private readonly Module<Tensor, Tensor> _network;
    private readonly int _threadsBefore;

    internal DevicePlacement(Module<Tensor, Tensor> network, TrainerOptions options)
    {
        Device[] devices = Parse(options.Device);
        if (devices.Length == 2 != network is TwoTowerAlexNet)
        {
            throw new ArgumentException(devices.Length == 2
                ? $"Two devices ({options.Device}) were asked for; only a {nameof(TwoTowerAlexNet)} can be split over them."
                : $"A {nameof(TwoTowerAlexNet)} takes two devices, such as cuda:0,cuda:1 or cpu,cpu, not '{options.Device}'.");
        }
        Device = devices[0];
        Threads = options.ResolvedThreads;
        _network = network;
        _threadsBefore = get_num_threads();
        Move(devices);
        set_num_threads(Threads);
    }

    /// <summary>The device that takes the pictures and gives the logits.</summary>
    internal Device Device { get; }

    /// <summary>The number of threads.</summary>
    internal int Threads { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Move(_network is TwoTowerAlexNet ? [CPU, CPU] : [CPU]);
        set_num_threads(_threadsBefore);
    }

    /// <summary>The devices of a list such as cpu, cuda:1 or cuda:0,cuda:1.</summary>
    /// <exception cref="ArgumentException">It is not such a list.</exception>
    /// <exception cref="InvalidOperationException">A device is not there.</exception>
    internal static Device[] Parse(string names)
    {
        Device[] devices = [.. (names ?? "").Split(',').Select(name => ParseOne(name.Trim()))];
        return devices.Length is 1 or 2 ? devices : throw new ArgumentException($"'{names}' names {devices.Length} devices; a network runs on one or two.");
    }

    private static Device ParseOne(string name)
    {
        Device device;
        int index;
        if (name == "cpu")
            return CPU;
        if (name == "cuda")
            (device, index) = (new Device("cuda:0"), 0);
        else if (name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), out index) && index >= 0)
            device = new Device(name);
        else
            throw new ArgumentException($"Device '{name}' is none of cpu, cuda, cuda:0, cuda:1, …");
        if (!cuda.is_available())
            throw new InvalidOperationException($"Device '{name}' was asked for, but this libtorch finds no CUDA device: install a driver and a CUDA build of libtorch, or take \"cpu\".");
        if (index >= cuda.device_count())
            throw new InvalidOperationException($"Device '{name}' was asked for, but there are {cuda.device_count()} CUDA devices, numbered from 0.");
        return device;
    }

    private void Move(Device[] devices)
    {
        if (_network is TwoTowerAlexNet towers)
        {
            towers.MoveTo(devices[0], devices[1]);
            return;
        }
        Device device = devices[0];
        if (_network.parameters().All(parameter => parameter.device_type == device.type && (device.type == TorchSharp.DeviceType.CPU || parameter.device_index == device.index)))
            return;
        using Tensor example = empty(0L, dtype: ScalarType.Float32, device: device);
        _network._to(example, non_blocking: false);
    }
}
