using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>One batch's gradients, and what is still to be read of it from the device.</summary>
internal sealed class GradientStep : IDisposable
{
    private readonly List<(Tensor Logits, Tensor Loss, int Images)> _parts = [];
    private readonly long[] _labels;

    private GradientStep(long[] labels) => _labels = labels;

    /// <summary>The step's number, from 1, over the whole run.</summary>
    internal long Number { get; private set; }

    /// <summary>Its learning rate.</summary>
    internal double Rate { get; private set; }

    /// <summary>Pictures in the batch.</summary>
    internal int Images => _labels.Length;

    /// <summary>
    /// Computes the gradients of the batch's mean cross entropy into the float32 weights, part by part where they are to be accumulated: the
    /// parts' means are weighted by their pictures, so that the sum is the whole batch's gradient. Further classifiers of the network add their losses' gradients; what is
    /// reported is the network's own loss.
    /// </summary>
    internal static GradientStep Take(TrainedWeights weights, Batch batch, Device device, int classes, TrainerOptions options)
    {
        var step = new GradientStep(MemoryMarshal.Cast<byte, long>(batch.Labels.bytes)[..batch.Count].ToArray());
        weights.ClearGradients();
        int size = (batch.Count + options.Accumulate - 1) / options.Accumulate;
        for (int start = 0; start < batch.Count; start += size)
        {
            int images = Math.Min(size, batch.Count - start);
            using var scope = NewDisposeScope();
            (Tensor logits, Tensor[] further) = weights.AllLogits(batch.Inputs.narrow(0, start, images).to(device));
            CheckShape(logits, classes);
            Tensor labels = batch.Labels.narrow(0, start, images).to(device);
            Tensor loss = functional.cross_entropy(logits, labels, label_smoothing: options.LabelSmoothing);
            Tensor total = further.Aggregate(loss, (sum, head) => sum + weights.AuxiliaryWeight * functional.cross_entropy(head, labels, label_smoothing: options.LabelSmoothing));
            Tensor share = images == batch.Count ? total : total * ((double)images / batch.Count);
            share.backward();
            step._parts.Add((logits.detach().DetachFromDisposeScope(), loss.detach().DetachFromDisposeScope(), images));
        }
        weights.CollectGradients();
        return step;
    }

    /// <summary>Says which step this was.</summary>
    internal GradientStep At(long number, double rate)
    {
        (Number, Rate) = (number, rate);
        return this;
    }

    /// <summary>Mean loss and right predictions of the batch; waits for the device.</summary>
    internal (double Loss, int Right) Read()
    {
        double loss = 0;
        int right = 0, start = 0;
        foreach ((Tensor logits, Tensor partLoss, int images) in _parts)
        {
            loss += (double)partLoss.item<float>() * images / Images;
            using Tensor onCpu = logits.cpu();
            using Tensor dense = onCpu.contiguous();
            ReadOnlySpan<float> scores = MemoryMarshal.Cast<byte, float>(dense.bytes);
            int classes = scores.Length / images;
            for (int row = 0; row < images; row++)
            {
                if (ScoreCounter.Best(scores.Slice(row * classes, classes)) == _labels[start + row])
                    right++;
            }
            start += images;
        }
        return (loss, right);
    }

    public void Dispose()
    {
        foreach ((Tensor logits, Tensor loss, _) in _parts)
        {
            logits.Dispose();
            loss.Dispose();
        }
    }

    private static void CheckShape(Tensor logits, int classes)
    {
        if (logits.ndim != 2 || logits.shape[1] != classes)
            throw new ArgumentException($"The network gives [{string.Join(", ", logits.shape)}] for a batch; with {classes} classes it should be [N, {classes}].");
    }
}
