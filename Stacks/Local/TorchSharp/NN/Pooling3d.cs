using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    public sealed class MaxPool3d : ParameterLessModule<Tensor, Tensor>
    {
        internal MaxPool3d(long[] kernel_size, long[] stride, long[] padding, long[] dilation, bool ceil_mode) : base(nameof(MaxPool3d))
        {
            this.kernel_size = kernel_size;
            this.stride = stride;
            this.padding = padding;
            this.dilation = dilation;
            this.ceil_mode = ceil_mode;
        }

        public long[] kernel_size { get; set; }

        public long[] stride { get; set; }

        public long[] padding { get; set; }

        public long[] dilation { get; set; }

        public bool ceil_mode { get; set; }

        public override Tensor forward(Tensor input) =>
            nn.functional.max_pool3d(input, kernel_size, stride, padding, dilation, ceil_mode);

        public (Tensor Values, Tensor Indices) forward_with_indices(Tensor input) =>
            nn.functional.max_pool3d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode);
    }

    public sealed class AvgPool3d : ParameterLessModule<Tensor, Tensor>
    {
        internal AvgPool3d(
            long[] kernel_size, long[] stride, long[] padding, bool ceil_mode, bool count_include_pad, long? divisor_override)
            : base(nameof(AvgPool3d))
        {
            this.kernel_size = kernel_size;
            this.stride = stride;
            this.padding = padding;
            this.ceil_mode = ceil_mode;
            this.count_include_pad = count_include_pad;
            this.divisor_override = divisor_override;
        }

        public long[] kernel_size { get; set; }

        public long[] stride { get; set; }

        public long[] padding { get; set; }

        public bool ceil_mode { get; set; }

        public bool count_include_pad { get; set; }

        public long? divisor_override { get; set; }

        public override Tensor forward(Tensor input) =>
            nn.functional.avg_pool3d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);
    }

    public sealed class AdaptiveAvgPool3d : ParameterLessModule<Tensor, Tensor>
    {
        internal AdaptiveAvgPool3d(long[] output_size) : base(nameof(AdaptiveAvgPool3d)) => this.output_size = output_size;

        public long[] output_size { get; set; }

        public override Tensor forward(Tensor input) => nn.functional.adaptive_avg_pool3d(input, output_size);
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
            public static MaxPool3d MaxPool3d(
                long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                new(Triple(kernel_size), Triples(stride), Triples(padding), Triples(dilation), ceil_mode);

            public static MaxPool3d MaxPool3d(
                (long, long, long) kernel_size, (long, long, long)? stride = null, (long, long, long)? padding = null,
                (long, long, long)? dilation = null, bool ceil_mode = false) =>
                new(Triple(kernel_size), Triples(stride), Triples(padding), Triples(dilation), ceil_mode);

            public static MaxPool3d MaxPool3d(
                long[] kernel_size, long[] stride = null, long[] padding = null, long[] dilation = null, bool ceil_mode = false) =>
                new(kernel_size, stride, padding, dilation, ceil_mode);

            public static AvgPool3d AvgPool3d(
                long kernel_size, long? stride = null, long? padding = null, bool ceil_mode = false, bool count_include_pad = true,
                long? divisor_override = null) =>
                new(Triple(kernel_size), Triples(stride), Triples(padding), ceil_mode, count_include_pad, divisor_override);

            public static AvgPool3d AvgPool3d(
                (long, long, long) kernel_size, (long, long, long)? stride = null, (long, long, long)? padding = null,
                bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                new(Triple(kernel_size), Triples(stride), Triples(padding), ceil_mode, count_include_pad, divisor_override);

            public static AvgPool3d AvgPool3d(
                long[] kernel_size, long[] stride = null, long[] padding = null, bool ceil_mode = false, bool count_include_pad = true,
                long? divisor_override = null) =>
                new(kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);

            public static AdaptiveAvgPool3d AdaptiveAvgPool3d(long output_size) => new(Triple(output_size));

            public static AdaptiveAvgPool3d AdaptiveAvgPool3d((long, long, long) output_size) => new(Triple(output_size));

            public static AdaptiveAvgPool3d AdaptiveAvgPool3d(long[] output_size) => new(output_size);

            private static long[] Triples(long? all) => all is { } given ? Triple(given) : null;

            private static long[] Triples((long, long, long)? triple) => triple is { } given ? Triple(given) : null;

            public static partial class functional
            {
                public static Tensor max_pool3d(
                    Tensor input, long[] kernel_size, long[] strides = null, long[] padding = null, long[] dilation = null,
                    bool ceil_mode = false) =>
                    Aten.Call("max_pool3d", input, kernel_size, strides ?? kernel_size, padding ?? [0], dilation ?? [1], ceil_mode);

                public static (Tensor output, Tensor indices) max_pool3d_with_indices(
                    Tensor input, long[] kernel_size, long[] strides = null, long[] padding = null, long[] dilation = null,
                    bool ceil_mode = false) =>
                    Aten.Call2(
                        "max_pool3d_with_indices", input, kernel_size, strides ?? kernel_size, padding ?? [0], dilation ?? [1], ceil_mode);

                public static Tensor avg_pool3d(
                    Tensor input, long[] kernel_size, long[] stride = null, long[] padding = null, bool ceil_mode = false,
                    bool count_include_pad = true, long? divisor_override = null) =>
                    Aten.Call(
                        "avg_pool3d", input, kernel_size, stride ?? kernel_size, padding ?? [0], ceil_mode, count_include_pad,
                        divisor_override);

                public static Tensor adaptive_avg_pool3d(Tensor input, long[] output_size) =>
                    Aten.Call("adaptive_avg_pool3d", input, output_size);

                public static Tensor adaptive_avg_pool3d(Tensor input, (long, long, long) output_size) =>
                    adaptive_avg_pool3d(input, Triple(output_size));

                public static Tensor adaptive_avg_pool3d(Tensor input, long output_size) => adaptive_avg_pool3d(input, Triple(output_size));
            }
        }
    }
}
