using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>What a <see cref="NativeValue"/> holds; the numbers are shared with Native/operators.cpp.</summary>
internal enum Tag
{
    Default,
    None,
    Tensor,
    Int,
    Double,
    Bool,
    IntList,
    DoubleList,
    TensorList,
    OptionalTensorList,
    Complex,
    Device,
    String,
    Generator,
}

/// <summary>An argument or a result of an operator.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeValue
{
    public Tag Tag;
    public int Count;
    public long Bits;
}

/// <summary>What there is to know about a tensor; sizes and strides point into it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Description
{
    public long Elements;
    public long ElementSize;
    public long StorageOffset;
    public long* Sizes;
    public long* Strides;
    public int Dimensions;
    public int Type;
    public int DeviceType;
    public int DeviceIndex;
    public int Contiguous;
    public int Sparse;
}

/// <summary>One index of a tensor; see Native/tensors.cpp.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeIndex
{
    public int Kind;
    public int Given;
    public long Start;
    public long Stop;
    public long Step;
    public nint Tensor;
}
