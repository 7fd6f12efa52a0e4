using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Disposes the results of a network's steps as soon as no later step takes them.</summary>
internal sealed class StepLifetimes
{
    private readonly int[] _lastUse;

    public StepLifetimes(NetworkSteps network)
    {
        _lastUse = new int[network.Steps.Count];
        for (int i = 0; i < _lastUse.Length; i++)
        {
            foreach (int input in network.Steps[i].Inputs.Where(input => input >= 0))
                _lastUse[input] = i;
        }

        if (network.Result >= 0)
            _lastUse[network.Result] = _lastUse.Length;
    }

    /// <summary>Disposes what no step behind <paramref name="step"/> takes.</summary>
    /// <param name="values">The steps' results; those that are disposed become null.</param>
    /// <param name="tensorOf">A result's tensor.</param>
    /// <param name="step">The step that ran last.</param>
    public void End<T>(T?[] values, Func<T, Tensor> tensorOf, int step)
        where T : class
    {
        for (int i = 0; i <= step; i++)
        {
            if (_lastUse[i] > step || values[i] is not { } value)
                continue;

            // A module that works in place, or changes nothing, gives back its input: one tensor under two steps.
            values[i] = null;
            if (!Array.Exists(values, other => other is not null && ReferenceEquals(tensorOf(other), tensorOf(value))))
                tensorOf(value).Dispose();
        }
    }
}
