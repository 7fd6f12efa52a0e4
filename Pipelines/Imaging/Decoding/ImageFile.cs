using System.Buffers;
using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;

namespace AlexNetMl.Imaging;

/// <summary>Pictures from files.</summary>
public static class ImageFile
{
    /// <summary>How names of picture files end where folders are searched for them, in lower case: .jpg, .jpeg, .png, .webp, .gif and .bmp. What a file is, its first bytes
    /// say.</summary>
    public static ImmutableArray<string> Extensions { get; } = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"];

    /// <summary>Whether a file's name ends like a picture's.</summary>
    /// <param name="path">A path or a name.</param>
    public static bool HasPictureName(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads and decodes one picture file.</summary>
    /// <param name="path">A JPEG, PNG, WebP, GIF or BMP file; its name says nothing, its first bytes do.</param>
    /// <param name="decoder">Default: <see cref="ImageDecoders.Default"/>.</param>
    /// <returns>The picture's RGB pixels.</returns>
    /// <exception cref="FileNotFoundException">There is no such file; the message names it.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder; the message names the path.</exception>
    /// <exception cref="ImageFormatException">The file is not a usable picture; the message starts with its path.</exception>
    public static RgbImage Load(string path, IImageDecoder? decoder = null) => Load(path, decoder, into: null)!;

    /// <summary>Reads and decodes one picture file into memory that is used again and again.</summary>
    /// <param name="path">A file, as for <see cref="Load(string, IImageDecoder?)"/>.</param>
    /// <param name="buffer">Receives the picture.</param>
    /// <param name="decoder">Default: <see cref="ImageDecoders.Default"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such file; the message names it.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder; the message names the path.</exception>
    /// <exception cref="ImageFormatException">The file is not a usable picture; the message starts with its path.</exception>
    public static void Load(string path, ImageBuffer buffer, IImageDecoder? decoder = null)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        Load(path, decoder, buffer);
    }

    private static RgbImage? Load(string path, IImageDecoder? decoder, ImageBuffer? into)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        decoder ??= ImageDecoders.Default;
        using var file = Open(path);
        byte[]? buffer = null;
        try
        {
            var length = RandomAccess.GetLength(file);
            ImageLimits.Default.CheckBytes(length);
            buffer = ArrayPool<byte>.Shared.Rent((int)Math.Max(length, 1));
            var read = 0;
            while (read < length)
            {
                var count = RandomAccess.Read(file, buffer.AsSpan(read, (int)length - read), read);
                if (count == 0)
                {
                    break;
                }

                read += count;
            }

            if (into is null)
            {
                return decoder.Decode(buffer.AsSpan(0, read));
            }

            decoder.Decode(buffer.AsSpan(0, read), into);
            return null;
        }
        catch (ImageFormatException e)
        {
            throw new ImageFormatException($"{path}: {e.Message}", e);
        }
        finally
        {
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static FileSystemInfo Target(FileSystemInfo link)
    {
        try
        {
            return link.ResolveLinkTarget(returnFinalTarget: true) ?? link;
        }
        catch (IOException e) when (e.GetType() == typeof(IOException))
        {
            throw new FileNotFoundException($"{link.FullName}: the link leads nowhere ({e.Message.TrimEnd('.')})", link.FullName, e);
        }
    }

    private static SafeFileHandle Open(string path)
    {
        // Opening a pipe waits until somebody writes into it, and a device may never end. Neither has a length.
        FileSystemInfo file = new FileInfo(path);
        if (file.Exists && (file.Attributes & FileAttributes.ReparsePoint) != 0)
        {
            file = Target(file);
        }

        if (file is FileInfo { Exists: true, Length: 0 })
        {
            throw new ImageFormatException($"{path}: the file is empty, or is a pipe, a socket or a device; a JPEG, PNG, WebP, GIF or BMP picture is expected");
        }

        try
        {
            return File.OpenHandle(path, options: FileOptions.SequentialScan);
        }
        catch (UnauthorizedAccessException e) when (Directory.Exists(path))
        {
            throw new ImageFormatException($"{path}: this is a folder; a picture's file is expected", e);
        }
        catch (FileNotFoundException e) when (path.Contains('\ufffd', StringComparison.Ordinal))
        {
            throw new FileNotFoundException($"{path}: there is no such file, as far as its name can be told: it holds bytes that are not UTF-8; rename it", path, e);
        }
    }
}
