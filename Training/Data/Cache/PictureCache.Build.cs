using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

public sealed partial class PictureCache
{
    // Squares that are decoded together before they are written.
    private const long ChunkBytes = 64 << 20;

    private static readonly string[] OwnFiles = [DescriptionFile, DescriptionFile + ".tmp", PixelFile, IndexFile];

    /// <summary>
    /// Decodes and resizes pictures on all cores and writes them into a folder, in their order. Building again after an interruption starts over.
    /// </summary>
    /// <param name="pictures">The pictures.</param>
    /// <param name="preprocessing">Gives ShorterSide, Filter, and with CropSide the place of the centre squares; its normalisation is ignored.</param>
    /// <param name="folder">The folder, made where it does not exist; nothing but the cache's three files is written there.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="progress">Told how it goes.</param>
    /// <param name="cancellationToken">Stops between pictures; what was written is deleted.</param>
    /// <returns>The cache, opened.</returns>
    /// <exception cref="ArgumentException">There are no pictures, or a value is out of range.</exception>
    /// <exception cref="IOException">The folder holds a finished cache that is not to be overwritten, or other files, the disk has too little room, or writing fails.</exception>
    /// <exception cref="ImageFormatException">A picture cannot be decoded, and broken ones are not skipped; the message names it.</exception>
    /// <exception cref="InvalidDataException">None can be decoded.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> asked for it.</exception>
    public static PictureCache Build(
        PictureSet pictures,
        ImagePreprocessing preprocessing,
        string folder,
        PictureCacheOptions? options = null,
        IProgress<PictureProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentNullException.ThrowIfNull(preprocessing);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new PictureCacheOptions();
        options.Validate();
        preprocessing.Validate();
        pictures.RequireSquares(preprocessing);
        if (pictures.Count == 0)
            throw new ArgumentException("There are no pictures to cache: give at least one.", nameof(pictures));
        string description = Path.Combine(folder, DescriptionFile), pixels = Path.Combine(folder, PixelFile), index = Path.Combine(folder, IndexFile);
        if (File.Exists(description) && !options.Overwrite)
            throw new IOException($"'{folder}' holds a finished picture cache: open it, take another folder, or ask for it to be overwritten (--overwrite).");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).FirstOrDefault(entry => !OwnFiles.Contains(Path.GetFileName(entry))) is { } other)
            throw new IOException($"'{folder}' holds '{Path.GetFileName(other)}', which is no part of a picture cache: take a folder of its own.");

        RequireRoom(folder, (long)pictures.Count * preprocessing.SquareLength, pixels);
        bool made = !Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        using IDisposable? hold = pictures.Hold();          // the pictures may come from the cache that is deleted here
        File.Delete(description);
        File.Delete(pixels);
        File.Delete(index);
        try
        {
            List<(int Label, uint Checksum, string Name)> written = WritePixels(pictures, preprocessing, pixels, options, progress, cancellationToken);
            byte[] indexBytes = CacheIndex.Write(written);
            Written(folder, () => WriteFile(index, indexBytes));
            var described = new CacheDescription
            {
                Count = written.Count,
                Side = preprocessing.ShorterSide,
                CropSide = preprocessing.CropSide,
                Filter = preprocessing.Filter,
                ApplyOrientation = preprocessing.ApplyOrientation,
                Decoder = ImageDecoders.Default.Name,
                Skipped = pictures.Count - written.Count,
                IndexBytes = indexBytes.Length,
                Classes = [.. pictures.Classes],
            };
            CacheIndex read = CacheIndex.Read(indexBytes, described.Count, described.Classes.Length)!;
            RequireLength(folder, PixelFile, described.PixelBytes);
            using (var unnamed = new PictureCache(folder, described, read))
                described = described with { Fingerprint = unnamed.Fingerprint };
            Written(folder, () => WriteFile(description + ".tmp", described.ToJson()));
            File.Move(description + ".tmp", description);
        }
        catch
        {
            File.Delete(description + ".tmp");
            File.Delete(pixels);
            File.Delete(index);
            if (made)
                Directory.Delete(folder);
            throw;
        }
        return Open(folder);
    }

    private static List<(int Label, uint Checksum, string Name)> WritePixels(
        PictureSet pictures, ImagePreprocessing preprocessing, string path, PictureCacheOptions options, IProgress<PictureProgress>? progress, CancellationToken cancellationToken)
    {
        int threads = PictureSweep.Threads(options.Threads), bytes = preprocessing.SquareLength;
        int capacity = (int)Math.Min(pictures.Count, Math.Max(threads, ChunkBytes / bytes));
        var squares = new byte[capacity][];
        var checksums = new uint[capacity];
        var good = new bool[capacity];
        var written = new List<(int, uint, string)>(pictures.Count);
        var meter = new PictureMeter(progress, pictures.Count);
        var skips = new SkippedPictures(options.OnBrokenImage);
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
        for (int first = 0; first < pictures.Count; first += capacity)
        {
            int start = first, count = Math.Min(capacity, pictures.Count - first);
            Array.Clear(good);
            PictureSweep.Run(
                pictures,
                preprocessing,
                count,
                number => start + number,
                threads,
                skips,
                meter,
                () => 0,
                (number, square, _) =>
                {
                    square.CopyTo(squares[number] ??= new byte[bytes]);
                    checksums[number] = Crc32C.Of(square);
                    good[number] = true;
                },
                _ => { },
                cancellationToken);
            for (int i = 0; i < count; i++)
            {
                if (!good[i])
                    continue;
                byte[] square = squares[i];
                Written(Path.GetDirectoryName(path)!, () => file.Write(square));
                written.Add((pictures.Label(first + i), checksums[i], pictures.RelativeName(first + i)));
            }
        }
        Written(Path.GetDirectoryName(path)!, () => file.Flush(flushToDisk: true));
        return written.Count > 0
            ? written
            : throw new InvalidDataException($"None of the {pictures.Count} pictures can be decoded, the first is '{pictures.Name(0)}': check the files.");
    }

    private static void RequireRoom(string folder, long bytes, string replaced)
    {
        string full = Path.GetFullPath(folder);
        while (!Directory.Exists(full) && Path.GetDirectoryName(full) is { } parent)
            full = parent;
        long free = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(full)! : full).AvailableFreeSpace;
        if (File.Exists(replaced))
            free += new FileInfo(replaced).Length;
        if (bytes > free)
            throw new IOException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The cache takes {bytes / 1e6:N0} MB, '{folder}' has {free / 1e6:N0} MB free: make room, or choose a folder on another disk."));
    }

    private static void Written(string folder, Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The cache could not be written to '{folder}' ({TextFile.Reason(exception)}): make room, or choose a folder on another disk.", exception);
        }
    }

    private static void WriteFile(string path, byte[] bytes)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }
}
