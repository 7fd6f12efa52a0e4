using System.Runtime.ExceptionServices;
using AlexNetMl.Imaging;

namespace AlexNetMl.Scoring;

/// <summary>Tells pictures that cannot be used from failures of this process, and says which row it was.</summary>
internal static class ImageFailure
{
    /// <summary>
    /// Whether the row's picture is at fault. Anything else (memory ran out, a codec's library is missing) would fail on every row: marking
    /// them all would hide it.
    /// </summary>
    public static bool IsInvalidImage(Exception e) => e is ImageFormatException or IOException or UnauthorizedAccessException;

    /// <summary>The row's failure with its number in front, as the type that says what happened; what is not the picture's fault is thrown on as it is.</summary>
    public static Exception AtRow(long row, string? source, Exception e)
    {
        string message = $"Row {row}: {e.Message}";
        switch (e)
        {
            case ImageFormatException:
                return new ImageFormatException(message, e);
            case FileNotFoundException or DirectoryNotFoundException:
                return new FileNotFoundException(message, source, e);
            case UnauthorizedAccessException:
                return new UnauthorizedAccessException(message, e);
            case IOException:
                return new IOException(message, e);
            case OutOfMemoryException:
                return new InsufficientMemoryException(
                    $"Row {row}, '{source ?? "without a name"}': memory ran out while the picture was decoded. Give the process more, let fewer threads decode, or lower the limit of a picture's pixels, above which it is one that cannot be used.", e);
            default:
                ExceptionDispatchInfo.Throw(e);
                return e;
        }
    }
}
