namespace AlexNetMl.Training;

/// <summary>How a network does on labelled pictures.</summary>
/// <param name="Images">Pictures that were scored.</param>
/// <param name="SkippedImages">Broken pictures left out.</param>
/// <param name="Loss">Mean cross entropy; NaN where there are <see cref="UnscoredImages"/>.</param>
/// <param name="Top1">Share of pictures whose class has the highest score; of equal scores the lower index counts as higher.</param>
/// <param name="Top5">Share of pictures whose class is among the five highest scores.</param>
/// <param name="Confusion">Counts <c>[true class][predicted class]</c>; <see cref="UnscoredImages"/> are in no column.</param>
/// <param name="Classes">Each class by itself.</param>
public sealed record EvaluationResult(
    long Images, int SkippedImages, double Loss, double Top1, double Top5, IReadOnlyList<IReadOnlyList<long>> Confusion, IReadOnlyList<ClassResult> Classes)
{
    /// <summary>Pictures among <see cref="Images"/> that got scores which are not numbers (NaN, infinite): wrong in <see cref="Top1"/> and <see cref="Top5"/>.</summary>
    public long UnscoredImages { get; init; }

    /// <summary>Windows of each picture that were scored.</summary>
    public EvaluationCrops Crops { get; init; }
}

/// <summary>How a network does on one class.</summary>
/// <param name="Label">Index of the class.</param>
/// <param name="Images">Pictures of it.</param>
/// <param name="Top1">Share of them that were recognised (recall); NaN without any.</param>
/// <param name="Top5">Share of them whose class is among the five highest scores; NaN without any.</param>
/// <param name="Precision">Share of the pictures taken for this class that are of it; NaN where none was.</param>
public sealed record ClassResult(int Label, long Images, double Top1, double Top5, double Precision);
