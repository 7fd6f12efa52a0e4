using System.Collections.Immutable;

namespace AlexNetMl.Export;

/// <summary>Turns one ONNX node into modules, through the methods of what it is given.</summary>
/// <param name="node">The node: its attributes, what it takes, and where its results go.</param>
public delegate void OnnxOperatorBuilder(OnnxNodeImport node);

/// <summary>Which operators can be imported, and how. Immutable: <see cref="With"/> returns a larger registry.</summary>
/// <example>
/// An operator that doubles its input:
/// <code>
/// var operators = OnnxOperatorRegistry.Default.With("Twice", node => node.Result(new Twice(), node.Input(0).Shape));
/// OnnxImporter.Import("model.onnx", new() { Operators = operators });
/// </code>
/// </example>
public sealed class OnnxOperatorRegistry
{
    private readonly ImmutableDictionary<string, OnnxOperatorBuilder> _builders;

    private OnnxOperatorRegistry(ImmutableDictionary<string, OnnxOperatorBuilder> builders) => _builders = builders;

    /// <summary>The operators of image networks, opsets 7 to 21; older ones where the form is the same.</summary>
    public static OnnxOperatorRegistry Default { get; } = BuiltInOperators.AddTo(new OnnxOperatorRegistry(ImmutableDictionary<string, OnnxOperatorBuilder>.Empty));

    /// <summary>The operators that have a builder.</summary>
    public IEnumerable<string> OpTypes => _builders.Keys.Where(key => !key.StartsWith(GraphPatterns.Domain, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    /// <summary>This registry with one more operator, or with another builder for one that it has.</summary>
    /// <param name="opType">The operator's name; of another domain than ONNX's own, <c>domain::name</c>.</param>
    /// <param name="builder">Builds its modules.</param>
    public OnnxOperatorRegistry With(string opType, OnnxOperatorBuilder builder)
    {
        ArgumentException.ThrowIfNullOrEmpty(opType);
        ArgumentNullException.ThrowIfNull(builder);
        return new OnnxOperatorRegistry(_builders.SetItem(opType, builder));
    }

    internal OnnxOperatorBuilder? Find(string opType) => _builders.GetValueOrDefault(opType);
}
