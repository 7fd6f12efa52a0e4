#nullable enable
using System;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    public sealed class Conv1d : Convolution
    {
        internal Conv1d(
            long in_channels, long out_channels, long kernel_size, long stride, long? padding, Padding? padding_type, long dilation,
            long groups, bool bias, PaddingModes padding_mode, Device? device, ScalarType? dtype)
            : base(
                nameof(Conv1d), in_channels, out_channels, [kernel_size], [stride], padding is { } given ? [given] : null, padding_type,
                [dilation], false, [0], groups, bias, padding_mode, device, dtype)
        {
        }

        public override Tensor forward(Tensor input)
        {
            if (!ValidateShape(input, 1)) {
                throw new ArgumentException($"Expected 2D (unbatched) or 3D (batched) input with {in_channels} channels to Conv1d.");
            }
            if (padding_mode != PaddingModes.Zeros) {
                using var padded = nn.functional.pad(input, _reversed_padding_repeated_twice, padding_mode);
                return nn.functional.conv1d(padded, weight, bias, stride[0], 0, dilation[0], groups);
            }
            return padding_type is { } type
                ? nn.functional.conv1d_padding(input, weight, bias, stride[0], type, dilation[0], groups)
                : nn.functional.conv1d(input, weight, bias, stride[0], padding?[0], dilation[0], groups);
        }
    }

    public sealed class Conv3d : Convolution
    {
        internal Conv3d(
            long in_channels, long out_channels, (long, long, long) kernel_size, (long, long, long) stride, (long, long, long)? padding,
            Padding? padding_type, (long, long, long) dilation, long groups, bool bias, PaddingModes padding_mode, Device? device,
            ScalarType? dtype)
            : base(
                nameof(Conv3d), in_channels, out_channels, nn.Triple(kernel_size), nn.Triple(stride),
                padding is { } given ? nn.Triple(given) : null, padding_type, nn.Triple(dilation), false, [0, 0, 0], groups, bias,
                padding_mode, device, dtype)
        {
        }

        public override Tensor forward(Tensor input)
        {
            if (!ValidateShape(input, 3)) {
                throw new ArgumentException($"Expected 4D (unbatched) or 5D (batched) input with {in_channels} channels to Conv3d.");
            }
            if (padding_mode != PaddingModes.Zeros) {
                using var padded = nn.functional.pad(input, _reversed_padding_repeated_twice, padding_mode);
                return nn.functional.conv3d(padded, weight, bias, stride, [0, 0, 0], dilation, groups);
            }
            return padding_type is { } type
                ? nn.functional.conv3d_padding(input, weight, bias, stride, type, dilation, groups)
                : nn.functional.conv3d(input, weight, bias, stride, padding, dilation, groups);
        }
    }
}

namespace TorchSharp
{
    using TorchSharp.Interop;
    using Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            public static Conv1d Conv1d(
                long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null,
                ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride, padding, null, dilation, groups, bias, padding_mode, device, dtype);

            public static Conv1d Conv1d(
                long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null,
                ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride, null, padding, dilation, groups, bias, padding_mode, device, dtype);

            public static Conv3d Conv3d(
                long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null,
                ScalarType? dtype = null) =>
                new(in_channels, out_channels, (kernel_size, kernel_size, kernel_size), (stride, stride, stride),
                    (padding, padding, padding), null, (dilation, dilation, dilation), groups, bias, padding_mode, device, dtype);

            public static Conv3d Conv3d(
                long in_channels, long out_channels, (long, long, long) kernel_size, (long, long, long)? stride = null,
                (long, long, long)? padding = null, (long, long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros,
                long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride ?? (1, 1, 1), padding ?? (0, 0, 0), null, dilation ?? (1, 1, 1), groups,
                    bias, padding_mode, device, dtype);

            public static Conv3d Conv3d(
                long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null,
                ScalarType? dtype = null) =>
                new(in_channels, out_channels, (kernel_size, kernel_size, kernel_size), (stride, stride, stride), null, padding,
                    (dilation, dilation, dilation), groups, bias, padding_mode, device, dtype);

            public static Conv3d Conv3d(
                long in_channels, long out_channels, (long, long, long) kernel_size, Padding padding, (long, long, long)? stride = null,
                (long, long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true,
                Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride ?? (1, 1, 1), null, padding, dilation ?? (1, 1, 1), groups, bias,
                    padding_mode, device, dtype);

            internal static long[] Triple(long all) => [all, all, all];

            internal static long[] Triple((long, long, long) triple) => [triple.Item1, triple.Item2, triple.Item3];

            public static partial class functional
            {
                public static Tensor conv1d(
                    Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? dilation = null,
                    long groups = 1) =>
                    Aten.Call("conv1d", input, weight, bias!, One(stride ?? 1), One(padding ?? 0), One(dilation ?? 1), groups);

                public static Tensor conv1d_padding(
                    Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, Padding padding = Padding.Valid,
                    long? dilation = null, long groups = 1) =>
                    Aten.Call(
                        "conv1d.padding", input, weight, bias!, One(stride ?? 1), padding == Padding.Same ? "same" : "valid",
                        One(dilation ?? 1), groups);

                public static Tensor conv3d(
                    Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null,
                    long[]? dilation = null, long groups = 1) =>
                    Aten.Call("conv3d", input, weight, bias!, strides ?? [1], padding ?? [0], dilation ?? [1], groups);

                public static Tensor conv3d_padding(
                    Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, Padding padding = Padding.Valid,
                    long[]? dilation = null, long groups = 1) =>
                    Aten.Call(
                        "conv3d.padding", input, weight, bias!, strides ?? [1], padding == Padding.Same ? "same" : "valid",
                        dilation ?? [1], groups);

                internal static long[] One(long value) => [value];
            }
        }
    }
}
