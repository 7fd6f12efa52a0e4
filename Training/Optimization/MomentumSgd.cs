using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// Stochastic gradient descent with momentum and weight decay (section 5) in either <see cref="VelocityForm"/>.
/// </summary>
/// <remarks>
/// On the CPU, float32 weights are updated in one pass over weight, gradient and velocity by as many threads as torch is set to; what
/// comes out does not depend on their number. Other weights go through torch's in-place operators. Weight decay acts on every
/// parameter, biases included, as the paper prints it. Dispose it to free its velocities.
/// </remarks>
public sealed class MomentumSgd : IDisposable
{
    private readonly List<Entry> _entries;
    private readonly double _momentum;
    private readonly double _weightDecay;
    private readonly VelocityForm _form;

    /// <summary>An optimiser whose velocities are zero. The parameters must be on their device already.</summary>
    /// <param name="parameters">What a module's named_parameters() gives: a name such as conv1.weight, and the tensor.</param>
    /// <param name="momentum">Momentum in [0, 1); the paper's is 0.9.</param>
    /// <param name="weightDecay">Weight decay, at least 0; the paper's is 5e-4.</param>
    /// <param name="form">Where the learning rate stands.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    /// <exception cref="ArgumentException">Two parameters have the same name.</exception>
    public MomentumSgd(
        IEnumerable<(string Name, Parameter Parameter)> parameters,
        double momentum = 0.9,
        double weightDecay = 5e-4,
        VelocityForm form = VelocityForm.RateInside)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (!(momentum >= 0 && momentum < 1))
            throw new ArgumentOutOfRangeException(nameof(momentum), $"Momentum {momentum} is outside [0, 1): 0.9 is the paper's.");
        if (!(weightDecay >= 0 && double.IsFinite(weightDecay)))
            throw new ArgumentOutOfRangeException(nameof(weightDecay), $"Weight decay {weightDecay}: take 0 or more, 5e-4 is the paper's.");
        if (!Enum.IsDefined(form))
            throw new ArgumentOutOfRangeException(nameof(form), $"{form} is none of RateInside, RateOutside.");
        (_momentum, _weightDecay, _form) = (momentum, weightDecay, form);
        _entries = [.. parameters.Select(pair => new Entry(pair.Name, pair.Parameter))];
        if (_entries.GroupBy(entry => entry.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Two parameters are named '{twice.Key}': give each its own name.", nameof(parameters));
    }

    /// <summary>
    /// One update from the gradients that the parameters have. Those without a gradient, and layers whose factor is 0, stay as they are, velocity
    /// included.
    /// </summary>
    /// <param name="rate">Learning rate, at least 0.</param>
    /// <param name="layerFactor">A further factor for a layer's name (conv1 for conv1.weight and conv1.bias), at least 0; null for 1 throughout.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate or a factor is negative or not finite.</exception>
    public void Step(double rate, Func<string, double>? layerFactor = null)
    {
        if (!(rate >= 0 && double.IsFinite(rate)))
            throw new ArgumentOutOfRangeException(nameof(rate), $"A learning rate of {rate}: take 0 or more.");
        using IDisposable noGradients = no_grad();
        using var scope = NewDisposeScope();
        var pass = new MomentumPass(_form, _momentum, _weightDecay);
        foreach (Entry entry in _entries)
        {
            double factor = layerFactor?.Invoke(entry.Layer) ?? 1;
            if (!(factor >= 0 && double.IsFinite(factor)))
                throw new ArgumentOutOfRangeException(nameof(layerFactor), $"A learning rate factor of {factor} for layer '{entry.Layer}': take 0 or more.");
            if (factor == 0 || entry.Parameter.grad is not { } gradient)
                continue;
            if (!pass.TryAdd(entry.Parameter, gradient, entry.Velocity, rate * factor))
                StepByOperators(entry.Parameter, gradient, entry.Velocity, rate * factor);
        }
        pass.Run(get_num_threads());
    }

    /// <summary>The velocities by their parameters' names; they live on in the optimiser, do not dispose them.</summary>
    public IEnumerable<(string Name, Tensor Velocity)> NamedVelocities() => _entries.Select(entry => (entry.Name, entry.Velocity));

    /// <summary>Sets every velocity to a copy of the given one, bit for bit.</summary>
    /// <param name="velocities">One for each parameter's name, of its shape and element type, on any device.</param>
    /// <exception cref="ArgumentException">A name is missing or unknown, or a shape or element type differs; nothing was changed then.</exception>
    public void LoadVelocities(IReadOnlyDictionary<string, Tensor> velocities)
    {
        ArgumentNullException.ThrowIfNull(velocities);
        foreach (Entry entry in _entries)
        {
            if (!velocities.TryGetValue(entry.Name, out Tensor? velocity))
                throw new ArgumentException($"There is no velocity for '{entry.Name}': the velocities belong to another network.", nameof(velocities));
            if (!velocity.shape.SequenceEqual(entry.Parameter.shape) || velocity.dtype != entry.Parameter.dtype)
                throw new ArgumentException($"The velocity of '{entry.Name}' is {velocity.dtype} [{string.Join(", ", velocity.shape)}], its parameter {entry.Parameter.dtype} [{string.Join(", ", entry.Parameter.shape)}].", nameof(velocities));
        }
        if (velocities.Count != _entries.Count)
            throw new ArgumentException($"There is a velocity for '{velocities.Keys.Except(_entries.Select(entry => entry.Name)).First()}', which the network lacks.", nameof(velocities));
        using IDisposable noGradients = no_grad();
        using var scope = NewDisposeScope();
        foreach (Entry entry in _entries)
            entry.Velocity.copy_(velocities[entry.Name]);
    }

    /// <inheritdoc/>
    public void Dispose() => _entries.ForEach(entry => entry.Dispose());

    // In place throughout: no tensor is made, only handles that the caller's scope frees.
    private void StepByOperators(Tensor weight, Tensor gradient, Tensor velocity, double rate)
    {
        velocity.mul_(_momentum);
        if (_form == VelocityForm.RateInside)
        {
            if (_weightDecay != 0)
                velocity.add_(weight, -_weightDecay * rate);
            velocity.add_(gradient, -rate);
            weight.add_(velocity);
            return;
        }
        velocity.add_(gradient);
        if (_weightDecay != 0)
            velocity.add_(weight, _weightDecay);
        weight.add_(velocity, -rate);
    }

    private sealed class Entry(string name, Parameter parameter) : IDisposable
    {
        private Tensor? _velocity;

        internal string Name => name;

        internal string Layer { get; } = name.LastIndexOf('.') is >= 0 and var dot ? name[..dot] : name;

        internal Parameter Parameter => parameter;

        // Made when first needed: layers that never get a gradient take no memory.
        internal Tensor Velocity => _velocity ??= Zeros();

        public void Dispose() => _velocity?.Dispose();

        private Tensor Zeros()
        {
            using IDisposable noGradients = no_grad();
            return zeros_like(parameter).DetachFromDisposeScope();
        }
    }
}
