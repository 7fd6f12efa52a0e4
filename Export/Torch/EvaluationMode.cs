using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>Puts a network in evaluation mode without gradients, and every module of it back in its former mode at the end.</summary>
internal sealed class EvaluationMode : IDisposable
{
    private readonly List<(nn.Module Module, bool Training)> _former = [];
    private readonly IDisposable _noGradients;

    public EvaluationMode(nn.Module network)
    {
        Remember(network);
        network.eval();
        _noGradients = no_grad();
    }

    public void Dispose()
    {
        _noGradients.Dispose();

        // train() reaches the members too, so containers come before their members; a module shared by two containers is in the list twice.
        foreach ((nn.Module module, bool training) in _former)
        {
            module.train(training);
        }
    }

    private void Remember(nn.Module module)
    {
        _former.Add((module, module.training));
        foreach ((_, nn.Module child) in module.named_children())
        {
            Remember(child);
        }
    }
}
