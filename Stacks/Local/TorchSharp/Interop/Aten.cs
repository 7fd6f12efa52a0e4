using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>
/// Calls ATen operators by name, "add.Tensor" for overload Tensor of aten::add. Arguments that are left out at the end take the
/// schema's defaults. Names and schemas: native_functions.yaml of PyTorch.
/// </summary>
internal static unsafe class Aten
{
    // By reference: the names are literals, so finding one costs no hash of its characters. An equal string that is another object
    // finds the same operator a second time.
    private static readonly ConcurrentDictionary<object, nint> Operators = new(ReferenceEqualityComparer.Instance);

    /// <summary>Calls an operator with one tensor as its result.</summary>
    internal static Tensor Call(string name, params ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Invoke(name, arguments, &result, 1);
        return new Tensor((nint)result.Bits);
    }

    /// <summary>Calls an operator that works on its first argument in place, and returns that argument.</summary>
    internal static Tensor InPlace(string name, params ReadOnlySpan<Arg> arguments)
    {
        Invoke(name, arguments, null, 0);
        return Unsafe.As<Tensor>(arguments[0].Reference);
    }

    internal static (Tensor, Tensor) Call2(string name, params ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc NativeValue[2];
        Invoke(name, arguments, results, 2);
        return (new Tensor((nint)results[0].Bits), new Tensor((nint)results[1].Bits));
    }

    internal static (Tensor, Tensor, Tensor) Call3(string name, params ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc NativeValue[3];
        Invoke(name, arguments, results, 3);
        return (new Tensor((nint)results[0].Bits), new Tensor((nint)results[1].Bits), new Tensor((nint)results[2].Bits));
    }

    internal static Tensor[] CallList(string name, params ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Invoke(name, arguments, &result, 1);
        var tensors = new Tensor[result.Count];
        for (var i = 0; i < tensors.Length; i++) tensors[i] = new Tensor(((nint*)result.Bits)[i]);
        return tensors;
    }

    /// <summary>Calls an operator whose result is a number or a truth value.</summary>
    internal static Scalar CallScalar(string name, params ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Invoke(name, arguments, &result, 1);
        return new Scalar(result.Tag, result.Bits);
    }

    internal static bool CallBool(string name, params ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Invoke(name, arguments, &result, 1);
        return result.Bits != 0;
    }

    [SkipLocalsInit]
    private static void Invoke(string name, ReadOnlySpan<Arg> arguments, NativeValue* results, int capacity)
    {
        const int onStack = 48;
        var op = Operators.TryGetValue(name, out var known) ? known : Find(name);
        var words = 0;
        foreach (ref readonly var argument in arguments) words += Words(argument);
        Span<long> memory = words <= onStack ? stackalloc long[onStack] : new long[words];
        var values = stackalloc NativeValue[arguments.Length];
        int count;
        fixed (long* start = memory) {
            var next = start;
            for (var i = 0; i < arguments.Length; i++) {
                ref readonly var argument = ref arguments[i];
                values[i] = new NativeValue { Tag = argument.Tag, Count = argument.Count, Bits = argument.Bits };
                if (Words(argument) != 0) {
                    values[i].Bits = (long)next;
                    values[i].Count = Write(argument, next);
                    next += Words(argument);
                }
            }
            count = NativeMethods.anml_call(op, values, arguments.Length, results, capacity);
        }
        foreach (ref readonly var argument in arguments) GC.KeepAlive(argument.Reference);
        if (count < capacity) Fail(name, count, capacity);
    }

    /// <summary>How many 64-bit words an argument needs outside its value.</summary>
    private static int Words(in Arg argument) => argument.Tag switch {
        Tag.IntList or Tag.DoubleList or Tag.TensorList or Tag.OptionalTensorList => Math.Max(1, argument.Count),
        Tag.Complex => 2,
        Tag.String => (Encoding.UTF8.GetMaxByteCount(((string)argument.Reference).Length) / sizeof(long)) + 1,
        _ => 0,
    };

    private static int Write(in Arg argument, long* target)
    {
        switch (argument.Reference) {
        case long[] integers:
            integers.CopyTo(new Span<long>(target, integers.Length));
            return integers.Length;
        case double[] numbers:
            numbers.CopyTo(new Span<double>(target, numbers.Length));
            return numbers.Length;
        case Tensor[] tensors:
            for (var i = 0; i < tensors.Length; i++) target[i] = tensors[i] is { } tensor ? tensor.Handle : 0;
            return tensors.Length;
        case Scalar scalar:
            ((double*)target)[0] = scalar.Complex.Real;
            ((double*)target)[1] = scalar.Complex.Imaginary;
            return 2;
        default:
            var text = (string)argument.Reference;
            return Encoding.UTF8.GetBytes(text, new Span<byte>(target, Encoding.UTF8.GetMaxByteCount(text.Length)));
        }
    }

    private static nint Find(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var function = Encoding.UTF8.GetBytes("aten::" + (dot < 0 ? name : name[..dot]) + "\0");
        var overload = Encoding.UTF8.GetBytes((dot < 0 ? "" : name[(dot + 1)..]) + "\0");
        fixed (byte* first = function, second = overload) {
            var op = Libtorch.Check(NativeMethods.anml_find_operator(first, second));
            Operators[name] = op;
            return op;
        }
    }

    private static void Fail(string name, int count, int capacity)
    {
        if (count < 0) Libtorch.ThrowLastError();
        throw new InvalidOperationException($"aten::{name} returned {count} results, not {capacity}.");
    }
}
