#nullable enable
using System;
using System.Numerics;
using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>A number of any type, as torch's operators take it: 64 bits wide, or complex.</summary>
public sealed class Scalar : IDisposable
{
    internal readonly Tag Tag;
    internal readonly long Bits;
    internal readonly Complex Complex;

    internal Scalar(Tag tag, long bits)
    {
        Tag = tag;
        Bits = bits;
    }

    internal Scalar(Complex value)
    {
        Tag = Tag.Complex;
        Complex = value;
    }

    public torch.ScalarType Type => Tag switch {
        Tag.Int => torch.ScalarType.Int64,
        Tag.Bool => torch.ScalarType.Bool,
        Tag.Complex => torch.ScalarType.ComplexFloat64,
        _ => torch.ScalarType.Float64,
    };

    internal bool IsComplex => Tag == Tag.Complex;

    internal double Real => Tag switch {
        Tag.Complex => Complex.Real,
        Tag.Double => BitConverter.Int64BitsToDouble(Bits),
        _ => Bits,
    };

    internal long Integer => Tag is Tag.Int or Tag.Bool ? Bits : checked((long)Real);

    /// <summary>Nothing to release here; the package's own scalars live in native memory.</summary>
    public void Dispose()
    {
    }

    public static implicit operator Scalar(byte value) => value.ToScalar();

    public static implicit operator Scalar(sbyte value) => value.ToScalar();

    public static implicit operator Scalar(short value) => value.ToScalar();

    public static implicit operator Scalar(int value) => value.ToScalar();

    public static implicit operator Scalar(long value) => value.ToScalar();

    public static implicit operator Scalar(Half value) => value.ToScalar();

    public static implicit operator Scalar(float value) => value.ToScalar();

    public static implicit operator Scalar(double value) => value.ToScalar();

    public static implicit operator Scalar(bool value) => value.ToScalar();

    public static implicit operator Scalar((float, float) value) => value.ToScalar();

    public static implicit operator Scalar(Complex value) => value.ToScalar();
}

public static class ScalarExtensionMethods
{
    private static Scalar OfInteger(long value) => new(Tag.Int, value);

    private static Scalar OfReal(double value) => new(Tag.Double, BitConverter.DoubleToInt64Bits(value));

    public static Scalar ToScalar(this byte value) => OfInteger(value);

    public static Scalar ToScalar(this sbyte value) => OfInteger(value);

    public static Scalar ToScalar(this short value) => OfInteger(value);

    public static Scalar ToScalar(this int value) => OfInteger(value);

    public static Scalar ToScalar(this long value) => OfInteger(value);

    public static Scalar ToScalar(this float value) => OfReal(value);

    public static Scalar ToScalar(this double value) => OfReal(value);

    public static Scalar ToScalar(this (float, float) value) => new(new Complex(value.Item1, value.Item2));

    public static Scalar ToScalar(this Complex value) => new(value);

    public static Scalar ToScalar(this bool value) => new(Tag.Bool, value ? 1 : 0);

    public static Scalar ToScalar(this Half value) => OfReal((double)value);

    public static Scalar ToBFloat16Scalar(this float value)
    {
        // To the nearest of the numbers whose lower 16 bits are zero, ties to even.
        if (float.IsNaN(value)) return OfReal(value);
        var bits = BitConverter.SingleToUInt32Bits(value);
        bits = (bits + 0x7FFFu + ((bits >> 16) & 1)) & 0xFFFF0000u;
        return OfReal(BitConverter.UInt32BitsToSingle(bits));
    }

    public static Half ToHalf(this Scalar value) => (Half)value.Real;

    public static float ToSingle(this Scalar value) => (float)value.Real;

    public static double ToDouble(this Scalar value) => value.Real;

    public static sbyte ToSByte(this Scalar value) => checked((sbyte)value.Integer);

    public static byte ToByte(this Scalar value) => checked((byte)value.Integer);

    public static short ToInt16(this Scalar value) => checked((short)value.Integer);

    public static int ToInt32(this Scalar value) => checked((int)value.Integer);

    public static long ToInt64(this Scalar value) => value.Integer;

    public static bool ToBoolean(this Scalar value) => value.IsComplex ? value.Complex != Complex.Zero : value.Real != 0;

    public static (float Real, float Imaginary) ToComplexFloat32(this Scalar value) =>
        value.IsComplex ? ((float)value.Complex.Real, (float)value.Complex.Imaginary) : ((float)value.Real, 0);

    public static Complex ToComplexFloat64(this Scalar value) => value.IsComplex ? value.Complex : value.Real;
}
