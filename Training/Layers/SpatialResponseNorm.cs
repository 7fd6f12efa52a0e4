using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// Response normalization within each map: <c>b = a / (k + alpha/size² · Σ a²)^beta</c>, the sum over <see cref="size"/>×<see cref="size"/>
/// neighbouring positions, those outside the map counting as 0. The paper has none; the released 2012 code has one behind conv2, named
/// after contrast normalization but without its subtraction of the mean.
/// </summary>
/// <remarks>Input and output <c>[N, C, H, W]</c>.</remarks>
public sealed class SpatialResponseNorm : nn.Module<Tensor, Tensor>
{
    /// <summary>A layer.</summary>
    /// <param name="size">Side of the window, odd.</param>
    /// <param name="alpha">Factor on the window's mean of squares, at least 0.</param>
    /// <param name="beta">Exponent.</param>
    /// <param name="k">Additive constant, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public SpatialResponseNorm(long size, double alpha, double beta = 0.75, double k = 1)
        : base(nameof(SpatialResponseNorm))
    {
        if (size < 1 || size % 2 == 0)
            throw new ArgumentOutOfRangeException(nameof(size), $"A window of {size}×{size} positions has no centre: take an odd size, 5 is the 2012 code's.");
        if (!(alpha >= 0 && double.IsFinite(alpha)))
            throw new ArgumentOutOfRangeException(nameof(alpha), $"An alpha of {alpha}: take 0 or more, 0.001 is the 2012 code's.");
        if (!double.IsFinite(beta))
            throw new ArgumentOutOfRangeException(nameof(beta), $"A beta of {beta}: take a number, 0.75 is the 2012 code's.");
        if (!(k > 0 && double.IsFinite(k)))
            throw new ArgumentOutOfRangeException(nameof(k), $"A k of {k}: take a positive one, 1 is the 2012 code's.");
        this.size = size;
        this.alpha = alpha;
        this.beta = beta;
        this.k = k;
    }

    /// <summary>Side of the window.</summary>
    public long size { get; }

    /// <summary>Factor on the sum of squares before it is divided by the window's area.</summary>
    public double alpha { get; }

    /// <summary>Exponent of the denominator.</summary>
    public double beta { get; }

    /// <summary>Additive constant of the denominator.</summary>
    public double k { get; }

    /// <summary>The layer behind conv2 in the released code (cnorm2a, cnorm2b of layers-145): 5×5, scale 0.001, power 0.75.</summary>
    public static SpatialResponseNorm Original2012() => new(size: 5, alpha: 1e-3, beta: 0.75, k: 1);

    /// <summary>Normalizes.</summary>
    /// <param name="input">Activations <c>[N, C, H, W]</c>.</param>
    /// <returns>A tensor of the same shape.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using Tensor squares = input.square();
        using Tensor means = nn.functional.avg_pool2d(squares, size, stride: 1, padding: size / 2, count_include_pad: true);
        using Tensor scaled = means.mul(alpha);
        using Tensor sums = scaled.add(k);
        using Tensor inverse = sums.pow(-beta);
        return input.mul(inverse);
    }
}
