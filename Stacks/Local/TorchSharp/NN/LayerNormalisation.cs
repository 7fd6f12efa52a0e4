#nullable enable
using System;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    public sealed class LayerNorm : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = nameof(bias))]
        private Parameter? _bias;
        [ComponentName(Name = nameof(weight))]
        private Parameter? _weight;

        internal LayerNorm(
            long[] normalized_shape, double eps, bool elementwise_affine, bool bias, Device? device, ScalarType? dtype)
            : base(nameof(LayerNorm))
        {
            this.normalized_shape = normalized_shape;
            this.eps = eps;
            this.elementwise_affine = elementwise_affine;
            if (elementwise_affine) {
                weight = nn.Parameter(empty(normalized_shape, dtype, device));
                if (bias) this.bias = nn.Parameter(empty(normalized_shape, dtype, device));
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

        public long[] normalized_shape { get; set; }

        public double eps { get; set; }

        public bool elementwise_affine { get; set; }

        public void reset_parameters()
        {
            if (elementwise_affine) nn.init.ones_(weight);
            if (bias is not null) nn.init.zeros_(bias);
        }

        public override Tensor forward(Tensor tensor) => nn.functional.layer_norm(tensor, normalized_shape, weight, bias, eps);

        protected override void Dispose(bool disposing)
        {
            if (disposing) {
                _weight?.Dispose();
                _bias?.Dispose();
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
            return this;
        }
    }

    public sealed class GroupNorm : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = nameof(bias))]
        private Parameter? _bias;
        [ComponentName(Name = nameof(weight))]
        private Parameter? _weight;

        // As in the package, weight and bias hold whatever the memory held: set them.
        internal GroupNorm(long num_groups, long num_channels, double eps, bool affine, Device? device, ScalarType? dtype)
            : base(nameof(GroupNorm))
        {
            this.eps = eps;
            this.affine = affine;
            this.num_groups = num_groups;
            if (!affine) return;
            weight = nn.Parameter(empty(num_channels, dtype, device));
            bias = nn.Parameter(empty(num_channels, dtype, device));
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

        public long num_groups { get; set; }

        public double eps { get; set; }

        public bool affine { get; set; }

        public override Tensor forward(Tensor tensor)
        {
            if (tensor.Dimensions < 3) {
                throw new ArgumentException($"Invalid number of dimensions for GroupNorm argument: {tensor.Dimensions}");
            }
            return nn.functional.group_norm(tensor, num_groups, weight, bias, eps);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) {
                _weight?.Dispose();
                _bias?.Dispose();
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
            return this;
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
            public static LayerNorm LayerNorm(
                long[] normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null,
                ScalarType? dtype = null) =>
                new(normalized_shape, eps, elementwise_affine, bias, device, dtype);

            public static LayerNorm LayerNorm(
                long normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null,
                ScalarType? dtype = null) =>
                new([normalized_shape], eps, elementwise_affine, bias, device, dtype);

            public static GroupNorm GroupNorm(
                long num_groups, long num_channels, double eps = 1e-05, bool affine = true, Device? device = null,
                ScalarType? dtype = null) =>
                new(num_groups, num_channels, eps, affine, device, dtype);

            public static partial class functional
            {
                public static Tensor layer_norm(
                    Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-05) =>
                    Aten.Call("layer_norm", input, normalized_shape, weight!, bias!, eps, true);

                public static Tensor group_norm(
                    Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-05) =>
                    Aten.Call("group_norm", input, num_groups, weight!, bias!, eps, true);
            }
        }
    }
}
