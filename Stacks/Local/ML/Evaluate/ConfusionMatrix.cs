using System.Globalization;
using System.Text;

namespace Microsoft.ML.Data;

/// <summary>How often each class was taken for each other; rows are the actual classes, columns the predicted ones.</summary>
public sealed class ConfusionMatrix
{
    private readonly string[] _names;
    private string _table;

    internal ConfusionMatrix(double[][] counts, string[] names)
    {
        _names = names;
        NumberOfClasses = counts.Length;
        Counts = Array.AsReadOnly(Array.ConvertAll<double[], IReadOnlyList<double>>(counts, Array.AsReadOnly));
        PerClassPrecision = Array.AsReadOnly(counts.Select((row, i) => Share(row[i], counts.Sum(r => r[i]))).ToArray());
        PerClassRecall = Array.AsReadOnly(counts.Select((row, i) => Share(row[i], row.Sum())).ToArray());
    }

    public IReadOnlyList<double> PerClassPrecision { get; }

    public IReadOnlyList<double> PerClassRecall { get; }

    /// <summary>[actual][predicted].</summary>
    public IReadOnlyList<IReadOnlyList<double>> Counts { get; }

    public int NumberOfClasses { get; }

    public double GetCountForClassPair(int predictedClassIndicatorIndex, int actualClassIndicatorIndex)
    {
        const string Message = "Invalid index. Should be non-negative, less than the number of classes.";
        Errors.Require(predictedClassIndicatorIndex >= 0 && predictedClassIndicatorIndex < NumberOfClasses, nameof(predictedClassIndicatorIndex), Message);
        Errors.Require(actualClassIndicatorIndex >= 0 && actualClassIndicatorIndex < NumberOfClasses, nameof(actualClassIndicatorIndex), Message);
        return Counts[actualClassIndicatorIndex][predictedClassIndicatorIndex];
    }

    /// <summary>The matrix as text, laid out as ML.NET does: names that are too long for a column's head are replaced by their numbers.</summary>
    public string GetFormattedConfusionTable() => _table ??= Format();

    private static double Share(double part, double whole) => whole > 0 ? part / whole : 0;

    private string Format()
    {
        CultureInfo culture = CultureInfo.CurrentCulture;
        int cell = NumberOfClasses == 2 ? 8 : 5;
        int longest = _names.Max(name => name.Length);
        bool numbered = longest > cell;
        int digits = (NumberOfClasses - 1).ToString(culture).Length;
        int margin = Math.Max("PREDICTED".Length, numbered ? longest + digits + 2 : longest);
        string rule = string.Concat(Enumerable.Repeat(NumberOfClasses > 2 ? "========" : "===========", NumberOfClasses));
        string Margin(string text) => text.PadRight(margin) + " ||";

        var table = new StringBuilder();
        table.AppendLine().AppendLine("Confusion table");
        table.AppendLine(Margin(string.Empty) + rule);
        table.Append(Margin("PREDICTED"));
        for (int i = 0; i < NumberOfClasses; i++)
        {
            table.Append(' ').Append((numbered ? i.ToString(culture) : _names[i]).PadLeft(cell)).Append(" |");
        }
        table.AppendLine(" Recall");
        table.AppendLine(Margin("TRUTH") + rule);
        for (int i = 0; i < NumberOfClasses; i++)
        {
            string name = numbered
                ? $"{i.ToString(culture).PadLeft(digits)}. {_names[i].PadLeft(margin - digits - 2)}"
                : _names[i].PadLeft(margin);
            table.Append(name).Append(" ||");
            foreach (double count in Counts[i])
            {
                table.Append(' ').Append(count.ToString("N0", culture).PadLeft(cell)).Append(" |");
            }
            table.Append(' ').Append(PerClassRecall[i].ToString("F4", culture)).AppendLine();
        }
        table.AppendLine(Margin(string.Empty) + rule);
        table.Append(Margin("Precision"));
        foreach (double precision in PerClassPrecision)
        {
            table.Append(precision.ToString("N4", culture).PadLeft(cell + 1)).Append(" |");
        }
        return table.AppendLine().ToString();
    }
}
