namespace AlexNetMl.Training;

/// <summary>Which windows of a picture are scored.</summary>
public enum EvaluationCrops
{
    /// <summary>The centre window.</summary>
    Center,

    /// <summary>The four corners and the centre, and their mirror images; probabilities are averaged (section 4.1).</summary>
    TenCrop,
}
