using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// Local response normalization (section 3.3): <c>b = a / (k + alpha/size · Σ a²)^beta</c>, the sum over <see cref="size"/> neighbouring
/// channels. The same function as torch's LocalResponseNorm, with its parameter names, in one pass over the data instead of nine.
/// </summary>
/// <remarks>
/// Input and output <c>[N, C, …]</c>. The fused path serves float32 tensors on the CPU with beta 0.75, and on the Local stack tensors on a GPU
/// where its native part was built with CUDA kernels (window 5, beta 0.75); anything else goes through torch's own composite of operators.
/// Only the input is kept for the backward pass, and nothing where no gradient is asked for. The fused backward cannot be differentiated again.
/// </remarks>
public sealed class FusedLocalResponseNorm : nn.Module<Tensor, Tensor>
{
    /// <summary>A layer with torch's parameters.</summary>
    /// <param name="size">Channels in the window, at least 1.</param>
    /// <param name="alpha">Factor on the mean of squares: torch divides it by <paramref name="size"/>.</param>
    /// <param name="beta">Exponent.</param>
    /// <param name="k">Additive constant, positive.</param>
    /// <param name="groups">Parts of equal size that the channels are in, at least 1; windows end where their part does. torch's layer has one.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> or <paramref name="groups"/> is below 1.</exception>
    public FusedLocalResponseNorm(long size, double alpha = 1e-4, double beta = 0.75, double k = 1, long groups = 1)
        : base(nameof(FusedLocalResponseNorm))
    {
        if (size is < 1 or > int.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(size), $"A window of {size} channels: take 1 or more, the paper's is 5.");
        if (groups < 1)
            throw new ArgumentOutOfRangeException(nameof(groups), $"{groups} groups of channels: take 1 or more, the 2012 code has 2.");
        this.size = size;
        this.alpha = alpha;
        this.beta = beta;
        this.k = k;
        this.groups = groups;
    }

    /// <summary>Channels in the window: for channel c those from c − size/2 to c + (size − 1)/2.</summary>
    public long size { get; }

    /// <summary>Factor on the sum of squares before it is divided by <see cref="size"/>.</summary>
    public double alpha { get; }

    /// <summary>Exponent of the denominator.</summary>
    public double beta { get; }

    /// <summary>Additive constant of the denominator.</summary>
    public double k { get; }

    /// <summary>Parts of equal size that the channels are in; a window holds channels of one part only.</summary>
    public long groups { get; }

    /// <summary>What the kernels take; null with another exponent than theirs.</summary>
    internal ChannelWindow? Window => beta == 0.75 ? new ChannelWindow((int)size, alpha, k) : null;

    /// <summary>
    /// The paper's layer: n = 5, k = 2, β = 0.75 and, since its printed formula does not divide α = 1e-4 by n as torch does, alpha = 5e-4.
    /// </summary>
    public static FusedLocalResponseNorm Paper() => new(size: 5, alpha: 5e-4, beta: 0.75, k: 2);

    /// <summary>Normalizes.</summary>
    /// <param name="input">Activations <c>[N, C, …]</c>.</param>
    /// <returns>A tensor of the same shape.</returns>
    /// <exception cref="ArgumentException">C is not a multiple of <see cref="groups"/>.</exception>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.device_type == TorchSharp.DeviceType.CPU && (input.dtype == ScalarType.BFloat16 || input.dtype == ScalarType.Float16))
        {
            // torch's pooling, which its composite is made of, has no 16-bit form there.
            using Tensor wide = input.to(ScalarType.Float32);
            using Tensor result = forward(wide);
            return result.to(input.dtype);
        }
        if (groups == 1)
            return Normalize(input);
        long[] shape = input.shape;
        if (shape.Length < 2 || shape[1] % groups != 0)
            throw new ArgumentException($"[{string.Join(", ", shape)}] cannot be normalized in {groups} groups: the channels, dimension 1, must be a multiple of {groups}.", nameof(input));
        // The groups of a picture lie behind each other in memory, so that they can pass for pictures of their own.
        using Tensor parts = input.reshape([shape[0] * groups, shape[1] / groups, .. shape[2..]]);
        using Tensor normalized = Normalize(parts);
        return normalized.reshape(shape);
    }

    private Tensor Normalize(Tensor input)
    {
        if (input.NumberOfElements == 0)
            return input.alias();
        if (Window is { } window && StageFunction.Fits(input, pool: false))
            return StageFunction.Run(input, new StageSteps(Rectify: false, window, Pool: false));
        return StackLayers.TryLocalResponseNorm(input, size, alpha, beta, k) ?? nn.functional.local_response_norm(input, size, alpha, beta, k);
    }
}
