using System.Globalization;

namespace Microsoft.ML.Transforms;

/// <summary>A value as ML.NET writes it into text annotations.</summary>
internal static class ValueText
{
    internal static string Of<T>(T value)
        => value switch
        {
            float.NaN or double.NaN => "?",
            float number => number.ToString("R", CultureInfo.InvariantCulture),
            double number => number.ToString("G17", CultureInfo.InvariantCulture),
            bool flag => flag ? "1" : "0",
            DateTime or DateTimeOffset => ((IFormattable)value).ToString("o", CultureInfo.InvariantCulture),
            Data.DataViewRowId id => "0x" + id,
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString(),
        };
}
