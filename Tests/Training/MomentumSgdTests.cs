using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

/// <summary>Both update rules against float64 loops written from their formulas.</summary>
[TestClass]
public sealed class MomentumSgdTests
{
    private const double Momentum = 0.9, Decay = 5e-4;
    private static readonly double[] Rates = [0.1, 0.1, 0.1, 0.01, 0.01, 0.001];     // drops at steps 4 and 6

    [TestMethod]
    [DataRow(VelocityForm.RateInside, 1)]
    [DataRow(VelocityForm.RateInside, 140_001)]
    [DataRow(VelocityForm.RateOutside, 19)]
    [DataRow(VelocityForm.RateOutside, 140_001)]
    public void EqualsFloat64(VelocityForm form, int length)
    {
        using var run = new Run(form, length);
        double[] w = [.. run.Start.Select(value => (double)value)], v = new double[length];
        foreach ((double rate, int step) in Rates.Select((rate, step) => (rate, step)))
        {
            float[] g = Run.Gradient(length, step);
            run.Step(rate, g);
            for (int i = 0; i < length; i++)
            {
                if (form == VelocityForm.RateInside)
                {
                    v[i] = Momentum * v[i] - Decay * rate * w[i] - rate * g[i];
                    w[i] += v[i];
                }
                else
                {
                    v[i] = Momentum * v[i] + g[i] + Decay * w[i];
                    w[i] -= rate * v[i];
                }
            }
            Assert.IsLessThan(1e-6, Given.RelativeDifference(w, run.Weights), $"weights after step {step + 1}");
            Assert.IsLessThan(1e-6, Given.RelativeDifference(v, run.Velocities), $"velocities after step {step + 1}");
        }
    }

    [TestMethod]
    public void TheTwoFormsPartExactlyWhereTheRateDrops()
    {
        const int Length = 4099;
        using Run inside = new(VelocityForm.RateInside, Length), outside = new(VelocityForm.RateOutside, Length);
        for (int step = 0; step < Rates.Length; step++)
        {
            float[] g = Run.Gradient(Length, step), velocityBefore = inside.Velocities;
            double[] gapBefore = [.. inside.Weights.Zip(outside.Weights, (a, b) => (double)a - b)];
            inside.Step(Rates[step], g);
            outside.Step(Rates[step], g);
            float[] a = inside.Weights, b = outside.Weights;
            if (step < 3)
            {
                Assert.IsLessThan(1e-6, Given.RelativeDifference([.. a.Select(value => (double)value)], b), $"apart before the drop, at step {step + 1}");
                continue;
            }
            if (step > 3)
                continue;
            // At the drop by ten, torch's form scales what it has gathered down with the rate: the paper's velocity keeps nine tenths of
            // m·v that torch's loses.
            for (int i = 0; i < Length; i++)
                Assert.AreEqual(0.9 * Momentum * velocityBefore[i], a[i] - b[i] - gapBefore[i], 1e-6, $"[{i}]");
            Assert.IsGreaterThan(0.01, velocityBefore.Max(Math.Abs));
        }
    }

    [TestMethod]
    public void RateOutsideIsTorchsSgd()
    {
        const int Length = 33_333;
        using Run ours = new(VelocityForm.RateOutside, Length), torchs = new(VelocityForm.RateOutside, Length);
        using SGD sgd = optim.SGD([torchs.Parameter], Rates[0], Momentum, weight_decay: Decay);
        for (int step = 0; step < Rates.Length; step++)
        {
            ours.Step(Rates[step], Run.Gradient(Length, step));
            torchs.SetGradient(Run.Gradient(Length, step));
            foreach (var group in sgd.ParamGroups)
                group.LearningRate = Rates[step];
            sgd.step();
            Assert.IsLessThan(5e-7, Given.RelativeDifference([.. torchs.Weights.Select(value => (double)value)], ours.Weights), $"step {step + 1}");
        }
    }

