namespace AlexNetMl.Export;

/// <summary>ONNX Runtime computes something else from a file than torch does from the network, or cannot run the file at all.</summary>
public sealed class OnnxVerificationException : Exception
{
    /// <summary>Creates an error without a message of its own.</summary>
    public OnnxVerificationException()
    {
    }

    /// <summary>Creates an error.</summary>
    /// <param name="message">One sentence: what was found, what is allowed, what to do.</param>
    public OnnxVerificationException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an error with its cause.</summary>
    /// <param name="message">One sentence: what was found, what is allowed, what to do.</param>
    /// <param name="innerException">What the verifier ran into.</param>
    public OnnxVerificationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates an error about tensors beyond the tolerance.</summary>
    /// <param name="message">One sentence that names the worst tensor.</param>
    /// <param name="worst">That tensor.</param>
    /// <param name="verification">All that was compared.</param>
    public OnnxVerificationException(string message, TensorDifference worst, OnnxVerification verification)
        : base(message)
    {
        Worst = worst;
        Verification = verification;
    }

    /// <summary>The tensor that differs most; null where the file could not be run.</summary>
    public TensorDifference? Worst { get; }

    /// <summary>All that was compared; null where the file could not be run.</summary>
    public OnnxVerification? Verification { get; }
}
