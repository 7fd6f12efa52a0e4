#nullable enable
using TorchSharp.Interop;

namespace TorchSharp;

// Functions of every element by itself.
public static partial class torch
{
    public partial class Tensor
    {
        public Tensor abs() => Aten.Call("abs", this);

        public Tensor abs_() => Aten.InPlace("abs_", this);

        public Tensor acos() => Aten.Call("acos", this);

        public Tensor acos_() => Aten.InPlace("acos_", this);

        public Tensor acosh() => Aten.Call("acosh", this);

        public Tensor acosh_() => Aten.InPlace("acosh_", this);

        public Tensor asin() => Aten.Call("asin", this);

        public Tensor asin_() => Aten.InPlace("asin_", this);

        public Tensor asinh() => Aten.Call("asinh", this);

        public Tensor asinh_() => Aten.InPlace("asinh_", this);

        public Tensor atan() => Aten.Call("atan", this);

        public Tensor atan_() => Aten.InPlace("atan_", this);

        public Tensor atanh() => Aten.Call("atanh", this);

        public Tensor atanh_() => Aten.InPlace("atanh_", this);

        public Tensor ceil() => Aten.Call("ceil", this);

        public Tensor ceil_() => Aten.InPlace("ceil_", this);

        public Tensor cos() => Aten.Call("cos", this);

        public Tensor cos_() => Aten.InPlace("cos_", this);

        public Tensor cosh() => Aten.Call("cosh", this);

        public Tensor cosh_() => Aten.InPlace("cosh_", this);

        public Tensor erf() => Aten.Call("erf", this);

        public Tensor erf_() => Aten.InPlace("erf_", this);

        public Tensor erfc() => Aten.Call("erfc", this);

        public Tensor erfc_() => Aten.InPlace("erfc_", this);

        public Tensor exp() => Aten.Call("exp", this);

        public Tensor exp_() => Aten.InPlace("exp_", this);

        public Tensor expm1() => Aten.Call("expm1", this);

        public Tensor expm1_() => Aten.InPlace("expm1_", this);

        public Tensor floor() => Aten.Call("floor", this);

        public Tensor floor_() => Aten.InPlace("floor_", this);

        public Tensor frac() => Aten.Call("frac", this);

        public Tensor frac_() => Aten.InPlace("frac_", this);

        public Tensor log() => Aten.Call("log", this);

        public Tensor log_() => Aten.InPlace("log_", this);

        public Tensor log10() => Aten.Call("log10", this);

        public Tensor log10_() => Aten.InPlace("log10_", this);

        public Tensor log1p() => Aten.Call("log1p", this);

        public Tensor log1p_() => Aten.InPlace("log1p_", this);

        public Tensor log2() => Aten.Call("log2", this);

        public Tensor log2_() => Aten.InPlace("log2_", this);

        public Tensor neg() => Aten.Call("neg", this);

        public Tensor neg_() => Aten.InPlace("neg_", this);

        public Tensor reciprocal() => Aten.Call("reciprocal", this);

        public Tensor reciprocal_() => Aten.InPlace("reciprocal_", this);

        public Tensor rsqrt() => Aten.Call("rsqrt", this);

        public Tensor rsqrt_() => Aten.InPlace("rsqrt_", this);

        public Tensor sigmoid() => Aten.Call("sigmoid", this);

        public Tensor sigmoid_() => Aten.InPlace("sigmoid_", this);

        public Tensor sign() => Aten.Call("sign", this);

        public Tensor sign_() => Aten.InPlace("sign_", this);

        public Tensor sin() => Aten.Call("sin", this);

        public Tensor sin_() => Aten.InPlace("sin_", this);

        public Tensor sinh() => Aten.Call("sinh", this);

        public Tensor sinh_() => Aten.InPlace("sinh_", this);

        public Tensor sqrt() => Aten.Call("sqrt", this);

        public Tensor sqrt_() => Aten.InPlace("sqrt_", this);

        public Tensor square() => Aten.Call("square", this);

