#nullable enable
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

// Tensors from .NET's arrays.
public static unsafe partial class torch
{
    public static Tensor from_array(Array rawArray, Device? device = null) =>
        from_array(rawArray, ToScalarType(rawArray.GetType().GetElementType()!), device);

    public static Tensor from_array(
        Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        var type = ToScalarType(rawArray.GetType().GetElementType()!);
        return OfArray(rawArray, ShapeOf(rawArray), type, dtype, device, requires_grad, names);
    }

    /// <summary>A tensor over the array itself: a change of one changes the other. The array stays pinned while the tensor lives.</summary>
    public static Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
    {
        if (offset < 0 || offset >= rawArray.LongLength) throw new ArgumentException($"invalid value for 'offset': {offset}");
        if (count < 0) count = rawArray.LongLength - offset;
        if (count > rawArray.LongLength - offset) throw new IndexOutOfRangeException($"element count is too large: {count}");
        var type = ToScalarType(rawArray.GetType().GetElementType()!);
        var handle = GCHandle.Alloc(rawArray, GCHandleType.Pinned);
        var start = (byte*)handle.AddrOfPinnedObject() + (offset * type.ElementSize());
        var native = NativeMethods.anml_from_blob(start, &count, 1, (int)type, &Unpin, GCHandle.ToIntPtr(handle));
        if (native == 0) handle.Free();
        var tensor = new Tensor(Libtorch.Check(native));
        if (type == dtype) return Wanting(tensor, requires_grad);
        using (tensor) return Wanting(tensor.to_type(dtype), requires_grad);
    }

    [UnmanagedCallersOnly]
    private static void Unpin(nint handle) => GCHandle.FromIntPtr(handle).Free();

    private static long[] ShapeOf(Array array)
    {
        var shape = new long[array.Rank];
        for (var i = 0; i < shape.Length; i++) shape[i] = array.GetLongLength(i);
        return shape;
    }

    private static Tensor OfScalar<T>(T scalar, ScalarType type, ScalarType? dtype, Device? device, bool requires_grad) where T : unmanaged
    {
        using var element = Cpu([], type);
        *(T*)element.Pointer = scalar;
        return Placed(element, dtype ?? type, device, requires_grad);
    }

    private static Tensor OfArray(
        Array array, long[] shape, ScalarType type, ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
    {
        if (names is { Length: > 0 }) throw new NotSupportedException("Named dimensions are not available on the Local stack.");
        var count = 1L;
        foreach (var length in shape) count *= length;
        if (count > array.LongLength) {
            throw new ArgumentException($"mismatched total size creating a tensor from an array: {count} vs. {array.LongLength}");
        }
        using var elements = Cpu(shape, type);
        if (count != 0) {
            var bytes = count * type.ElementSize();
            fixed (byte* source = &MemoryMarshal.GetArrayDataReference(array)) Buffer.MemoryCopy(source, elements.Pointer, bytes, bytes);
        }
        return Placed(elements, dtype ?? type, device, requires_grad);
    }

    private static Tensor Cpu(long[] shape, ScalarType type) => Aten.Call("empty.memory_format", shape, type, Arg.None, CPU);

    /// <summary>The tensor itself under a new handle where type and device are right already.</summary>
    private static Tensor Placed(Tensor tensor, ScalarType type, Device? device, bool requires_grad) =>
        Wanting(tensor.to(type, InitializeDevice(device)), requires_grad);
}
