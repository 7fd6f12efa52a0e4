using System.Numerics.Tensors;
using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>
/// The mean loss of a softmax over linear scores, plus the L2 penalty. Variables: the biases of all classes, then each class's weights.
/// </summary>
internal sealed class MaximumEntropyLoss
{
    private readonly List<float[]> _features = [];
    private readonly List<int> _labels = [];
    private readonly List<float> _weights = [];
    private readonly int _classes;
    private readonly int _inputs;
    private readonly double _l2;
    private readonly int _threads;
    private double _weightSum;

    internal MaximumEntropyLoss(int classes, int inputs, double l2, int threads)
    {
        _classes = classes;
        _inputs = inputs;
        _l2 = l2;
        _threads = threads;
    }

    internal int Rows => _labels.Count;

    internal int Skipped { get; private set; }

    /// <summary>Takes in all rows that have a label, a positive weight and finite features.</summary>
    internal void Read(IDataView data, DataViewSchema.Column features, DataViewSchema.Column label, DataViewSchema.Column? weight)
    {
        using DataViewRowCursor cursor = data.GetRowCursor(weight is { } given ? [features, label, given] : [features, label]);
        ValueGetter<VBuffer<float>> getFeatures = cursor.GetGetter<VBuffer<float>>(features);
        ValueGetter<uint> getLabel = cursor.GetGetter<uint>(label);
        ValueGetter<float> getWeight = weight is { } column ? cursor.GetGetter<float>(column) : (ref float value) => value = 1;
        VBuffer<float> buffer = default;
        uint key = 0;
        float rowWeight = 1;
        while (cursor.MoveNext())
        {
            getLabel(ref key);
            getWeight(ref rowWeight);
            getFeatures(ref buffer);
            var row = new float[buffer.Length];
            buffer.CopyTo(row);
            if (key == 0 || key > _classes || !(rowWeight > 0) || !float.IsFinite(rowWeight) || Array.Exists(row, value => !float.IsFinite(value)))
            {
                Skipped++;
                continue;
            }
            _features.Add(row);
            _labels.Add((int)key - 1);
            _weights.Add(rowWeight);
            _weightSum += rowWeight;
        }
    }

    internal double Evaluate(double[] x, double[] gradient)
    {
        float[] point = Array.ConvertAll(x, value => (float)value);
        int chunks = Math.Clamp(Rows / 10, 1, _threads);
        var losses = new double[chunks];
        var gradients = new float[chunks][];
        Parallel.For(0, chunks, chunk =>
        {
            gradients[chunk] = new float[x.Length];
            losses[chunk] = Accumulate(point, gradients[chunk], (int)((long)Rows * chunk / chunks), (int)((long)Rows * (chunk + 1) / chunks));
        });
        for (int i = 0; i < gradient.Length; i++)
        {
            double sum = i < _classes ? 0 : _l2 * x[i];
            foreach (float[] part in gradients)
            {
                sum += part[i];
            }
            gradient[i] = sum / _weightSum;
        }
        return (losses.Sum() + (_l2 / 2 * TensorPrimitives.SumOfSquares<double>(x.AsSpan(_classes)))) / _weightSum;
    }

    private double Accumulate(float[] point, float[] gradient, int first, int last)
    {
        double loss = 0;
        var scores = new float[_classes];
        for (int row = first; row < last; row++)
        {
            float[] features = _features[row];
            for (int c = 0; c < _classes; c++)
            {
                scores[c] = point[c] + TensorPrimitives.Dot<float>(features, point.AsSpan(_classes + (c * _inputs), _inputs));
            }
            float most = scores.Max();
            double sum = 0;
            foreach (float score in scores)
            {
                sum += Math.Exp(score - most);
            }
            double logSum = most + Math.Log(sum);
            int label = _labels[row];
            loss += _weights[row] * (logSum - scores[label]);
            for (int c = 0; c < _classes; c++)
            {
                float share = _weights[row] * (float)(Math.Exp(scores[c] - logSum) - (c == label ? 1 : 0));
                gradient[c] += share;
                Span<float> part = gradient.AsSpan(_classes + (c * _inputs), _inputs);
                TensorPrimitives.MultiplyAdd(features, share, part, part);
            }
        }
        return loss;
    }
}
