#nullable enable
using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Interop;

namespace TorchSharp;

// Tensors of regular or random elements, and tensors from tensors.
public static partial class torch
{
    public static Tensor arange(
        Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        var integral = is_integral(start.Type) && is_integral(stop.Type) && is_integral(step.Type);
        dtype ??= integral ? ScalarType.Int64 : get_default_dtype();
        return Wanting(Aten.Call("arange.start_step", start, stop, step, dtype, Arg.None, InitializeDevice(device)), requires_grad);
    }

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    public static Tensor linspace(
        double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Wanting(
            Aten.Call("linspace", start, end, steps, dtype ?? get_default_dtype(), Arg.None, InitializeDevice(device)), requires_grad);

    public static Tensor eye(
        long rows, long columns = -1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        if (names is { Length: > 0 }) throw new NotSupportedException("Named dimensions are not available on the Local stack.");
        if (columns == -1) columns = rows;
        return Wanting(
            Aten.Call("eye.m", rows, columns, dtype ?? get_default_dtype(), Arg.None, InitializeDevice(device)), requires_grad);
    }

    public static Tensor empty_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Unnamed(names, input).empty_like(dtype, device, requires_grad);

    public static Tensor zeros_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Unnamed(names, input).zeros_like(dtype, device, requires_grad);

    public static Tensor ones_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Unnamed(names, input).ones_like(dtype, device, requires_grad);

    public static Tensor full_like(
        Tensor input, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Unnamed(names, input).full_like(value, dtype, device, requires_grad);

    public static Tensor rand_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        input.rand_like(dtype, device, requires_grad);

    public static Tensor randn_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        input.randn_like(dtype, device, requires_grad);

    public static Tensor randint(
        long low, long high, Size size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null, string[]? names = null)
    {
        if (names is { Length: > 0 }) throw new NotSupportedException("Named dimensions are not available on the Local stack.");
        var type = dtype ?? ScalarType.Int64;
        var place = InitializeDevice(device);
        return Wanting(
            generator is null ? Aten.Call("randint.low", low, high, size.Shape, type, Arg.None, place)
            : Aten.Call("randint.low_generator", low, high, size.Shape, generator, type, Arg.None, place),
            requires_grad);
    }

    public static Tensor randint(
        long high, Size size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null,
        string[]? names = null) => randint(0, high, size, dtype, device, requires_grad, generator, names);

    public static Tensor randint(
        long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null,
        string[]? names = null) => randint(0, high, new Size(size), dtype, device, requires_grad, generator, names);

    public static Tensor randint(
        long low, long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null, string[]? names = null) =>
        randint(low, high, new Size(size), dtype, device, requires_grad, generator, names);

    public static Tensor randint(
        int low, int high, int[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null, string[]? names = null) =>
        randint(low, high, new Size(size), dtype, device, requires_grad, generator, names);

    public static Tensor randint(
        int high, int[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null,
        string[]? names = null) => randint(0, high, new Size(size), dtype, device, requires_grad, generator, names);

    public static Tensor randperm(
        long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null)
    {
        var type = dtype ?? ScalarType.Int64;
        var place = InitializeDevice(device);
        return generator is null ? Aten.Call("randperm", n, type, Arg.None, place)
            : Aten.Call("randperm.generator", n, generator, type, Arg.None, place);
    }

    public static Tensor normal(
        double mean, double std, ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null, string[]? names = null) =>
        randn(size, dtype, device, false, generator, names).mul_(std).add_(mean).requires_grad_(requires_grad);

    public static Tensor bernoulli(Tensor input, Generator? generator = null) => input.bernoulli(generator);

    public static Tensor multinomial(Tensor input, long num_samples, bool replacement = false, Generator? generator = null) =>
        input.multinomial(num_samples, replacement, generator);

    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => Aten.Call("cat", Arg.From(tensors), dim);

    public static Tensor cat(Tensor[] tensors, long dim = 0) => Aten.Call("cat", tensors, dim);

    public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0) => Aten.Call("cat", tensors.ToArray(), dim);

    public static Tensor concat(IList<Tensor> tensors, long dim = 0) => cat(tensors, dim);

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => Aten.Call("stack", Arg.From(tensors), dim);

    public static Tensor where(Tensor condition, Tensor x, Tensor y) => Aten.Call("where.self", condition, x, y);

    public static Tensor[] chunk(Tensor input, long chunks, long dim = 0) => input.chunk(chunks, dim);

    public static Tensor[] split(Tensor tensor, long[] split_size_or_sections, long dim = 0) => tensor.split(split_size_or_sections, dim);

    private static ScalarType TypeOf(Scalar value) => is_integral(value.Type) ? ScalarType.Int64 : get_default_dtype();

    private static Tensor Unnamed(string[]? names, Tensor input) => names is not { Length: > 0 }
        ? input : throw new NotSupportedException("Named dimensions are not available on the Local stack.");
}
