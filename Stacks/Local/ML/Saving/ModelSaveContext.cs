using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>
/// Where a transformer saves itself. As in the real package, only built-in transformers can write to it: others save by handing it on to one of those, once.
/// </summary>
public sealed class ModelSaveContext : IDisposable
{
    private byte[] _component;

    internal ModelSaveContext()
    {
    }

    public void Dispose()
    {
    }

    /// <summary>What a transformer saves, as one component.</summary>
    internal static byte[] ComponentOf(ICanSaveModel model)
    {
        using var context = new ModelSaveContext();
        model.Save(context);
        return context._component ?? throw Errors.Invalid($"{model.GetType()} saved nothing: a transformer of your own saves itself by delegating to built-in ones.");
    }

    internal void Component(string kind, Action<ModelWriter> write)
    {
        Errors.Check(_component is null, "A transformer can save one component only: put several transformers into a TransformerChain.");
        var content = new ModelWriter();
        write(content);
        var component = new ModelWriter();
        component.Text(kind);
        component.Block(content.ToArray());
        _component = component.ToArray();
    }
}
