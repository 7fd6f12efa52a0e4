using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// Local response normalization (section 3.3): <c>b = a / (k + alpha/size · Σ a²)^beta</c>, the sum over <see cref="size"/> neighbouring
/// channels. The same function as torch's LocalResponseNorm, with its parameter names, in one pass over the data instead of nine.
/// </summary>
/// <remarks>
/// Input and output <c>[N, C, …]</c>. The fused path serves float32 tensors on the CPU with beta 0.75; anything else goes through torch's own
/// composite of operators. Only the input is kept for the backward pass, and nothing where no gradient is asked for. The fused backward
/// cannot be differentiated again.
/// </remarks>
public sealed class FusedLocalResponseNorm : nn.Module<Tensor, Tensor>
{
    /// <summary>A layer with torch's parameters.</summary>
    /// <param name="size">Channels in the window, at least 1.</param>
    /// <param name="alpha">Factor on the mean of squares: torch divides it by <paramref name="size"/>.</param>
    /// <param name="beta">Exponent.</param>
    /// <param name="k">Additive constant, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is below 1.</exception>
    public FusedLocalResponseNorm(long size, double alpha = 1e-4, double beta = 0.75, double k = 1)
        : base(nameof(FusedLocalResponseNorm))
    {
        if (size is < 1 or > int.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(size), $"A window of {size} channels: take 1 or more, the paper's is 5.");
        this.size = size;
        this.alpha = alpha;
        this.beta = beta;
        this.k = k;
    }

    /// <summary>Channels in the window: for channel c those from c − size/2 to c + (size − 1)/2.</summary>
    public long size { get; }

    /// <summary>Factor on the sum of squares before it is divided by <see cref="size"/>.</summary>
    public double alpha { get; }

    /// <summary>Exponent of the denominator.</summary>
    public double beta { get; }

    /// <summary>Additive constant of the denominator.</summary>
    public double k { get; }

    /// <summary>What the kernels take; null with another exponent than theirs.</summary>
    internal ChannelWindow? Window => beta == 0.75 ? new ChannelWindow((int)size, alpha, k) : null;

    /// <summary>
    /// The paper's layer: n = 5, k = 2, β = 0.75 and, since its printed formula does not divide α = 1e-4 by n as torch does, alpha = 5e-4.
    /// </summary>
    public static FusedLocalResponseNorm Paper() => new(size: 5, alpha: 5e-4, beta: 0.75, k: 2);

    /// <summary>Normalizes.</summary>
    /// <param name="input">Activations <c>[N, C, …]</c>.</param>
    /// <returns>A tensor of the same shape.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.NumberOfElements == 0)
            return input.alias();
        return Window is { } window && StageFunction.Fits(input, pool: false)
            ? StageFunction.Run(input, new StageSteps(Rectify: false, window, Pool: false))
            : nn.functional.local_response_norm(input, size, alpha, beta, k);
    }
}
