using System.Globalization;

namespace AlexNetMl.Training;

/// <summary>From label texts to class names and numbers.</summary>
internal static class LabelTable
{
    /// <summary>
    /// Classes of texts: where all are whole numbers sorted as such, else by ordinal comparison.
    /// </summary>
    /// <param name="texts">Distinct label texts.</param>
    /// <returns>The class names in order, and the class of each text.</returns>
    internal static (string[] Classes, Dictionary<string, int> Labels) Sort(IReadOnlyCollection<string> texts)
    {
        var numbers = new Dictionary<string, long>(texts.Count, StringComparer.Ordinal);
        foreach (string text in texts)
        {
            if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
            {
                string[] names = [.. texts.Order(StringComparer.Ordinal)];
                return (names, Enumerable.Range(0, names.Length).ToDictionary(i => names[i], StringComparer.Ordinal));
            }
            numbers.Add(text, number);
        }
        long[] sorted = [.. numbers.Values.Distinct().Order()];     // "7" and "07" are one class
        return (
            [.. sorted.Select(number => number.ToString(CultureInfo.InvariantCulture))],
            numbers.ToDictionary(pair => pair.Key, pair => Array.BinarySearch(sorted, pair.Value), StringComparer.Ordinal));
    }
}
