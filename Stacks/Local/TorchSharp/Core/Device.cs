using System;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    private static Device _cuda;
    private static Device _mps;

    public static readonly Device CPU = InitializeDevice(new Device(DeviceType.CPU, -1));

    public static readonly Device META = InitializeDevice(new Device(DeviceType.META, -1));

    public static Device CUDA => _cuda ??= InitializeDevice(new Device(DeviceType.CUDA, -1));

    public static Device MPS => _mps ??= InitializeDevice(new Device(DeviceType.MPS, -1));

    public static Device device(string description) => InitializeDevice(new Device(description));

    public static Device device(string deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    public static Device device(DeviceType deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    public static Device device(int index) => new(DeviceType.CUDA, index);

    /// <summary>Where a tensor lives: "cpu", "cuda" (the current one) or "cuda:1".</summary>
    public class Device
    {
        public DeviceType type { get; private set; } = DeviceType.CPU;

        public int index { get; private set; } = -1;

        public Device(string description)
        {
            var parts = description.Split(':');
            if (parts.Length > 2) return;
            type = Parse(parts[0]);
            if (parts.Length == 2) index = int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
        }

        public Device(string deviceType, int index = -1)
        {
            type = Parse(deviceType);
            this.index = index;
        }

        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index;
        }

        public Device(int index)
        {
            type = DeviceType.CUDA;
            this.index = index;
        }

        public override string ToString()
        {
            var name = type.ToString().ToLowerInvariant();
            return type == DeviceType.CPU || index == -1 ? name : $"{name}:{index}";
        }

        public static implicit operator Device(string description) => new(description);

        private static DeviceType Parse(string name) => Enum.Parse<DeviceType>(name.ToUpperInvariant());
    }
}
