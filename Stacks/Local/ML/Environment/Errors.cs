namespace Microsoft.ML;

/// <summary>ML.NET's manners in exceptions: which type is thrown for what, and the wording users search for.</summary>
internal static class Errors
{
    internal const string NoCurrentRow =
        "Values cannot be fetched at this time. This method was called either before the first call to MoveNext, or at any point after that method returned false.";

    internal static InvalidOperationException Invalid(string message) => new(message);

    internal static ArgumentOutOfRangeException Argument(string parameter, string message) => new(parameter, message);

    /// <summary>A column that a transform, a mapping or an evaluation needs is not there.</summary>
    internal static ArgumentOutOfRangeException NoColumn(string parameter, string role, string column)
        => new(parameter, $"Could not find {role} column '{column}'");

    /// <summary>A column is there and has another type than the one needed.</summary>
    internal static ArgumentOutOfRangeException WrongType(string parameter, string role, string column, string expected, string actual)
        => new(parameter, $"Schema mismatch for {role} column '{column}': expected {expected}, got {actual}");

    internal static InvalidOperationException WrongGetter(Type asked, Delegate getter)
        => new($"Invalid TValue in GetGetter: '{asked}', expected type: '{getter.GetType().GetGenericArguments()[0]}'.");

    internal static void NotNull(object value, string parameter)
    {
        if (value is null)
        {
            throw new ArgumentNullException(parameter);
        }
    }

    internal static void NotEmpty(string value, string parameter)
    {
        if (string.IsNullOrEmpty(value))
        {
            throw Argument(parameter, $"{parameter} cannot be null or empty");
        }
    }

    internal static void Require(bool condition, string parameter, string message = null)
    {
        if (!condition)
        {
            throw message is null ? new ArgumentOutOfRangeException(parameter) : Argument(parameter, message);
        }
    }

    internal static void Check(bool condition, string message)
    {
        if (!condition)
        {
            throw Invalid(message);
        }
    }
}
