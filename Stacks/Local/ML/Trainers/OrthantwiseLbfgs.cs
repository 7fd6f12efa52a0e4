using System.Numerics.Tensors;

namespace Microsoft.ML.Trainers;

/// <summary>
/// Limited-memory BFGS for a smooth convex function plus an L1 penalty (Andrew and Gao, Scalable Training of L1-Regularized Log-Linear Models, 2007);
/// without the penalty it is plain L-BFGS with backtracking.
/// </summary>
internal sealed class OrthantwiseLbfgs
{
    private const double SufficientDecrease = 1e-4;
    private const int MostHalvings = 40;

    // Weight of the past in the mean improvement that must stay above the tolerance, as in the real trainer.
    private const double Forgetting = 0.25;

    private readonly List<(double[] Step, double[] Change, double Product)> _history = [];

    /// <summary>Gives the value at a point and writes its gradient.</summary>
    internal required Func<double[], double[], double> Function { get; init; }

    /// <summary>Weight of the L1 penalty; the first <see cref="Free"/> variables have none.</summary>
    internal double L1 { get; init; }

    internal int Free { get; init; }

    internal bool NonNegative { get; init; }

    internal int HistorySize { get; init; }

    internal double Tolerance { get; init; }

    internal int MaximumIterations { get; init; }

    internal double[] Minimize(double[] start)
    {
        double[] x = start;
        var gradient = new double[x.Length];
        double value = Function(x, gradient) + Penalty(x);
        double improvement = 0;
        for (int iteration = 0; iteration < MaximumIterations; iteration++)
        {
            double[] slope = Slope(x, gradient);
            double norm = TensorPrimitives.Norm<double>(slope);
            if (norm == 0)
            {
                break;
            }
            double[] direction = Direction(slope);
            double step = _history.Count == 0 ? 1 / norm : 1;
            var nextGradient = new double[x.Length];
            if (Search(x, value, slope, direction, step, nextGradient) is not { } next)
            {
                if (_history.Count == 0)
                {
                    break;
                }
                _history.Clear();
                continue;
            }
            Remember(x, gradient, next.Point, nextGradient);
            improvement = value - next.Value + (Forgetting * improvement);
            (x, value, gradient) = (next.Point, next.Value, nextGradient);
            if (improvement * (1 - Forgetting) < Tolerance)
            {
                break;
            }
        }
        return x;
    }

    private double Penalty(double[] x) => L1 == 0 ? 0 : L1 * TensorPrimitives.SumOfMagnitudes<double>(x.AsSpan(Free));

    /// <summary>The gradient with the penalty's; at 0, where that has none, the one-sided slope that goes down, or 0.</summary>
    private double[] Slope(double[] x, double[] gradient)
    {
        double[] slope = [.. gradient];
        for (int i = Free; i < x.Length; i++)
        {
            double rising = gradient[i] + L1;
            double falling = gradient[i] - L1;
            slope[i] = x[i] > 0 ? rising : x[i] < 0 ? falling : rising < 0 ? rising : falling > 0 ? falling : 0;
            if (NonNegative && x[i] <= 0 && slope[i] > 0)
            {
                slope[i] = 0;
            }
        }
        return slope;
    }

    private double[] Direction(double[] slope)
    {
        var direction = new double[slope.Length];
        TensorPrimitives.Negate<double>(slope, direction);
        var shares = new double[_history.Count];
        for (int i = _history.Count - 1; i >= 0; i--)
        {
            shares[i] = TensorPrimitives.Dot<double>(_history[i].Step, direction) / _history[i].Product;
            TensorPrimitives.MultiplyAdd(_history[i].Change, -shares[i], direction, direction);
        }
        if (_history.Count > 0)
        {
            (_, double[] change, double product) = _history[^1];
            TensorPrimitives.Multiply(direction, product / TensorPrimitives.SumOfSquares<double>(change), direction);
        }
        for (int i = 0; i < _history.Count; i++)
        {
            double share = TensorPrimitives.Dot<double>(_history[i].Change, direction) / _history[i].Product;
            TensorPrimitives.MultiplyAdd(_history[i].Step, shares[i] - share, direction, direction);
        }
        for (int i = Free; i < direction.Length && (L1 > 0 || NonNegative); i++)
        {
            if (direction[i] * slope[i] >= 0)
            {
                direction[i] = 0;
            }
        }
        return direction;
    }

    private (double[] Point, double Value)? Search(double[] x, double value, double[] slope, double[] direction, double step, double[] gradient)
    {
        if (TensorPrimitives.Dot<double>(direction, slope) >= 0)
        {
            return null;
        }
        var point = new double[x.Length];
        var moved = new double[x.Length];
        for (int i = 0; i < MostHalvings; i++, step /= 2)
        {
            TensorPrimitives.MultiplyAdd(direction, step, x, point);
            StayInOrthant(x, slope, point);
            double there = Function(point, gradient) + Penalty(point);
            TensorPrimitives.Subtract<double>(point, x, moved);
            if (there <= value + (SufficientDecrease * TensorPrimitives.Dot<double>(moved, slope)))
            {
                return (point, there);
            }
        }
        return null;
    }

    /// <summary>A variable that would change its sign stops at 0.</summary>
    private void StayInOrthant(double[] x, double[] slope, double[] point)
    {
        for (int i = Free; i < point.Length && (L1 > 0 || NonNegative); i++)
        {
            double side = x[i] != 0 ? x[i] : -slope[i];
            if ((L1 > 0 && point[i] * side <= 0) || (NonNegative && point[i] < 0))
            {
                point[i] = 0;
            }
        }
    }

    private void Remember(double[] x, double[] gradient, double[] next, double[] nextGradient)
    {
        var step = new double[x.Length];
        var change = new double[x.Length];
        TensorPrimitives.Subtract<double>(next, x, step);
        TensorPrimitives.Subtract<double>(nextGradient, gradient, change);
        double product = TensorPrimitives.Dot<double>(step, change);
        if (product <= 1e-14 * TensorPrimitives.SumOfSquares<double>(change))
        {
            return;
        }
        if (_history.Count == HistorySize)
        {
            _history.RemoveAt(0);
        }
        _history.Add((step, change, product));
    }
}
