using AlexNetMl.Imaging;
using Microsoft.Win32.SafeHandles;

namespace AlexNetMl.Training;

/// <summary>Brings files from the disk into the system's memory.</summary>
internal static class FileWarmth
{
    [ThreadStatic]
    private static byte[]? buffer;

    /// <summary>Reads a part of a file and lets it go; who reads it next finds it in memory. What fails is left to that reader to tell.</summary>
    /// <param name="path">The file.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="length">Bytes; as far as the file goes.</param>
    internal static void Read(string path, long offset = 0, long length = long.MaxValue)
    {
        try
        {
            // Opening a pipe would wait; neither a pipe nor a device has a length.
            long size = new FileInfo(path).Length;
            length = Math.Min(length, size - offset);
            if (length <= 0 || length > ImageLimits.Default.MaxBytes)
                return;
            using SafeFileHandle file = File.OpenHandle(path);
            buffer ??= new byte[128 << 10];
            for (long read = 0; read < length;)
            {
                int count = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - read)), offset + read);
                if (count == 0)
                    return;
                read += count;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }
}
