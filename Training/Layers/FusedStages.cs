using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>
/// Runs modules one after the other, and what stands between two convolutions, ReLU, local response normalization and max pooling, as one pass over
/// the data where <see cref="StageKernel"/> can.
/// </summary>
internal static class FusedStages
{
    /// <summary>What the modules compute one after the other; intermediate results are disposed as Sequential does.</summary>
    internal static Tensor Forward(IReadOnlyList<IModule<Tensor, Tensor>> modules, Tensor input)
    {
        Tensor current = input;
        for (int i = 0; i < modules.Count;)
        {
            (StageSteps? steps, int length) = StageAt(modules, i);
            Tensor next;
            if (steps is not null && StageFunction.Fits(current, steps.Pool))
                next = StageFunction.Run(current, steps);
            else
                (next, length) = (modules[i].call(current), 1);
            if (!ReferenceEquals(current, input))
                current.Dispose();
            current = next;
            i += length;
        }
        return ReferenceEquals(current, input) ? input.alias() : current;
    }

    // Two modules at least: for one alone torch's operators do as well.
    private static (StageSteps? Steps, int Length) StageAt(IReadOnlyList<IModule<Tensor, Tensor>> modules, int at)
    {
        int next = at;
        bool rectify = modules[next] is ReLU { inplace: false };
        if (rectify)
            next++;
        ChannelWindow? window = next < modules.Count && modules[next] is FusedLocalResponseNorm { groups: 1 } norm ? norm.Window : null;
        if (window is not null)
            next++;
        bool pool = next < modules.Count && modules[next] is MaxPool2d pooling && IsThreeByTwo(pooling);
        if (pool)
            next++;
        return next - at < 2 ? (null, 1) : (new StageSteps(rectify, window, pool), next - at);
    }

    private static bool IsThreeByTwo(MaxPool2d pooling) =>
        All(pooling.kernel_size, 3) && All(pooling.stride, 2) && (pooling.padding is null || All(pooling.padding, 0)) && (pooling.dilation is null || All(pooling.dilation, 1)) && !pooling.ceil_mode;

    private static bool All(long[]? values, long value) => values is { Length: > 0 } && values.All(each => each == value);
}
