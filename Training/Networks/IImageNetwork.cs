using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>A network that knows what it was made with, so that pictures of another side or class count are refused before they reach it.</summary>
public interface IImageNetwork
{
    /// <summary>Size and variant.</summary>
    NetworkOptions Options { get; }
}

/// <summary>A network whose parameters are called otherwise in published weight files: torchvision's names, usually.</summary>
public interface IForeignNames
{
    /// <summary>Our name for a parameter of such a file.</summary>
    /// <param name="foreign">A name such as <c>features.0.weight</c>.</param>
    /// <returns>Our name, or the given one where there is no other.</returns>
    string OwnName(string foreign);
}

/// <summary>A network with further classifiers on inner layers, whose losses training adds to its own (Szegedy et al. 2014, section 5).</summary>
public interface IAuxiliaryClassifiers
{
    /// <summary>The factor on each further classifier's loss.</summary>
    double AuxiliaryWeight { get; }

    /// <summary>The further classifiers, in the order of their logits.</summary>
    IReadOnlyList<AuxiliaryClassifier> Auxiliaries { get; }

    /// <summary>All logits of a batch; the first are the network's own.</summary>
    /// <param name="input">Pictures <c>[N, 3, side, side]</c>.</param>
    /// <returns>Tensors <c>[N, classes]</c>, which the caller disposes.</returns>
    IReadOnlyList<Tensor> ForwardWithAuxiliaries(Tensor input);
}

/// <summary>A further classifier.</summary>
/// <param name="Path">Path of its module.</param>
/// <param name="Input">Path of the layer whose result it reads.</param>
/// <param name="Classifier">Path of its layer that makes a class score out of features.</param>
public sealed record AuxiliaryClassifier(string Path, string Input, string Classifier);