    [TestMethod]
    [DataRow(VelocityForm.RateInside)]
    [DataRow(VelocityForm.RateOutside)]
    public void OtherElementTypesGoThroughTorchsOperators(VelocityForm form)
    {
        const int Length = 501;
        using Run single = new(form, Length), twofold = new(form, Length, ScalarType.Float64);
        for (int step = 0; step < Rates.Length; step++)
        {
            single.Step(Rates[step], Run.Gradient(Length, step));
            twofold.Step(Rates[step], Run.Gradient(Length, step));
        }
        Assert.IsLessThan(1e-6, Given.RelativeDifference(twofold.Doubles, single.Weights));
    }

    [TestMethod]
    public void ResultsDependNeitherOnThreadsNorOnTheOrderOfMemory()
    {
        const int Length = 300_003;
        int before = get_num_threads();
        try
        {
            var results = new List<byte[]>();
            foreach (int threads in new[] { 1, 2, 5 })
            {
                set_num_threads(threads);
                using var run = new Run(VelocityForm.RateInside, Length);
                for (int step = 0; step < 3; step++)
                    run.Step(Rates[step], Run.Gradient(Length, step));
                results.Add(run.Parameter.bytes.ToArray());
            }
            CollectionAssert.AreEqual(results[0], results[1]);
            CollectionAssert.AreEqual(results[0], results[2]);
        }
        finally
        {
            set_num_threads(before);
        }

        // A transposed weight is not contiguous: torch's operators update it, and it must come out the same up to rounding.
        using var scope = NewDisposeScope();
        Tensor start = Given.Tensor(Given.Uniform(60, 1, 1), 6, 10), gradient = Given.Tensor(Given.Uniform(60, 1, 2), 6, 10);
        Parameter plain = nn.Parameter(start.clone()), turned = nn.Parameter(start.t().contiguous().t());
        Assert.IsFalse(turned.is_contiguous());
        foreach (Parameter parameter in new[] { plain, turned })
        {
            using var optimizer = new MomentumSgd([("w", parameter)], Momentum, Decay);
            parameter.grad = gradient.clone();
            optimizer.Step(0.1);
            optimizer.Step(0.1);
        }
        Assert.IsLessThan(1e-6, Given.RelativeDifference([.. Given.Floats(plain).Select(value => (double)value)], Given.Floats(turned)));
    }

