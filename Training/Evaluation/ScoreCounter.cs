using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>Adds up loss, right predictions and confusions, batch by batch.</summary>
internal sealed class ScoreCounter(int classes)
{
    private readonly long[][] _confusion = [.. Enumerable.Range(0, classes).Select(_ => new long[classes])];
    private double _loss;
    private long _top1;
    private long _top5;

    internal int Images { get; private set; }

    internal double Loss => _loss / Images;

    internal double Top1 => (double)_top1 / Images;

    internal double Top5 => (double)_top5 / Images;

    internal IReadOnlyList<IReadOnlyList<long>> Confusion => _confusion;

    /// <summary>Adds a batch.</summary>
    /// <param name="logits">Scores <c>[N, classes]</c>.</param>
    /// <param name="labels">Labels on the CPU <c>[N]</c>.</param>
    /// <param name="meanLoss">Mean loss of the batch.</param>
    internal void Add(Tensor logits, Tensor labels, double meanLoss)
    {
        using Tensor detached = logits.detach();
        using Tensor onCpu = detached.cpu();
        using Tensor dense = onCpu.contiguous();
        ReadOnlySpan<float> scores = MemoryMarshal.Cast<byte, float>(dense.bytes);
        ReadOnlySpan<long> truth = MemoryMarshal.Cast<byte, long>(labels.bytes);
        for (int row = 0; row < truth.Length; row++)
            Add(scores.Slice(row * classes, classes), (int)truth[row]);
        _loss += meanLoss * truth.Length;
    }

    private void Add(ReadOnlySpan<float> scores, int truth)
    {
        int best = 0, above = 0;
        for (int c = 0; c < scores.Length; c++)
        {
            if (scores[c] > scores[best])
                best = c;
            if (scores[c] > scores[truth] || (scores[c] == scores[truth] && c < truth))
                above++;
        }
        Images++;
        _confusion[truth][best]++;
        if (above == 0)
            _top1++;
        if (above < 5)
            _top5++;
    }
}
