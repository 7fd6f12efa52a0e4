using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// An average over windows that may hang over any side of a map, each side by as much as it likes; only the values inside the map count.
/// torch's average pools hang over either side by as much, and by half the window at most.
/// </summary>
public sealed class UnpaddedAverage : nn.Module<Tensor, Tensor>
{
    private readonly long[] _kernel;
    private readonly long[] _stride;
    private readonly long[] _before;
    private readonly long[] _after;

    /// <summary>A layer over signals, pictures or volumes.</summary>
    /// <param name="kernel">The window, per axis behind the channels, one to three.</param>
    /// <param name="stride">The distance between windows, per axis.</param>
    /// <param name="before">How far the first window begins in front of the map, per axis; less than the window.</param>
    /// <param name="after">How far windows may reach behind it, per axis; less than the window.</param>
    /// <exception cref="ArgumentException">The lists differ in length, or a window may lie outside the map altogether.</exception>
    public UnpaddedAverage(IReadOnlyList<long> kernel, IReadOnlyList<long> stride, IReadOnlyList<long> before, IReadOnlyList<long> after)
        : base(nameof(UnpaddedAverage))
    {
        _kernel = [.. kernel];
        _stride = [.. stride];
        _before = [.. before];
        _after = [.. after];
        if (_kernel.Length is < 1 or > 3 || _stride.Length != _kernel.Length || _before.Length != _kernel.Length || _after.Length != _kernel.Length)
            throw new ArgumentException("A window has one to three axes, and a stride and two borders for each.", nameof(kernel));
        if (_before.Concat(_after).Zip(_kernel.Concat(_kernel)).Any(pair => pair.First < 0 || pair.First >= pair.Second))
            throw new ArgumentException($"Windows of {string.Join("×", _kernel)} reach over the edge by less than their size.", nameof(before));
    }

    /// <summary>The window.</summary>
    public IReadOnlyList<long> Kernel => _kernel;

    /// <summary>The distance between windows.</summary>
    public IReadOnlyList<long> Stride => _stride;

    /// <summary>How far the first window begins in front of the map.</summary>
    public IReadOnlyList<long> Before => _before;

    /// <summary>How far windows may reach behind it.</summary>
    public IReadOnlyList<long> After => _after;

    /// <summary>Averages.</summary>
    /// <param name="input">Maps <c>[N, C, …]</c>.</param>
    /// <returns>Maps of averages.</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using Tensor averages = Average(input);
        using Tensor inside = ones([1, 1, .. input.shape[2..]], dtype: input.dtype, device: input.device);
        using Tensor share = Average(inside);
        return averages.div(share);
    }

    private Tensor Average(Tensor input)
    {
        long[] pairs = [.. Enumerable.Range(1, _kernel.Length).SelectMany(back => new[] { _before[^back], _after[^back] })];
        using Tensor padded = nn.functional.pad(input, pairs);
        return _kernel.Length switch
        {
            1 => nn.functional.avg_pool1d(padded, _kernel[0], _stride[0]),
            2 => nn.functional.avg_pool2d(padded, _kernel, _stride),
            _ => nn.functional.avg_pool3d(padded, _kernel, _stride),
        };
    }
}
