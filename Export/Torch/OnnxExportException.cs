namespace AlexNetMl.Export;

/// <summary>A module that stands in a network but that no handler can turn into ONNX nodes.</summary>
/// <param name="Path">Where it stands, <c>features.conv1</c> for example; empty for the network itself.</param>
/// <param name="Type">The module's full type name.</param>
public sealed record UnsupportedModule(string Path, string Type)
{
    /// <summary>Path and type.</summary>
    public override string ToString() => Path.Length == 0 ? $"the network itself ({Type})" : $"{Path} ({Type})";
}

/// <summary>A network that cannot be exported as it stands, or a file that cannot be written. Nothing was written.</summary>
public sealed class OnnxExportException : Exception
{
    /// <summary>Creates an error without a message of its own.</summary>
    public OnnxExportException()
    {
    }

    /// <summary>Creates an error.</summary>
    /// <param name="message">One sentence: what was found, what is allowed, what to do.</param>
    public OnnxExportException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an error with its cause.</summary>
    /// <param name="message">One sentence: what was found, what is allowed, what to do.</param>
    /// <param name="innerException">What the exporter ran into.</param>
    public OnnxExportException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the error about modules of unknown types.</summary>
    /// <param name="unsupportedModules">All of them, in the order in which they run.</param>
    public OnnxExportException(IReadOnlyList<UnsupportedModule> unsupportedModules)
        : base("No ONNX handler is known for " + string.Join(", ", unsupportedModules)
            + "; register one with OnnxHandlerRegistry.Default.With<TModule>(…) and pass it as OnnxExportOptions.Handlers.")
    {
        UnsupportedModules = unsupportedModules;
    }

    /// <summary>The modules of unknown types, all of them, in the order in which they run; empty for other errors.</summary>
    public IReadOnlyList<UnsupportedModule> UnsupportedModules { get; } = [];
}
