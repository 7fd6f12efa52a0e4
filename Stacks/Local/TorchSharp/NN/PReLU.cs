#nullable enable
using System;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    public sealed class PReLU : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = nameof(weight))]
        private Parameter? _weight;

        internal PReLU(long num_parameters, double init, Device? device, ScalarType? dtype) : base(nameof(PReLU))
        {
            this.init = init;
            this.num_parameters = num_parameters;
            weight = nn.Parameter(empty(num_parameters, dtype, device).fill_(init));
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

        public long num_parameters { get; private set; }

        public double init { get; private set; }

        public override string GetName() => nameof(PReLU);

        public override Tensor forward(Tensor tensor) => nn.functional.prelu(tensor, weight);

        protected override void Dispose(bool disposing)
        {
            if (disposing) _weight?.Dispose();
        }
    }
}

namespace TorchSharp
{
    using Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            public static PReLU PReLU(long num_parameters, double init = 0.25, Device? device = null, ScalarType? dtype = null) =>
                new(num_parameters, init, device, dtype);

            public static partial class functional
            {
                public static Tensor prelu(Tensor input, Tensor weight) => input.prelu(weight);
            }
        }
    }
}
