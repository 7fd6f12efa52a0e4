using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// One behind the other along the first axis. Rows of a batch stay apart in a network of layers (<see cref="Concatenation"/>); this is for
/// tensors whose first axis is none, and cannot be exported.
/// </summary>
public sealed class RowConcatenation() : Join(nameof(RowConcatenation))
{
    /// <summary>Concatenates.</summary>
    /// <param name="input">Two tensors or more, equal in all axes but the first.</param>
    /// <returns>A tensor as long in that axis as all together.</returns>
    public override Tensor forward(IReadOnlyList<Tensor> input)
    {
        RequireSeveral(input);
        return cat([.. input], 0);
    }
}
