namespace AlexNetMl.Export;

/// <summary>A node of a file that cannot become a module.</summary>
/// <param name="Node">Its name, or that of the tensor it makes.</param>
/// <param name="OpType">Its operator; with the domain in front where it is none of ONNX's own.</param>
/// <param name="Reason">What about it is not supported; null where the operator is not.</param>
public sealed record UnsupportedNode(string Node, string OpType, string? Reason)
{
    /// <summary>Name, operator and reason.</summary>
    public override string ToString() => Reason is null ? $"{Node} ({OpType})" : $"{Node} ({OpType}): {Reason}";
}

/// <summary>An ONNX file that is in order but that cannot become a network of modules.</summary>
public sealed class OnnxImportException : Exception
{
    /// <summary>Creates an error without a message of its own.</summary>
    public OnnxImportException()
    {
    }

    /// <summary>Creates an error.</summary>
    /// <param name="message">One sentence: what was found, what is allowed, what to do.</param>
    public OnnxImportException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an error with its cause.</summary>
    /// <param name="message">One sentence: what was found, what is allowed, what to do.</param>
    /// <param name="innerException">What the importer ran into.</param>
    public OnnxImportException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the error about nodes that are not supported.</summary>
    /// <param name="source">The file.</param>
    /// <param name="unsupportedNodes">All of them, in running order.</param>
    public OnnxImportException(string source, IReadOnlyList<UnsupportedNode> unsupportedNodes)
        : base($"'{source}' cannot be imported, because of {string.Join("; ", unsupportedNodes)}. An operator is added with "
            + "OnnxOperatorRegistry.Default.With(…), passed as OnnxImportOptions.Operators.")
    {
        UnsupportedNodes = unsupportedNodes;
    }

    /// <summary>The nodes that are not supported, all that were found; empty for other errors.</summary>
    public IReadOnlyList<UnsupportedNode> UnsupportedNodes { get; } = [];
}
