using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// The update rule of <see cref="MomentumSgd"/> over contiguous float32 memory, all tensors of a step in one go.
/// </summary>
/// <remarks>
/// An element costs three reads and two writes, 20 bytes; torch's operators, one after the other, take 44. Every element is rounded alike,
/// in a vector register or in the few left over: with fused multiply-adds in the same order. So results depend neither on how the
/// work is split nor on the registers' width.
/// </remarks>
internal sealed unsafe class MomentumPass(VelocityForm form, double momentum, double weightDecay)
{
    // 1.5 MiB of the three tensors together: the processor's prefetching needs a run-up, with pieces an eighth as long it loses a quarter of its rate.
    private const int PieceLength = 1 << 17;
    private const int SmallestForThreads = 1 << 15;

    private readonly List<Piece> _pieces = [];
    private long _elements;

    /// <summary>Notes a tensor for <see cref="Run"/>; false where it is not float32 in contiguous CPU memory of at most 2 GiB.</summary>
    internal bool TryAdd(Tensor weight, Tensor gradient, Tensor velocity, double rate)
    {
        if (!Fits(weight) || !Fits(gradient) || !Fits(velocity))
            return false;
        int length = (int)weight.NumberOfElements;
        float* w = Address(weight), g = Address(gradient), v = Address(velocity);
        Rule rule = form == VelocityForm.RateInside
            ? new Rule((float)momentum, (float)(-weightDecay * rate), (float)-rate, 1)
            : new Rule((float)momentum, (float)weightDecay, 1, (float)-rate);
        for (int start = 0; start < length; start += PieceLength)
            _pieces.Add(new Piece(w + start, g + start, v + start, Math.Min(PieceLength, length - start), rule));
        _elements += length;
        return true;
    }

    /// <summary>Updates all noted tensors.</summary>
    internal void Run(int threads)
    {
        if (threads <= 1 || _elements < SmallestForThreads)
        {
            foreach (Piece piece in _pieces)
                Update(piece);
            return;
        }
        // One shared counter rather than equal shares: a core that is busy elsewhere then takes fewer pieces instead of holding up all.
        int next = 0;
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ =>
        {
            for (int index; (index = Interlocked.Increment(ref next) - 1) < _pieces.Count;)
                Update(_pieces[index]);
        });
    }

    private static bool Fits(Tensor tensor) =>
        tensor.dtype == ScalarType.Float32 && tensor.device_type == DeviceType.CPU && tensor.NumberOfElements <= int.MaxValue / sizeof(float) && tensor.is_contiguous();

    // Torch's memory does not move, so the address holds for as long as the caller holds the tensor.
    private static float* Address(Tensor tensor)
    {
        fixed (byte* start = tensor.bytes)
            return (float*)start;
    }

    // v ← m·v + d·w + r·g; w ← w + s·v
    private static void Update(Piece piece)
    {
        float* w = piece.Weight, g = piece.Gradient, v = piece.Velocity;
        Rule rule = piece.Rule;
        var momentum = new Vector<float>(rule.Momentum);
        var decay = new Vector<float>(rule.Decay);
        var rate = new Vector<float>(rule.Gradient);
        var scale = new Vector<float>(rule.Step);
        int i = 0;
        for (; i <= piece.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> weight = Vector.Load(w + i);
            Vector<float> velocity = Vector.FusedMultiplyAdd(rate, Vector.Load(g + i), Vector.FusedMultiplyAdd(decay, weight, momentum * Vector.Load(v + i)));
            velocity.Store(v + i);
            Vector.FusedMultiplyAdd(scale, velocity, weight).Store(w + i);
        }
        for (; i < piece.Length; i++)
        {
            float velocity = MathF.FusedMultiplyAdd(rule.Gradient, g[i], MathF.FusedMultiplyAdd(rule.Decay, w[i], rule.Momentum * v[i]));
            v[i] = velocity;
            w[i] = MathF.FusedMultiplyAdd(rule.Step, velocity, w[i]);
        }
    }

    private readonly record struct Rule(float Momentum, float Decay, float Gradient, float Step);

    private readonly struct Piece(float* weight, float* gradient, float* velocity, int length, Rule rule)
    {
        internal float* Weight => weight;

        internal float* Gradient => gradient;

        internal float* Velocity => velocity;

        internal int Length => length;

        internal Rule Rule => rule;
    }
}
