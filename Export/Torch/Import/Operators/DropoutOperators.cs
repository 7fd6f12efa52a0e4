using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>What changes nothing in use.</summary>
internal static class DropoutOperators
{
    public static void Dropout(OnnxNodeImport node)
    {
        node.Int("is_test", 1);
        node.Int("seed", 0); // of training
        double ratio = node.Float("ratio", node.Has(1) ? node.Number(node.Input(1)) : 0.5);
        if (node.Has(2) && node.Longs(node.Input(2)) is not [0])
            throw node.Refuse("its training_mode is true; export the network for inference");
        if (!(ratio is >= 0 and <= 1))
            throw node.Refuse($"its ratio is {ratio}, but a share is between 0 and 1");
        node.Result(nn.Dropout(ratio), node.Input(0).Shape);
    }

    public static void Identity(OnnxNodeImport node) => node.Alias(node.Input(0));
}
