using System.Globalization;

namespace AlexNetMl.Scoring;

/// <summary>Neighbouring rows.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last, included.</param>
public sealed record RowRange(long First, long Last)
{
    /// <summary><c>7</c> or <c>7-9</c>.</summary>
    public override string ToString() => First == Last ? First.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");
}
