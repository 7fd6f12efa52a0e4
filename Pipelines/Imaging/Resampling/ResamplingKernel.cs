namespace AlexNetMl.Imaging;

/// <summary>The filters' curves. Pillow evaluates them in double precision with these very operations; the last bit decides some
/// roundings.</summary>
internal static class ResamplingKernel
{
    private const double CubicSharpness = -0.5;

    /// <summary>How far the curve reaches to each side, in pixels of the coarser of the two grids.</summary>
    internal static double Support(ResamplingFilter filter) => filter switch
    {
        ResamplingFilter.Box => 0.5,
        ResamplingFilter.Bilinear or ResamplingFilter.Hamming => 1.0,
        ResamplingFilter.Bicubic => 2.0,
        ResamplingFilter.Lanczos => 3.0,
        _ => throw Unknown(filter),
    };

    internal static double Evaluate(ResamplingFilter filter, double x) => filter switch
    {
        ResamplingFilter.Box => x is > -0.5 and <= 0.5 ? 1.0 : 0.0,
        ResamplingFilter.Bilinear => Triangle(x),
        ResamplingFilter.Hamming => Hamming(x),
        ResamplingFilter.Bicubic => Cubic(x),
        ResamplingFilter.Lanczos => x is >= -3.0 and < 3.0 ? Sinc(x) * Sinc(x / 3) : 0.0,
        _ => throw Unknown(filter),
    };

    internal static ArgumentOutOfRangeException Unknown(ResamplingFilter filter) => new(
        nameof(filter),
        $"{(int)filter} is no resampling filter: 0 (nearest), 1 (Lanczos), 2 (bilinear), 3 (bicubic), 4 (box) and 5 (Hamming) are.");

    private static double Triangle(double x)
    {
        x = Math.Abs(x);
        return x < 1.0 ? 1.0 - x : 0.0;
    }

    // The window's two numbers are single precision in Pillow.
    private static double Hamming(double x)
    {
        x = Math.Abs(x);
        if (x == 0.0)
        {
            return 1.0;
        }

        if (x >= 1.0)
        {
            return 0.0;
        }

        x *= Math.PI;
        return Math.Sin(x) / x * (0.54f + (0.46f * Math.Cos(x)));
    }

    private static double Cubic(double x)
    {
        x = Math.Abs(x);
        if (x < 1.0)
        {
            return ((((CubicSharpness + 2.0) * x) - (CubicSharpness + 3.0)) * x * x) + 1;
        }

        return x < 2.0 ? ((((((x - 5) * x) + 8) * x) - 4) * CubicSharpness) : 0.0;
    }

    private static double Sinc(double x)
    {
        if (x == 0.0)
        {
            return 1.0;
        }

        x *= Math.PI;
        return Math.Sin(x) / x;
    }
}
