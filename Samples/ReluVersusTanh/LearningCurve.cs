using System.Runtime.InteropServices;
using AlexNetMl.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Samples.ReluVersusTanh;

/// <summary>How fast one network learns: training error over steps, until it has come down to the target.</summary>
/// <param name="Activation">The nonlinearity.</param>
/// <param name="LearningRate">The learning rate.</param>
/// <param name="Points">Steps done, and the share of wrong predictions over the pictures of the last <see cref="WindowSteps"/> steps.</param>
/// <param name="StepsToTarget">The step that reached the target; null where none did.</param>
internal sealed record LearningCurve(AlexNetActivation Activation, double LearningRate, IReadOnlyList<(double Step, double Error)> Points, int? StepsToTarget)
{
    /// <summary>Steps that a point of the curve looks back over.</summary>
    public const int WindowSteps = 50;

    private const int PointEvery = 10;

    /// <summary>Trains from the same weights over the same order of pictures; no regularisation of any kind (section 3.1).</summary>
    /// <param name="give">Steps after which there is no use in going on.</param>
    public static LearningCurve Measure(AlexNetActivation activation, double learningRate, LabeledPixels data, FigureOptions options, int give, Action<int, double> progress, CancellationToken cancellationToken)
    {
        using var network = new FourLayerNet(new FourLayerOptions { Classes = 10, Side = data.Side, Activation = activation, Seed = options.Seed });
        using var optimizer = new MomentumSgd(network.named_parameters().Select(pair => (pair.name, pair.parameter)), momentum: 0.9, weightDecay: 0, VelocityForm.RateInside);
        using Tensor inputs = empty([options.BatchSize, 3, data.Side, data.Side]), labels = empty([options.BatchSize], dtype: ScalarType.Int64);
        (float mean, float deviation) = Statistics(data);
        var random = new Random(options.Seed);
        int[] order = [.. Enumerable.Range(0, data.Count)];
        int at = order.Length;
        var wrong = new Queue<int>();
        var points = new List<(double, double)>();
        network.train(true);
        for (int step = 1; step <= give; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (at + options.BatchSize > order.Length)
            {
                random.Shuffle(order);
                at = 0;
            }

            Fill(inputs, labels, data, order.AsSpan(at, options.BatchSize), mean, deviation);
            at += options.BatchSize;
            wrong.Enqueue(Step(network, optimizer, inputs, labels, learningRate));
            if (wrong.Count > WindowSteps)
            {
                wrong.Dequeue();
            }

            double error = (double)wrong.Sum() / (wrong.Count * options.BatchSize);
            if (step % PointEvery == 0)
            {
                points.Add((step, error));
                progress(step, error);
            }

            if (wrong.Count == WindowSteps && error <= options.ResolvedTarget)
            {
                points.Add((step, error));
                return new LearningCurve(activation, learningRate, points, step);
            }
        }

        return new LearningCurve(activation, learningRate, points, null);
    }

    private static int Step(nn.Module<Tensor, Tensor> network, MomentumSgd optimizer, Tensor inputs, Tensor labels, double rate)
    {
        using var scope = NewDisposeScope();
        network.zero_grad();
        Tensor logits = network.call(inputs);
        Tensor loss = nn.functional.cross_entropy(logits, labels);
        loss.backward();
        optimizer.Step(rate);
        return (int)(labels.shape[0] - logits.argmax(1).eq(labels).sum().item<long>());
    }

    private static void Fill(Tensor inputs, Tensor labels, LabeledPixels data, ReadOnlySpan<int> pictures, float mean, float deviation)
    {
        Span<float> values = MemoryMarshal.Cast<byte, float>(inputs.bytes);
        Span<long> truth = MemoryMarshal.Cast<byte, long>(labels.bytes);
        for (int i = 0; i < pictures.Length; i++)
        {
            ReadOnlySpan<byte> pixels = data.Pixels.AsSpan(pictures[i] * data.PictureLength, data.PictureLength);
            Span<float> target = values.Slice(i * data.PictureLength, data.PictureLength);
            for (int p = 0; p < pixels.Length; p++)
            {
                target[p] = (pixels[p] - mean) / deviation;
            }

            truth[i] = data.Labels[pictures[i]];
        }
    }

    private static (float Mean, float Deviation) Statistics(LabeledPixels data)
    {
        long sum = 0, squares = 0;
        foreach (byte pixel in data.Pixels)
        {
            sum += pixel;
            squares += pixel * pixel;
        }

        double mean = (double)sum / data.Pixels.Length;
        return ((float)mean, (float)Math.Sqrt(((double)squares / data.Pixels.Length) - (mean * mean)));
    }
}
