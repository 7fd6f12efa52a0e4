using System.Text;

namespace AlexNetMl.Onnx;

/// <summary>Writes a file beside its target and renames it into place: readers see the old file or the whole new one, never a part.</summary>
internal static class AtomicFile
{
    /// <param name="path">The target; replaced where it exists.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="beforeCommit">Sees the finished temporary file before it becomes the target; throwing keeps the target as it was.</param>
    public static void Write(string path, Action<Stream> write, Action<string>? beforeCommit)
    {
        string full = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(full)
            ?? throw new ArgumentException($"'{path}' is a folder, not a file that could be written.", nameof(path));
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The folder '{folder}' does not exist; create it before writing '{Path.GetFileName(full)}'.");
        }

        if (Directory.Exists(full))
        {
            throw new IOException($"'{full}' is a folder; give the name of a file.");
        }

        DeleteAbandoned(folder, Path.GetFileName(full));
        string temporary = Path.Combine(folder, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (FileStream stream = Create(temporary, full))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            beforeCommit?.Invoke(temporary);
            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            DeleteQuietly(temporary);
            throw;
        }
    }

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    /// <param name="path">The target; replaced where it exists.</param>
    /// <param name="text">Its content.</param>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)), beforeCommit: null);

    // The system names the temporary file, which means nothing to people.
    private static FileStream Create(string temporary, string full)
    {
        try
        {
            return new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new UnauthorizedAccessException(e.Message.Replace(temporary, full, StringComparison.Ordinal), e);
        }
        catch (IOException e) when (e.GetType() == typeof(IOException))
        {
            throw new IOException(e.Message.Replace(temporary, full, StringComparison.Ordinal), e);
        }
    }

    // What a process that was killed left behind: nobody has written there for an hour, and nobody holds it.
    private static void DeleteAbandoned(string folder, string name)
    {
        string start = $".{name}.";
        int length = start.Length + Guid.Empty.ToString("N").Length + ".tmp".Length;
        foreach (string path in Directory.EnumerateFiles(folder, ".*.tmp"))
        {
            string found = Path.GetFileName(path);
            if (found.Length != length || !found.StartsWith(start, StringComparison.Ordinal) || File.GetLastWriteTimeUtc(path) > DateTime.UtcNow.AddHours(-1))
            {
                continue;
            }

            try
            {
                new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0).Dispose();
                File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
            }
        }
    }

    // The error that is on its way tells more than a second one from cleaning up.
    private static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
