using System;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    public sealed class Dropout : ParameterLessModule<Tensor, Tensor>
    {
        internal Dropout(double p, bool inplace) : base(nameof(Dropout))
        {
            this.p = p;
            this.inplace = inplace;
        }

        public bool inplace { get; set; }

        public double p { get; set; }

        public override Tensor forward(Tensor tensor) => nn.functional.dropout(tensor, p, training, inplace);
    }

    /// <summary>Drops whole channels.</summary>
    public sealed class Dropout2d : ParameterLessModule<Tensor, Tensor>
    {
        internal Dropout2d(double p, bool inplace) : base(nameof(Dropout2d))
        {
            this.p = p;
            this.inplace = inplace;
        }

        public bool inplace { get; set; }

        public double p { get; set; }

        public override Tensor forward(Tensor input) => nn.functional.dropout2d(input, p, training, inplace);
    }

    public sealed class Dropout1d : ParameterLessModule<Tensor, Tensor>
    {
        internal Dropout1d(double p, bool inplace) : base(nameof(Dropout1d))
        {
            this.p = p;
            this.inplace = inplace;
        }

        public bool inplace { get; set; }

        public double p { get; set; }

        public override Tensor forward(Tensor tensor) => tensor.ndim == 3
            ? nn.functional.dropout1d(tensor, p, training, inplace)
            : throw new System.ArgumentException("tensor passed to Dropout1d must be of the shape (N,C,L)");
    }

    public sealed class Dropout3d : ParameterLessModule<Tensor, Tensor>
    {
        internal Dropout3d(double p, bool inplace) : base(nameof(Dropout3d))
        {
            this.p = p;
            this.inplace = inplace;
        }

        public bool inplace { get; set; }

        public double p { get; set; }

        public override Tensor forward(Tensor input) => nn.functional.dropout3d(input, p, training, inplace);
    }

    public sealed class LocalResponseNorm : ParameterLessModule<Tensor, Tensor>
    {
        internal LocalResponseNorm(long size, double alpha, double beta, double k) : base(nameof(LocalResponseNorm))
        {
            this.size = size;
            this.alpha = alpha;
            this.beta = beta;
            this.k = k;
        }

        public long size { get; set; }

        public double alpha { get; set; }

        public double beta { get; set; }

        public double k { get; set; }

        public override Tensor forward(Tensor input) => nn.functional.local_response_norm(input, size, alpha, beta, k);
    }

    public sealed class Flatten : ParameterLessModule<Tensor, Tensor>
    {
        internal Flatten(long start_dim, long end_dim) : base(nameof(Flatten))
        {
            this.start_dim = start_dim;
            this.end_dim = end_dim;
        }

        public long start_dim { get; set; }

        public long end_dim { get; set; }

        public override Tensor forward(Tensor input) => input.flatten(start_dim, end_dim);
    }

    public sealed class Unflatten : ParameterLessModule<Tensor, Tensor>
    {
        internal Unflatten(long dim, long[] unflattened_size) : base(nameof(Unflatten))
        {
            this.dim = dim;
            this.unflattened_size = unflattened_size;
        }

        public long dim { get; set; }

        public long[] unflattened_size { get; set; }

        public override Tensor forward(Tensor tensor) => tensor.unflatten(dim, unflattened_size);
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
            public static Dropout Dropout(double p = 0.5, bool inplace = false) => new(p, inplace);

            public static Dropout2d Dropout2d(double p = 0.5, bool inplace = false) => new(p, inplace);

            public static Dropout1d Dropout1d(double p = 0.5, bool inplace = false) => new(p, inplace);

            public static Dropout3d Dropout3d(double p = 0.5, bool inplace = false) => new(p, inplace);

            public static LocalResponseNorm LocalResponseNorm(long size, double alpha = 0.0001, double beta = 0.75, double k = 1.0) =>
                new(size, alpha, beta, k);

            public static Flatten Flatten(long start_dim = 1, long end_dim = -1) => new(start_dim, end_dim);

            public static Unflatten Unflatten(long dim, long[] unflattened_size) => new(dim, unflattened_size);

            public static partial class functional
            {
                public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                    // In place, what comes back is a second handle on the input.
                    Aten.Call(inplace ? "dropout_" : "dropout", input, p, training);

                public static Tensor dropout2d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                    Aten.Call(inplace ? "feature_dropout_" : "feature_dropout", input, p, training);

                public static Tensor dropout1d(Tensor input, double p = 0.5, bool training = true, bool inplace = false)
                {
                    using var map = input.unsqueeze(-1);
                    using var dropped = dropout2d(map, p, training, inplace);
                    return dropped.squeeze(-1);
                }

                public static Tensor dropout3d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                    Aten.Call(inplace ? "feature_dropout_" : "feature_dropout", input, p, training);

                /// <summary>
                /// input / (k + alpha · the mean of the squares over `size` channels around) ^ beta. ATen has no such operator: this is
                /// the composition that PyTorch's own function is, with its intermediate tensors disposed at once.
                /// </summary>
                public static Tensor local_response_norm(
                    Tensor input, long size, double alpha = 0.0001, double beta = 0.75, double k = 1.0)
                {
                    if (input.Dimensions < 3) {
                        throw new ArgumentException($"Invalid number of dimensions for LocalResponseNorm argument: {input.Dimensions}");
                    }
                    using var squares = input.mul(input);
                    using var mean = input.Dimensions == 3 ? MeanOfRows(squares, size) : MeanOfChannels(squares, size);
                    using var scaled = mean.mul(alpha);
                    using var shifted = scaled.add(k);
                    using var power = shifted.pow(beta);
                    return input.div(power);
                }

                private static Tensor MeanOfRows(Tensor squares, long size)
                {
                    using var image = squares.unsqueeze(1);
                    using var padded = pad(image, [0, 0, size / 2, (size - 1) / 2]);
                    using var mean = avg_pool2d(padded, (size, 1), (1, 1));
                    return mean.squeeze(1);
                }

                private static Tensor MeanOfChannels(Tensor squares, long size)
                {
                    var shape = squares.shape;
                    using var volume = squares.view(shape[0], 1, shape[1], shape[2], -1);
                    using var padded = pad(volume, [0, 0, 0, 0, size / 2, (size - 1) / 2]);
                    using var mean = Aten.Call("avg_pool3d", padded, new[] { size, 1, 1 }, new long[] { 1 });
                    return mean.view(shape);
                }
            }
        }
    }
}