    [TestMethod]
    public void AFactorScalesOneLayersRateAndZeroFreezesIt()
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = [.. Enumerable.Range(0, 4).Select(_ => nn.Parameter(torch.ones(40)))];
        string[] names = ["conv1.weight", "conv1.bias", "block.conv2.weight", "fc8.weight"];
        using var optimizer = new MomentumSgd(names.Zip(parameters), Momentum, Decay);
        foreach (Parameter parameter in parameters)
            parameter.grad = torch.ones(40);
        optimizer.Step(0.1);
        float[] moved = Given.Floats(parameters[0]);
        optimizer.Step(0.1, layer => layer switch { "conv1" => 0, "block.conv2" => 0.5, _ => 1 });
        CollectionAssert.AreEqual(moved, Given.Floats(parameters[0]));      // its velocity would have moved it
        CollectionAssert.AreEqual(moved, Given.Floats(parameters[1]));
        float first = 1 - 0.1f * (1 + 0.0005f), velocity = first - 1;
        Assert.AreEqual(first + 0.9f * velocity - 0.05f * (1 + 0.0005f * first), Given.Floats(parameters[2])[0], 1e-6f);
        Assert.AreEqual(first + 0.9f * velocity - 0.1f * (1 + 0.0005f * first), Given.Floats(parameters[3])[0], 1e-6f);
    }

    [TestMethod]
    public void WhatHasNoGradientStays()
    {
        using var scope = NewDisposeScope();
        Parameter still = nn.Parameter(torch.ones(5)), moving = nn.Parameter(torch.ones(5));
        using var optimizer = new MomentumSgd([("still", still), ("moving", moving)], Momentum, Decay);
        moving.grad = torch.ones(5);
        optimizer.Step(0.1);
        CollectionAssert.AreEqual(new float[] { 1, 1, 1, 1, 1 }, Given.Floats(still));
        Assert.AreNotEqual(1f, Given.Floats(moving)[0]);
    }

    [TestMethod]
    public void VelocitiesComeBackBitForBit()
    {
        const int Length = 5000;
        using Run whole = new(VelocityForm.RateInside, Length), first = new(VelocityForm.RateInside, Length), second = new(VelocityForm.RateInside, Length);
        for (int step = 0; step < 4; step++)
            whole.Step(Rates[step], Run.Gradient(Length, step));
        for (int step = 0; step < 2; step++)
            first.Step(Rates[step], Run.Gradient(Length, step));
        using (no_grad())
            second.Parameter.copy_(first.Parameter);
        second.Optimizer.LoadVelocities(first.Optimizer.NamedVelocities().ToDictionary(pair => pair.Name, pair => pair.Velocity));
        for (int step = 2; step < 4; step++)
            second.Step(Rates[step], Run.Gradient(Length, step));
        CollectionAssert.AreEqual(whole.Weights, second.Weights);
    }

    [TestMethod]
    public void ForeignVelocitiesAreRefused()
    {
        using var run = new Run(VelocityForm.RateInside, 8);
        using var scope = NewDisposeScope();
        Assert.Contains("no velocity for 'layer.weight'", Refused([]));
        Assert.Contains("[7]", Refused(new() { ["layer.weight"] = zeros(7) }));
        Assert.Contains("Float64", Refused(new() { ["layer.weight"] = zeros([8], ScalarType.Float64) }));
        Assert.Contains("'more'", Refused(new() { ["layer.weight"] = zeros(8), ["more"] = zeros(1) }));

        string Refused(Dictionary<string, Tensor> velocities) => Assert.ThrowsExactly<ArgumentException>(() => run.Optimizer.LoadVelocities(velocities)).Message;
    }

    [TestMethod]
    public void ValuesAreChecked()
    {
        using Parameter parameter = nn.Parameter(zeros(2));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new MomentumSgd([("w", parameter)], momentum: 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new MomentumSgd([("w", parameter)], weightDecay: -1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new MomentumSgd([("w", parameter)], form: (VelocityForm)7));
        Assert.ThrowsExactly<ArgumentException>(() => new MomentumSgd([("w", parameter), ("w", parameter)]));
        using var optimizer = new MomentumSgd([("w", parameter)]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => optimizer.Step(double.NaN));
        Assert.Contains("'w'", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => optimizer.Step(0.1, _ => -1)).Message);
    }

    [TestMethod]
    public void StepsLeaveNoTensorsBehind()
    {
        using var run = new Run(VelocityForm.RateInside, 100);
        using var other = new Run(VelocityForm.RateInside, 100, ScalarType.Float64);
        run.Step(0.1, Run.Gradient(100, 0));
        other.Step(0.1, Run.Gradient(100, 0));
        long before = Given.TensorCount();
        for (int step = 0; step < 10; step++)
        {
            run.Optimizer.Step(0.1);
            other.Optimizer.Step(0.1);
        }
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    private sealed class Run : IDisposable
    {
        public Run(VelocityForm form, int length, ScalarType type = ScalarType.Float32)
        {
            Start = [.. Given.Uniform(length, 1, 100).Select(value => (float)value)];
            using Tensor start = tensor(Start);
            Parameter = nn.Parameter(start.to(type, copy: true));
            Optimizer = new MomentumSgd([("layer.weight", Parameter)], Momentum, Decay, form);
        }

        public float[] Start { get; }

        public Parameter Parameter { get; }

        public MomentumSgd Optimizer { get; }

        public float[] Weights => Given.Floats(Parameter);

        public double[] Doubles => MemoryMarshal.Cast<byte, double>(Parameter.bytes).ToArray();

        public float[] Velocities => Given.Floats(Optimizer.NamedVelocities().Single().Velocity);

        public static float[] Gradient(int length, int step) => [.. Given.Uniform(length, 1, step).Select(value => (float)value)];

        public void SetGradient(float[] gradient)
        {
            using Tensor values = tensor(gradient);
            Parameter.grad = values.to(Parameter.dtype, copy: true);
        }

        public void Step(double rate, float[] gradient)
        {
            SetGradient(gradient);
            Optimizer.Step(rate);
        }

        public void Dispose()
        {
            Optimizer.Dispose();
            Parameter.Dispose();
        }
    }
}
