namespace AlexNetMl.Training;

/// <summary>A rectangle of a picture: a convolution, say, with the normalization and the activation behind it.</summary>
/// <param name="first">The layer that gives it its name.</param>
internal sealed class DrawnBox(LayerProfile first)
{
    private readonly List<LayerProfile> _layers = [first];

    public LayerProfile First { get; } = first;

    public LayerProfile Last => _layers[^1];

    /// <summary>The block it belongs to: the longest path that has a join right inside, or none.</summary>
    public required string Block { get; init; }

    /// <summary>Boxes that it takes.</summary>
    public required IReadOnlyList<DrawnBox> Inputs { get; init; }

    /// <summary>Whether it takes several results of other blocks: a layer of a dense block.</summary>
    public bool GathersFromAbove => IsJoin && Inputs.Count > 1 && Inputs.All(input => input.Block != Block);

    public bool IsJoin => First.Kind is nameof(Sum) or nameof(Concatenation) or nameof(Product);

    public string Label => First.Kind switch
    {
        "Conv2d" => $"{Kernel} conv, {First.OutputShape[0]}{Step}",
        "Linear" => $"fully connected, {First.OutputShape[0]}",
        "MaxPool2d" => $"{Kernel} max pool{Step}",
        "AvgPool2d" => $"{Kernel} average pool{Step}",
        "AdaptiveAvgPool2d" => $"average pool {First.Description}",
        nameof(Sum) => "+",
        nameof(Concatenation) => GathersFromAbove ? "all before, concatenated" : "concatenation",
        var other => Short(other),
    };

    public string Extras => string.Join(" · ", _layers.Skip(1).Select(layer => Short(layer.Kind)));

    public string Color => First.Kind switch
    {
        "Conv2d" => Kernel == "1×1" ? "#dbeafe" : "#bfdbfe",
        "Linear" => "#ddd6fe",
        "MaxPool2d" or "AvgPool2d" or "AdaptiveAvgPool2d" => "#fde68a",
        _ => IsJoin ? "#bbf7d0" : "#f1f5f9",
    };

    /// <summary>What makes two boxes alike: all but how much a concatenation has gathered.</summary>
    public string Signature => $"{Label}|{Extras}|{(IsJoin && First.Kind == nameof(Concatenation) ? "" : First.Shape)}";

    private string Kernel => First.Description.Split(',')[0];

    private string Step => First.Description.Contains("stride", StringComparison.Ordinal) ? $" /{First.Description.Split("stride ")[1].Split(',')[0]}" : "";

    /// <summary>Whether a step's result is what leaves the box.</summary>
    public bool Makes(string path) => Last.Path == path;

    public void Append(LayerProfile layer) => _layers.Add(layer);

    private static string Short(string kind) => kind switch
    {
        "BatchNorm2d" or "BatchNorm1d" => "BN",
        "FusedLocalResponseNorm" or "LocalResponseNorm" => "LRN",
        "Dropout" => "dropout",
        "Flatten" => "flatten",
        _ => kind,
    };
}
