#nullable enable
using System;
using System.Linq;
using TorchSharp.Modules;

namespace TorchSharp;

// To another device or another type of elements.
public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            protected DeviceType _deviceType = DeviceType.CPU;
            protected int _deviceIndex = -1;

            public Module _to(Tensor other, bool non_blocking)
            {
                _to(other.dtype, non_blocking);
                return _to(other.device_type, other.device_index, non_blocking);
            }

            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking)
            {
                CheckType(dtype);
                if (device.type != DeviceType.CUDA) device = new Device(device.type, -1);
                CheckDevice(device.type);
                _toEpilog(device, dtype, non_blocking);
                return this;
            }

            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
            {
                if (deviceType != DeviceType.CUDA) deviceIndex = -1;
                CheckDevice(deviceType);
                if (deviceType != _deviceType || deviceIndex != _deviceIndex) _toEpilog(deviceType, deviceIndex, non_blocking);
                return this;
            }

            protected internal virtual Module _to(ScalarType dtype, bool non_blocking)
            {
                CheckType(dtype);
                _toEpilog(dtype, non_blocking);
                return this;
            }

            protected void _toEpilog(ScalarType dtype, bool non_blocking) => _toEpilog(dtype, null, non_blocking);

            protected void _toEpilog(Device device, ScalarType dtype, bool non_blocking) => _toEpilog(dtype, device, non_blocking);

            protected void _toEpilog(DeviceType deviceType, int deviceIndex, bool non_blocking) =>
                _toEpilog(null, new Device(deviceType, deviceIndex), non_blocking);

            /// <summary>Moves everything inside, and sets the fields or properties that the moved tensors came from.</summary>
            protected virtual void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
            {
                if (dtype is null && device is null) {
                    throw new ArgumentNullException(nameof(dtype), "Neither a type nor a device is given.");
                }
                foreach (var (_, module) in named_children()) {
                    if (device is null) module._to(dtype!.Value, non_blocking);
                    else if (dtype is null) module._to(device.type, device.index, non_blocking);
                    else module._to(device, dtype.Value, non_blocking);
                }
                foreach (var (name, parameter) in named_parameters(false).ToList()) {
                    if (!ReplaceParameter(dtype, device, parameter, out var moved)) continue;
                    if (SetProperty(name, moved!)) continue;
                    parameter.Dispose();
                    ConditionallyRegisterParameter(name, moved);
                    SetField(name, moved!);
                }
                foreach (var (name, buffer) in named_buffers(false).ToList()) {
                    if (!ReplaceBuffer(dtype, device, buffer, out var moved)) continue;
                    if (SetProperty(name, moved!)) continue;
                    ConditionallyRegisterBuffer(name, moved);
                    SetField(name, moved!);
                }
                if (device is null) return;
                _deviceType = device.type;
                _deviceIndex = device.index;
            }

            protected static bool ReplaceBuffer(ScalarType? dtype, Device? device, Tensor buffer, out Tensor? result)
            {
                result = null;
                if (!buffer.WillCopy(dtype ?? buffer.dtype, device ?? buffer.device)) return false;
                var keepsType = dtype is null || buffer.is_integral();
                var type = keepsType ? buffer.dtype : dtype!.Value;
                result = buffer.to(type, device ?? buffer.device, disposeAfter: true).DetachFromDisposeScope();
                return true;
            }

            protected static bool ReplaceParameter(ScalarType? dtype, Device? device, Parameter param, out Parameter? p)
            {
                p = null;
                using var grad = param.grad;
                var type = dtype ?? param.dtype;
                var place = device ?? param.device;
                if (!param.WillCopy(type, place) && (grad is null || !grad.WillCopy(type, place))) return false;
                if (param.is_integral()) type = param.dtype;
                // The move is no part of the graph: what comes out is a leaf.
                using var mode = no_grad();
                p = new Parameter(param.to(type, place), param.requires_grad);
                p.DetachFromDisposeScope();
                if (grad is null) return true;
                using var movedGrad = grad.to(type, place).with_requires_grad(grad.requires_grad);
                p.grad = movedGrad;
                return true;
            }

            protected static (Device device, ScalarType dtype) GetDefaultDeviceAndType(Device? device = null, ScalarType? dtype = null) =>
                (device ?? get_default_device(), dtype ?? get_default_dtype());

            private bool SetProperty(string name, Tensor value)
            {
                var property = GetType().GetProperties().FirstOrDefault(candidate => candidate.Name == name);
                property?.SetValue(this, value);
                return property is not null;
            }

            private void SetField(string name, Tensor value) =>
                Fields(GetType()).FirstOrDefault(candidate => candidate.ComponentName() == name)?.SetValue(this, value);

            private static void CheckType(ScalarType dtype)
            {
                if (is_floating_point(dtype) || is_complex(dtype)) return;
                throw new ArgumentException($"nn.Module.to only accepts floating point or complex types, but got desired dtype={dtype}");
            }

            private static void CheckDevice(DeviceType type)
            {
                if (type == DeviceType.CUDA && !cuda.is_available()) throw new InvalidOperationException("CUDA is not available.");
                InitializeDeviceType(type);
            }
        }
    }
}

public static class ModuleExtensionMethods
{
    public static T to<T>(this T module, torch.ScalarType type, bool non_blocking = false) where T : torch.nn.Module =>
        (T)module._to(type, non_blocking);

    public static T to<T>(this T module, torch.Device device, torch.ScalarType type, bool non_blocking = false) where T : torch.nn.Module =>
        (T)module._to(device, type, non_blocking);

    public static T to<T>(this T module, DeviceType deviceType, int deviceIndex = -1, bool non_blocking = false)
        where T : torch.nn.Module => (T)module._to(deviceType, deviceIndex, non_blocking);

    public static T to<T>(this T module, torch.Device device, bool non_blocking = false) where T : torch.nn.Module =>
        (T)module._to(device.type, device.index, non_blocking);

    public static T to<T>(this T module, string device, bool non_blocking = false) where T : torch.nn.Module =>
        module.to(new torch.Device(device), non_blocking);

    public static T to<T>(this T module, torch.Tensor other, bool non_blocking = false) where T : torch.nn.Module =>
        (T)module._to(other.device, other.dtype, non_blocking);

    public static T cpu<T>(this T module, bool non_blocking = false) where T : torch.nn.Module =>
        (T)module._to(DeviceType.CPU, -1, non_blocking);

    public static T cuda<T>(this T module, int deviceIndex = -1, bool non_blocking = false) where T : torch.nn.Module =>
        (T)module._to(DeviceType.CUDA, deviceIndex, non_blocking);

    public static T half<T>(this T module, bool non_blocking = false) where T : torch.nn.Module =>
        module.to(torch.ScalarType.Float16, non_blocking);

    public static T bfloat16<T>(this T module, bool non_blocking = false) where T : torch.nn.Module =>
        module.to(torch.ScalarType.BFloat16, non_blocking);

    public static T @float<T>(this T module, bool non_blocking = false) where T : torch.nn.Module =>
        module.to(torch.ScalarType.Float32, non_blocking);

    public static T @double<T>(this T module, bool non_blocking = false) where T : torch.nn.Module =>
        module.to(torch.ScalarType.Float64, non_blocking);
}