        public Tensor tan() => Aten.Call("tan", this);

        public Tensor tan_() => Aten.InPlace("tan_", this);

        public Tensor tanh() => Aten.Call("tanh", this);

        public Tensor tanh_() => Aten.InPlace("tanh_", this);

        public Tensor trunc() => Aten.Call("trunc", this);

        public Tensor trunc_() => Aten.InPlace("trunc_", this);

        public Tensor isnan() => Aten.Call("isnan", this);

        public Tensor isinf() => Aten.Call("isinf", this);

        public Tensor isfinite() => Aten.Call("isfinite", this);

        public Tensor logical_not() => Aten.Call("logical_not", this);

        public Tensor bitwise_not() => Aten.Call("bitwise_not", this);

        public Tensor relu() => Aten.Call("relu", this);

        public Tensor relu_() => Aten.InPlace("relu_", this);

        public Tensor leaky_relu(Scalar negative_slope) => Aten.Call("leaky_relu", this, negative_slope);

        public Tensor leaky_relu_(Scalar negative_slope) => Aten.InPlace("leaky_relu_", this, negative_slope);

        public Tensor relu6() => Aten.Call("relu6", this);

        public Tensor relu6_() => Aten.InPlace("relu6_", this);

        public Tensor gelu() => Aten.Call("gelu", this);

        public Tensor gelu_() => Aten.InPlace("gelu_", this);

        public Tensor elu(double alpha = 1) => elu(alpha, 1.0, 1.0);

        // The package's short form is not in place, whatever its name says.
        public Tensor elu_(double alpha = 1) => elu(alpha, 1.0, 1.0);

        public Tensor elu(Scalar alpha, Scalar scale, Scalar input_scale) => Aten.Call("elu", this, alpha, scale, input_scale);

        public Tensor elu_(Scalar alpha, Scalar scale, Scalar input_scale) => Aten.InPlace("elu_", this, alpha, scale, input_scale);

        public Tensor prelu(Tensor target) => Aten.Call("prelu", this, target);

        public Tensor silu() => Aten.Call("silu", this);

        public Tensor silu_() => Aten.InPlace("silu_", this);

        public Tensor hardswish() => Aten.Call("hardswish", this);

        public Tensor hardswish_() => Aten.InPlace("hardswish_", this);

        public Tensor hardsigmoid() => Aten.Call("hardsigmoid", this);

        public Tensor hardsigmoid_() => Aten.InPlace("hardsigmoid_", this);

        public Tensor round(long decimals = 0) => Aten.Call("round.decimals", this, decimals);

        public Tensor round_(long decimals = 0) => Aten.InPlace("round_.decimals", this, decimals);

        public Tensor softmax(long dim, ScalarType? dtype = null) => Aten.Call("softmax.int", this, dim, dtype);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Aten.Call("log_softmax.int", this, dim, dtype);

        public Tensor softplus(double beta = 1, double threshold = 20) => Aten.Call("softplus", this, beta, threshold);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Aten.Call("clamp", this, min, max);

        public Tensor clamp(Tensor? min = null, Tensor? max = null) => Aten.Call("clamp.Tensor", this, min, max);

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => Aten.InPlace("clamp_", this, min, max);

        public Tensor clamp_(Tensor? min = null, Tensor? max = null) => Aten.InPlace("clamp_.Tensor", this, min, max);

        public Tensor clip(Scalar? min = null, Scalar? max = null) => clamp(min, max);

        public Tensor clamp_min(Scalar min) => Aten.Call("clamp_min", this, min);

        public Tensor clamp_min_(Scalar min) => Aten.InPlace("clamp_min_", this, min);

        public Tensor clamp_max(Scalar max) => Aten.Call("clamp_max", this, max);

        public Tensor clamp_max_(Scalar max) => Aten.InPlace("clamp_max_", this, max);

        public Tensor nan_to_num(double nan = 0, double? posinf = null, double? neginf = null) =>
            Aten.Call("nan_to_num", this, nan, posinf, neginf);
    }
}
