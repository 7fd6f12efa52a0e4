namespace AlexNetMl.Scoring;

/// <summary>How a tensor model is opened.</summary>
public sealed record OnnxTensorModelOptions
{
    /// <summary>Inputs that are given, in this order. Default null: all, in the file's order; an input may be left out only where the file has a default for it.</summary>
    public IReadOnlyList<string>? Inputs { get; init; }

    /// <summary>Outputs that are asked for, in this order. Default null: all, in the file's order.</summary>
    public IReadOnlyList<string>? Outputs { get; init; }

    /// <summary>Shapes of inputs with axes of unknown length behind the batch, the batch's place included (its number is not looked at). Default: none.</summary>
    public IReadOnlyDictionary<string, int[]>? Shapes { get; init; }

    /// <summary>Where it runs. Default: the processor.</summary>
    public OnnxDevice? Device { get; init; }

    /// <summary>Threads within one operator. Default 0: one per core that this process may use.</summary>
    public int Threads { get; init; }
}
