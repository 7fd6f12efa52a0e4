using AlexNetMl.Onnx;

namespace AlexNetMl.Training;

/// <summary>Text files that are whole or as they were.</summary>
internal static class TextFile
{
    /// <summary>Writes UTF-8 without a mark, on the disk when it returns.</summary>
    internal static void Write(string path, string text) => AtomicFile.WriteText(path, text);

    /// <summary>Why a file could not be written, without the name that it had until it was whole.</summary>
    internal static string Reason(Exception exception) => exception.Message.Split(" : '")[0];
}
