using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AlexNetMl.Imaging;

/// <summary>Which instructions the resampler uses. Every width gives the same bytes.</summary>
internal enum VectorWidth
{
    /// <summary>Plain loops.</summary>
    Scalar = 0,

    /// <summary>Any processor's 128-bit vectors.</summary>
    Bits128 = 128,

    /// <summary>AVX2.</summary>
    Bits256 = 256,

    /// <summary>AVX-512 with byte permutation (VBMI: Ice Lake, Zen 4 and later).</summary>
    Bits512 = 512,
}

/// <summary>What this machine has.</summary>
internal static class VectorWidths
{
    internal static VectorWidth Best { get; } =
        IsSupported(VectorWidth.Bits512) ? VectorWidth.Bits512
        : IsSupported(VectorWidth.Bits256) ? VectorWidth.Bits256
        : IsSupported(VectorWidth.Bits128) ? VectorWidth.Bits128
        : VectorWidth.Scalar;

    internal static bool IsSupported(VectorWidth width) => width switch
    {
        VectorWidth.Bits512 => Avx512BW.IsSupported && Avx512Vbmi.IsSupported && Avx2.IsSupported,
        VectorWidth.Bits256 => Avx2.IsSupported,
        VectorWidth.Bits128 => Vector128.IsHardwareAccelerated,
        _ => true,
    };
}
