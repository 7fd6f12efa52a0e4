#nullable enable
using System;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    public abstract class NormBase : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = nameof(bias))]
        private Parameter? _bias;
        [ComponentName(Name = nameof(weight))]
        private Parameter? _weight;
        [ComponentName(Name = nameof(running_mean))]
        private Tensor? _running_mean;
        [ComponentName(Name = nameof(running_var))]
        private Tensor? _running_var;
        [ComponentName(Name = nameof(num_batches_tracked))]
        private Tensor? _num_batches_tracked;

        public NormBase(
            long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype,
            string name) : base(name)
        {
            this.num_features = num_features;
            this.eps = eps;
            this.momentum = momentum;
            this.affine = affine;
            this.track_running_stats = track_running_stats;
            if (affine) {
                weight = nn.Parameter(empty(num_features, dtype, device));
                bias = nn.Parameter(empty(num_features, dtype, device));
            }
            if (track_running_stats) {
                running_mean = zeros(num_features, dtype, device);
                running_var = ones(num_features, dtype, device);
                num_batches_tracked = tensor(0L, dtype, device);
            }
            reset_parameters();
        }

        public Parameter? bias {
            get => _bias;
            set {
                _bias?.Dispose();
                _bias = value?.DetachFromDisposeScope() as Parameter;
                ConditionallyRegisterParameter(nameof(bias), _bias);
            }
        }

        public Parameter weight {
            get => _weight!;
            set {
                if (value is null) throw new ArgumentNullException(nameof(weight));
                if (value.Handle == _weight?.Handle) return;
                _weight?.Dispose();
                _weight = (Parameter)value.DetachFromDisposeScope();
                ConditionallyRegisterParameter(nameof(weight), _weight);
            }
        }

        public Tensor? running_mean {
            get => _running_mean;
            set => SetBuffer(ref _running_mean, value, nameof(running_mean));
        }

        public Tensor? running_var {
            get => _running_var;
            set => SetBuffer(ref _running_var, value, nameof(running_var));
        }

        public Tensor? num_batches_tracked {
            get => _num_batches_tracked;
            set => SetBuffer(ref _num_batches_tracked, value, nameof(num_batches_tracked));
        }

        public long num_features { get; private set; }

        public double eps { get; set; }

        public double? momentum { get; set; }

        public bool affine { get; private set; }

        public bool track_running_stats { get; private set; }

        public void reset_parameters()
        {
            reset_running_stats();
            if (!affine) return;
            nn.init.ones_(weight);
            nn.init.zeros_(bias!);
        }

        public void reset_running_stats()
        {
            if (!track_running_stats) return;
            nn.init.zeros_(running_mean!);
            nn.init.ones_(running_var!);
            nn.init.zeros_(num_batches_tracked!);
        }

        protected abstract void ValidateInputDimensions(Tensor input);

        protected override void Dispose(bool disposing)
        {
            if (disposing) {
                _weight?.Dispose();
                _bias?.Dispose();
                _running_mean?.Dispose();
                _running_var?.Dispose();
                _num_batches_tracked?.Dispose();
            }
            base.Dispose(disposing);
        }

        protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => Move(device, dtype);

        protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) =>
            Move(new Device(deviceType, deviceIndex), null);

        protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => Move(null, dtype);

        private nn.Module Move(Device? device, ScalarType? dtype)
        {
            if (_weight is not null && ReplaceParameter(dtype, device, _weight, out var movedWeight)) weight = movedWeight!;
            if (_bias is not null && ReplaceParameter(dtype, device, _bias, out var movedBias)) bias = movedBias!;
            if (_running_mean is not null && ReplaceBuffer(dtype, device, _running_mean, out var mean)) running_mean = mean;
            if (_running_var is not null && ReplaceBuffer(dtype, device, _running_var, out var variance)) running_var = variance;
            if (_num_batches_tracked is not null && ReplaceBuffer(dtype, device, _num_batches_tracked, out var count)) {
                num_batches_tracked = count;
            }
            return this;
        }

        private void SetBuffer(ref Tensor? field, Tensor? value, string name)
        {
            field?.Dispose();
            field = value?.DetachFromDisposeScope();
            ConditionallyRegisterBuffer(name, field);
        }
    }

    public abstract class BatchNorm : NormBase
    {
        public BatchNorm(
            long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype,
            string name) : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, name)
        {
        }

        public override Tensor forward(Tensor input)
        {
            ValidateInputDimensions(input);
            var factor = momentum ?? 0;
            if (training && track_running_stats && num_batches_tracked is not null) {
                num_batches_tracked.add_(1);
                factor = momentum ?? (1.0 / (double)num_batches_tracked);
            }
            var ofBatch = training || (running_mean is null && running_var is null);
            var running = !training || track_running_stats;
            return nn.functional.batch_norm(
                input, (running ? running_mean : null)!, (running ? running_var : null)!, weight, bias, ofBatch, factor, eps);
        }
    }

    public sealed class BatchNorm1d : BatchNorm
    {
        internal BatchNorm1d(
            long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, "BatchNorm1d")
        {
        }

        protected override void ValidateInputDimensions(Tensor input)
        {
            if (input.ndim is not (2 or 3)) throw new ArgumentException($"expected 2D or 3D input, but got {input.ndim}D input.");
        }
    }

    public sealed class BatchNorm2d : BatchNorm
    {
        // The package gives all batch norms the name of the first.
        internal BatchNorm2d(
            long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, "BatchNorm1d")
        {
        }

        protected override void ValidateInputDimensions(Tensor input)
        {
            if (input.ndim != 4) throw new ArgumentException($"expected 4D input, but got {input.ndim}D input.");
        }
    }

    public sealed class BatchNorm3d : BatchNorm
    {
        internal BatchNorm3d(
            long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, "BatchNorm1d")
        {
        }

        protected override void ValidateInputDimensions(Tensor input)
        {
            // So the package says.
            if (input.ndim != 5) throw new ArgumentException($"expected 4D input, but got {input.ndim}D input.");
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
            public static BatchNorm1d BatchNorm1d(
                long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true,
                Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static BatchNorm2d BatchNorm2d(
                long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true,
                Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static BatchNorm3d BatchNorm3d(
                long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true,
                Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static partial class functional
            {
                public static Tensor batch_norm(
                    Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null,
                    bool training = false, double momentum = 0.1, double eps = 1e-05) =>
                    Aten.Call("batch_norm", input, weight!, bias!, running_mean!, running_var!, training, momentum, eps, true);
            }
        }
    }
}
