using System.Globalization;
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
        (string Name, int? Cuda)[] devices = Names(names);
        foreach ((string name, int? cuda) in devices)
        {
            if (cuda is { } index)
                RequireCuda(name, index);
        }
        return [.. devices.Select(device => device.Cuda is { } index ? new Device($"cuda:{index}") : CPU)];
    }

    /// <summary>Checks that a text is a list of one or two devices, there or not.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    internal static void CheckNames(string names) => Names(names);

    /// <summary>Whether all devices of a list are the processor.</summary>
    /// <exception cref="ArgumentException">It is no such list.</exception>
    internal static bool IsCpu(string names) => Array.TrueForAll(Names(names), device => device.Cuda is null);

    private static (string Name, int? Cuda)[] Names(string names)
    {
        (string, int?)[] devices = [.. (names ?? "").Split(',').Select(name => (name.Trim(), Index(name.Trim())))];
        return devices.Length is 1 or 2 ? devices : throw new ArgumentException($"'{names}' names {devices.Length} devices: a network runs on one or two.");
    }

    private static int? Index(string name)
    {
        if (name == "cpu")
            return null;
        if (name == "cuda")
            return 0;
        return name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? index
            : throw new ArgumentException($"Device '{name}' is none of cpu, cuda, cuda:0, cuda:1, …: take one of them.");
    }

    private static void RequireCuda(string name, int index)
    {
        if (!cuda.is_available())
            throw new InvalidOperationException($"Device '{name}' was asked for, but this libtorch finds no CUDA device: install a driver and a CUDA build of libtorch, or take \"cpu\".");
        if (index >= cuda.device_count())
            throw new InvalidOperationException($"Device '{name}' was asked for, but there are {cuda.device_count()} CUDA devices, numbered from 0: take one of them.");
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
