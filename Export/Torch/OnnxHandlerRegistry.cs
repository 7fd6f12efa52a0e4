using System.Collections.Immutable;
using AlexNetMl.Training;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Writes the ONNX nodes of one module.</summary>
/// <typeparam name="TModule">The module's type.</typeparam>
/// <param name="module">The module, in evaluation mode.</param>
/// <param name="input">Its input.</param>
/// <param name="context">Takes nodes and weights.</param>
/// <returns>
/// Its result: what <see cref="OnnxModuleContext.Result"/> returned, or <paramref name="input"/> where the module does nothing in use.
/// </returns>
public delegate OnnxValue OnnxModuleHandler<in TModule>(TModule module, OnnxValue input, OnnxModuleContext context)
    where TModule : nn.Module<Tensor, Tensor>;

/// <summary>Writes the ONNX nodes of a <see cref="Join"/>.</summary>
/// <typeparam name="TJoin">The join's type.</typeparam>
/// <param name="join">The join.</param>
/// <param name="inputs">What it joins, two or more.</param>
/// <param name="context">Takes nodes and constants.</param>
/// <returns>Its result: what <see cref="OnnxModuleContext.Result"/> returned.</returns>
public delegate OnnxValue OnnxJoinHandler<in TJoin>(TJoin join, IReadOnlyList<OnnxValue> inputs, OnnxModuleContext context)
    where TJoin : Join;

/// <summary>Which module types can be exported, and how. Immutable: <see cref="With"/> returns a larger registry.</summary>
/// <remarks>
/// A handler serves exactly the type it is registered for, not types derived from it: a derived class may compute something else.
/// <see cref="TorchSharp.Modules.Sequential"/> and classes derived from it that keep its forward need no handler, their members are
/// exported one by one; so are those of <see cref="Branches"/> and <see cref="GraphNetwork"/>.
/// </remarks>
/// <example>
/// A module that doubles its input, <c>sealed class Twice : Module&lt;Tensor, Tensor&gt;</c>:
/// <code>
/// var handlers = OnnxHandlerRegistry.Default.With&lt;Twice&gt;((module, input, context) =>
///     context.Result("Mul", [input.Name, context.Constant("two", [], new float[] { 2 })], input.RowShape));
/// OnnxExporter.Export(network, "model.onnx", options with { Handlers = handlers });
/// </code>
/// </example>
public sealed class OnnxHandlerRegistry
{
    private readonly ImmutableDictionary<Type, Handler> _handlers;

    private OnnxHandlerRegistry(ImmutableDictionary<Type, Handler> handlers) => _handlers = handlers;

    private delegate OnnxValue Handler(nn.Module module, IReadOnlyList<OnnxValue> inputs, OnnxModuleContext context);

    /// <summary>
    /// Conv1d to 3d, Linear, Flatten, Unflatten; ReLU, ReLU6, LeakyReLU, PReLU, ELU, SiLU, GELU, Sigmoid, Hardsigmoid, Hardswish, Tanh, Softmax,
    /// LogSoftmax; LocalResponseNorm (TorchSharp's and Training's), BatchNorm1d to 3d, LayerNorm, GroupNorm; MaxPool1d to 3d, AvgPool1d to 3d,
    /// AdaptiveAvgPool1d to 3d, AdaptiveMaxPool2d; ZeroPad2d, ConstantPad1d to 3d; Dropout, Dropout1d to 3d, Identity; the joins Sum,
    /// Product and Concatenation.
    /// </summary>
    public static OnnxHandlerRegistry Default { get; } = BuiltInHandlers.AddTo(new OnnxHandlerRegistry(ImmutableDictionary<Type, Handler>.Empty));

    /// <summary>The module types that have a handler.</summary>
    public IEnumerable<Type> ModuleTypes => _handlers.Keys;

    /// <summary>This registry with one more handler, or with another one for a type that has one.</summary>
    /// <typeparam name="TModule">The module's type.</typeparam>
    /// <param name="handler">
    /// Writes the module's nodes. The exported file is verified against the module, whatever the handler does.
    /// </param>
    public OnnxHandlerRegistry With<TModule>(OnnxModuleHandler<TModule> handler)
        where TModule : nn.Module<Tensor, Tensor>
    {
        ArgumentNullException.ThrowIfNull(handler);
        return new OnnxHandlerRegistry(_handlers.SetItem(typeof(TModule), (module, inputs, context) => handler((TModule)module, inputs[0], context)));
    }

    /// <summary>This registry with one more handler for a join, or with another one for a type that has one.</summary>
    /// <typeparam name="TJoin">The join's type.</typeparam>
    /// <param name="handler">Writes the join's nodes.</param>
    public OnnxHandlerRegistry WithJoin<TJoin>(OnnxJoinHandler<TJoin> handler)
        where TJoin : Join
    {
        ArgumentNullException.ThrowIfNull(handler);
        return new OnnxHandlerRegistry(_handlers.SetItem(typeof(TJoin), (module, inputs, context) => handler((TJoin)module, inputs, context)));
    }

    internal bool Knows(Type moduleType) => _handlers.ContainsKey(moduleType);

    internal OnnxValue Export(nn.Module module, IReadOnlyList<OnnxValue> inputs, OnnxModuleContext context)
        => _handlers[module.GetType()](module, inputs, context);
}
