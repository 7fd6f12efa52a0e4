#nullable enable
using System;
using System.Numerics;

namespace TorchSharp;

// Element types: what they are in .NET, and which kind.
public static partial class torch
{
    private static ScalarType _defaultType = ScalarType.Float32;
    private static Device _defaultDevice = new(DeviceType.CPU, -1);

    public static ScalarType get_default_dtype() => _defaultType;

    public static void set_default_dtype(ScalarType dtype) => _defaultType = is_floating_point(dtype)
        ? dtype : throw new ArgumentException($"The default type is one of floating-point numbers, not {dtype}.");

    public static Device get_default_device() => _defaultDevice;

    public static void set_default_device(Device device) => _defaultDevice = device ?? throw new ArgumentNullException(nameof(device));

    public static void set_default_device(string device) => _defaultDevice = new Device(device);

    public static bool is_integral(ScalarType type) => type <= ScalarType.Int64 || type == ScalarType.Bool;

    public static bool is_floating_point(ScalarType type) =>
        type is ScalarType.Float16 or ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16;

    public static bool is_complex(ScalarType type) => type is ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64;

    public static bool is_integral(Tensor t) => is_integral(t.dtype);

    public static bool is_floating_point(Tensor input) => is_floating_point(input.dtype);

    public static bool is_complex(Tensor input) => is_complex(input.dtype);

    /// <summary>The .NET type of an element; null where there is none.</summary>
    internal static Type? ToType(ScalarType type) => type switch {
        ScalarType.Byte => typeof(byte),
        ScalarType.Int8 => typeof(sbyte),
        ScalarType.Int16 => typeof(short),
        ScalarType.Int32 => typeof(int),
        ScalarType.Int64 => typeof(long),
        ScalarType.Bool => typeof(bool),
        ScalarType.Float16 => typeof(Half),
        ScalarType.Float32 => typeof(float),
        ScalarType.Float64 => typeof(double),
        ScalarType.ComplexFloat32 => typeof((float, float)),
        ScalarType.ComplexFloat64 => typeof(Complex),
        _ => null,
    };

    internal static ScalarType ToScalarType(Type type)
    {
        foreach (var candidate in Enum.GetValues<ScalarType>()) {
            if (ToType(candidate) == type) return candidate;
        }
        throw new NotSupportedException($"{type.Name} is not the type of a tensor's elements.");
    }
}
