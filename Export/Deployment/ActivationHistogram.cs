using AlexNetMl.Onnx;

namespace AlexNetMl.Deployment;

/// <summary>How often a tensor's values were seen, in equal bins whose width doubles when a larger value comes.</summary>
internal sealed class ActivationHistogram
{
    private const int Bins = 4096; // on either side of zero
    private const int Candidates = 80;

    private readonly long[] _positive = new long[Bins];
    private readonly long[] _negative = new long[Bins];
    private float _width = 1e-6f;
    private float _minimum;
    private float _maximum;

    /// <exception cref="OnnxFormatException">A value is not finite.</exception>
    public void Add(string tensor, ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
            {
                throw new OnnxFormatException($"'{tensor}' is {value} on a calibration picture; a network whose values are not finite cannot be held in eight bits.");
            }

            float magnitude = MathF.Abs(value);
            while (magnitude >= _width * Bins)
            {
                Double(_positive);
                Double(_negative);
                _width *= 2;
            }

            _minimum = MathF.Min(_minimum, value);
            _maximum = MathF.Max(_maximum, value);
            (value < 0 ? _negative : _positive)[Math.Min(Bins - 1, (int)(magnitude / _width))]++;
        }
    }

    /// <summary>
    /// The range whose rounding and cutting together do the least squared error: rare large values cost every other value its precision.
    /// </summary>
    public TensorRange Range()
    {
        TensorRange best = new(_minimum, _maximum);
        double least = double.PositiveInfinity;
        for (int i = 0; i < Candidates; i++)
        {
            float share = 1 - (i / (float)Candidates * 0.9f);
            var range = new TensorRange(_minimum * share, _maximum * share);
            double error = Error(_positive, range.Maximum, range) + Error(_negative, -range.Minimum, range);
            if (error < least)
            {
                (least, best) = (error, range);
            }
        }

        return best;
    }

    private double Error(long[] counts, double limit, TensorRange range)
    {
        double step = ((double)range.Maximum - range.Minimum) / 255, rounding = step * step / 12, error = 0;
        for (int bin = 0; bin < Bins; bin++)
        {
            // Zero itself, most of what a rectifier gives, has no error in either way.
            double value = (bin + 0.5) * _width, beyond = value - limit;
            error += counts[bin] * (bin == 0 ? 0 : beyond > 0 ? beyond * beyond : rounding);
        }

        return error;
    }

    private static void Double(long[] counts)
    {
        for (int i = 0; i < Bins / 2; i++)
        {
            counts[i] = counts[2 * i] + counts[(2 * i) + 1];
        }

        Array.Clear(counts, Bins / 2, Bins / 2);
    }
}
