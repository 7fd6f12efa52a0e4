using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>One step of a network, for one picture.</summary>
/// <param name="Path">Its path in the network.</param>
/// <param name="Kind">The module's type, such as Conv2d.</param>
/// <param name="Description">What it is in a word or two: "3×3, stride 2".</param>
/// <param name="Inputs">Paths of the steps that it takes; empty for the network's input.</param>
/// <param name="OutputShape">Shape of its result without the batch: [C, H, W], or [features].</param>
/// <param name="Parameters">Numbers it learns.</param>
/// <param name="MultiplyAdds">Multiplications with an addition, of convolutions and fully connected layers.</param>
/// <param name="ReceptiveField">Side in pixels of what one output can see, borders included; null behind what mixes all positions.</param>
public sealed record LayerProfile(
    string Path, string Kind, string Description, IReadOnlyList<string> Inputs, IReadOnlyList<long> OutputShape, long Parameters, long MultiplyAdds, long? ReceptiveField)
{
    /// <summary>The output's shape in words: 64×56×56.</summary>
    public string Shape => string.Join('×', OutputShape);

    internal nn.Module? Module { get; init; }
}

/// <summary>A further classifier that training alone runs.</summary>
/// <param name="Path">Its path in the network.</param>
/// <param name="Input">Path of the step that it takes.</param>
/// <param name="LossWeight">The factor on its loss.</param>
/// <param name="Layers">Its steps in running order.</param>
public sealed record AuxiliaryProfile(string Path, string Input, double LossWeight, IReadOnlyList<LayerProfile> Layers);
