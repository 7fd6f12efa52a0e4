using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>Ties <see cref="LocalResponseNormKernel"/> into torch's autograd.</summary>
internal sealed class LocalResponseNormFunction : autograd.SingleTensorFunction<LocalResponseNormFunction>
{
    private const string CallKey = "call";

    public override string Name => nameof(LocalResponseNormFunction);

    /// <summary>The normalized tensor, with a gradient function.</summary>
    internal static Tensor Normalize(Tensor input, ChannelWindow window)
    {
        var call = new Call(window);
        Tensor result = apply(input, call);
        // apply hands back a new handle and leaves forward's own to the finalizer, which would hold the memory until the next collection.
        call.Output?.Dispose();
        call.Output = null;
        return result;
    }

    /// <summary>The normalized tensor, no gradient.</summary>
    internal static Tensor Forward(Tensor input, ChannelWindow window)
    {
        Tensor output = empty_like(input);
        LocalResponseNormKernel.Forward(Floats(input), Floats(output), Shape(input), window, get_num_threads());
        return output;
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var input = (Tensor)vars[0];
        var call = (Call)vars[1];
        ctx.save_for_backward([input]);
        ctx.save_data(CallKey, call);
        call.Output = Forward(input, call.Window);
        return call.Output;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var call = (Call)ctx.get_data(CallKey)!;
        // Both handles were made for this call; the gradient of a sum, for one, arrives as an expanded scalar.
        using Tensor input = ctx.get_saved_variables()[0];
        using Tensor dense = grad_output.contiguous();
        Tensor gradient = empty_like(input);
        LocalResponseNormKernel.Backward(Floats(input), Floats(dense), Floats(gradient), Shape(input), call.Window, get_num_threads());
        return [gradient, null!];                   // one entry for every argument of apply; a Call has no gradient
    }

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    private static MapShape Shape(Tensor tensor)
    {
        long[] shape = tensor.shape;
        int images = (int)shape[0], channels = (int)shape[1];
        return new MapShape(images, channels, (int)(tensor.NumberOfElements / ((long)images * channels)));
    }

    private sealed class Call(ChannelWindow window)
    {
        internal ChannelWindow Window { get; } = window;

        internal Tensor? Output { get; set; }
    }
}
