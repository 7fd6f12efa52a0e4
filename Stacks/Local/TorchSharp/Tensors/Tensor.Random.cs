#nullable enable
using TorchSharp.Interop;

namespace TorchSharp;

// Random elements, and new tensors of this one's kind.
public static partial class torch
{
    public partial class Tensor
    {
        public Tensor uniform_(double from, double to, Generator? generator = null) => Aten.InPlace("uniform_", this, from, to, generator);

        public Tensor normal_(double mean = 0, double std = 1, Generator? generator = null) =>
            Aten.InPlace("normal_", this, mean, std, generator);

        public Tensor log_normal_(double mean = 0, double std = 1, Generator? generator = null) =>
            Aten.InPlace("log_normal_", this, mean, std, generator);

        public Tensor exponential_(double lambda = 1, Generator? generator = null) =>
            Aten.InPlace("exponential_", this, lambda, generator);

        public Tensor random_(double from, double to, Generator? generator = null) =>
            Aten.InPlace("random_.from", this, (long)from, (long)to, generator);

        public Tensor bernoulli(Generator? generator = null) => Aten.Call("bernoulli", this, generator);

        public Tensor bernoulli_(double p = 0.5, Generator? generator = null) => Aten.InPlace("bernoulli_.float", this, p, generator);

        public Tensor bernoulli_(Tensor p, Generator? generator = null) => Aten.InPlace("bernoulli_.Tensor", this, p, generator);

        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) =>
            Aten.Call("multinomial", this, num_samples, replacement, generator);

        public Tensor empty_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Like("empty_like", dtype, device, requires_grad);

        public Tensor zeros_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Like("zeros_like", dtype, device, requires_grad);

        public Tensor ones_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Like("ones_like", dtype, device, requires_grad);

        public Tensor rand_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Like("rand_like", dtype, device, requires_grad);

        public Tensor randn_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Like("randn_like", dtype, device, requires_grad);

        public Tensor full_like(Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Wanting(Aten.Call("full_like", this, value, dtype, Arg.None, device), requires_grad);

        public Tensor new_empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.empty(size, dtype ?? this.dtype, device ?? this.device, requires_grad);

        public Tensor new_zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.zeros(size, dtype ?? this.dtype, device ?? this.device, requires_grad);

        public Tensor new_full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.full(size, value, dtype ?? this.dtype, device ?? this.device, requires_grad);

        private Tensor Like(string name, ScalarType? dtype, Device? device, bool requires_grad) =>
            Wanting(Aten.Call(name, this, dtype, Arg.None, device), requires_grad);
    }
}
