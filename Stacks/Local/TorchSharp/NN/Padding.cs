using System;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    public abstract class PadBase : ParameterLessModule<Tensor, Tensor>
    {
        private readonly PaddingModes _mode;

        protected PadBase(string name, PaddingModes mode, double value, params long[] padding) : base(name)
        {
            _mode = mode;
            this.value = value;
            this.padding = padding;
        }

        public long[] padding { get; set; }

        public double value { get; set; }

        public override Tensor forward(Tensor input) => nn.functional.pad(input, padding, _mode, value);
    }

    public sealed class ZeroPad2d : PadBase
    {
        internal ZeroPad2d(params long[] padding) : base(nameof(ZeroPad2d), PaddingModes.Zeros, 0, padding)
        {
        }
    }

    public sealed class ConstantPad2d : PadBase
    {
        internal ConstantPad2d(double value, params long[] padding) : base(nameof(ConstantPad2d), PaddingModes.Constant, value, padding)
        {
        }
    }

    public sealed class ConstantPad1d : PadBase
    {
        internal ConstantPad1d(double value, params long[] padding) : base(nameof(ConstantPad1d), PaddingModes.Constant, value, padding)
        {
        }
    }

    public sealed class ConstantPad3d : PadBase
    {
        internal ConstantPad3d(double value, params long[] padding) : base(nameof(ConstantPad3d), PaddingModes.Constant, value, padding)
        {
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
            public static ZeroPad2d ZeroPad2d(long padding) => new(padding, padding, padding, padding);

            public static ZeroPad2d ZeroPad2d((long, long, long, long) padding) =>
                new(padding.Item1, padding.Item2, padding.Item3, padding.Item4);

            public static ConstantPad2d ConstantPad2d(long padding, double value) => new(value, padding, padding, padding, padding);

            public static ConstantPad2d ConstantPad2d((long, long, long, long) padding, double value) =>
                new(value, padding.Item1, padding.Item2, padding.Item3, padding.Item4);

            public static ConstantPad1d ConstantPad1d(long padding, double value) => new(value, padding, padding);

            public static ConstantPad1d ConstantPad1d((long, long) padding, double value) => new(value, padding.Item1, padding.Item2);

            public static ConstantPad3d ConstantPad3d(long padding, double value) =>
                new(value, padding, padding, padding, padding, padding, padding);

            public static ConstantPad3d ConstantPad3d((long, long, long, long, long, long) padding, double value) =>
                new(value, padding.Item1, padding.Item2, padding.Item3, padding.Item4, padding.Item5, padding.Item6);

            public static partial class functional
            {
                public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                    mode switch {
                        PaddingModes.Reflect => Aten.Call("pad", input, pad, "reflect"),
                        PaddingModes.Replicate => Aten.Call("pad", input, pad, "replicate"),
                        PaddingModes.Circular => Aten.Call("pad", input, pad, "circular"),
                        _ => Aten.Call("constant_pad_nd", input, pad, value),
                    };

                public static Tensor pad(
                    Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                    functional.pad(input, pad.ToArray(), mode, value);

                public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                    functional.pad(input, [pad.Item1, pad.Item2], mode, value);

                public static Tensor pad(
                    Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                    functional.pad(input, [pad.Item1, pad.Item2, pad.Item3, pad.Item4], mode, value);
            }
        }
    }
}
