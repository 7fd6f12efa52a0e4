using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>Ties <see cref="StageKernel"/> into torch's autograd.</summary>
internal sealed class StageFunction : autograd.SingleTensorFunction<StageFunction>
{
    private const string CallKey = "call";

    public override string Name => nameof(StageFunction);

    /// <summary>Whether the kernel takes a tensor: float32 on the CPU, contiguous, at most 2 GiB, maps not too small.</summary>
    internal static bool Fits(Tensor input, bool pool) =>
        input.dtype == ScalarType.Float32 && input.device_type == TorchSharp.DeviceType.CPU && input.ndim >= 3 && (!pool || input.ndim == 4)
        && input.NumberOfElements is > 0 and <= int.MaxValue / sizeof(float) && Shape(input, pool).Fits(pool) && input.is_contiguous();

    /// <summary>The steps' result, with a gradient function where a gradient is asked for.</summary>
    internal static Tensor Run(Tensor input, StageSteps steps)
    {
        var call = new Call(steps);
        if (!input.requires_grad || !is_grad_enabled())
        {
            Tensor plain = Forward(input, call);
            call.Places?.Dispose();
            return plain;
        }
        Tensor result = apply(input, call);
        // apply hands back a new handle and leaves forward's own to the finalizer, which would hold the memory until the next collection.
        call.Output?.Dispose();
        call.Places?.Dispose();
        (call.Output, call.Places) = (null, null);
        return result;
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var input = (Tensor)vars[0];
        var call = (Call)vars[1];
        call.Output = Forward(input, call);
        ctx.save_for_backward(call.Places is { } places ? [input, places] : [input]);
        ctx.save_data(CallKey, call);
        return call.Output;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        StageSteps steps = ((Call)ctx.get_data(CallKey)!).Steps;
        // The handles were made for this call; the gradient of a sum, for one, arrives as an expanded scalar.
        List<Tensor> saved = ctx.get_saved_variables();
        using Tensor input = saved[0];
        using Tensor? places = saved.Count > 1 ? saved[1] : null;
        using Tensor dense = grad_output.contiguous();
        Tensor gradient = empty_like(input);
        StageKernel.Backward(Floats(input), places is null ? [] : places.bytes, Floats(dense), Floats(gradient), Shape(input, steps.Pool), steps, get_num_threads());
        return [gradient, null!];                   // one entry for every argument of apply; a Call has no gradient
    }

    private static Tensor Forward(Tensor input, Call call)
    {
        StageShape shape = Shape(input, call.Steps.Pool);
        Tensor output = empty_like(input);
        if (call.Steps.Pool)
        {
            output.Dispose();
            long[] pooled = [shape.Images, shape.Channels, shape.PooledRows, shape.PooledColumns];
            output = empty(pooled);
            call.Places = empty(pooled, dtype: ScalarType.Byte);
        }
        StageKernel.Forward(Floats(input), Floats(output), call.Places is { } places ? places.bytes : [], shape, call.Steps, get_num_threads());
        return output;
    }

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    private static StageShape Shape(Tensor tensor, bool pool)
    {
        long[] shape = tensor.shape;
        int images = (int)shape[0], channels = (int)shape[1];
        return pool
            ? new StageShape(images, channels, (int)shape[2], (int)shape[3])
            : new StageShape(images, channels, (int)(tensor.NumberOfElements / ((long)images * channels)), 1);
    }

    private sealed class Call(StageSteps steps)
    {
        internal StageSteps Steps { get; } = steps;

        internal Tensor? Output { get; set; }

        internal Tensor? Places { get; set; }
    }
}
