using TorchSharp.Utils;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>Several modules over the same input whose results are joined: a residual block, an inception module, a gate.</summary>
/// <example>
/// A residual block with an identity shortcut:
/// <code>
/// new Branches(new Sum(), ("layers", Sequential(...)), ("shortcut", Identity()))
/// </code>
/// </example>
public sealed class Branches : nn.Module<Tensor, Tensor>
{
    private readonly (string Name, nn.Module<Tensor, Tensor> Module)[] _members;

    /// <summary>Takes the modules over.</summary>
    /// <param name="join">What becomes of the results, in the order of the branches.</param>
    /// <param name="branches">Two branches or more; names unique, without dots.</param>
    /// <exception cref="ArgumentException">Fewer than two branches, or two of one name.</exception>
    public Branches(Join join, params IReadOnlyList<(string Name, nn.Module<Tensor, Tensor> Module)> branches)
        : base(nameof(Branches))
    {
        ArgumentNullException.ThrowIfNull(join);
        ArgumentNullException.ThrowIfNull(branches);
        if (branches.Count < 2)
            throw new ArgumentException($"{branches.Count} branches were given, but joining takes two or more.", nameof(branches));
        if (branches.Select(branch => branch.Name).Distinct(StringComparer.Ordinal).Count() < branches.Count)
            throw new ArgumentException($"The branches are named {string.Join(", ", branches.Select(branch => branch.Name))}; give each its own name.", nameof(branches));
        Join = join;
        _members = [.. branches];
        foreach ((string name, nn.Module<Tensor, Tensor> module) in branches)
            register_module(name, module);
    }

    /// <summary>What becomes of the results.</summary>
    [field: ComponentName(Name = "join")]
    public Join Join { get; }

    /// <summary>The branches in order, with their names.</summary>
    public IReadOnlyList<(string Name, nn.Module<Tensor, Tensor> Module)> Members => _members;

    /// <summary>Runs every branch over the input and joins the results.</summary>
    /// <param name="input">What the branches take.</param>
    /// <returns>What the join gives.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor[] results = Array.ConvertAll(_members, member => member.Module.call(input));
        return Join.call(results).MoveToOuterDisposeScope();
    }
}
