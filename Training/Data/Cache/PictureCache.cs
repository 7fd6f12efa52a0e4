using System.IO.MemoryMappedFiles;
using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>
/// Pictures decoded and resized once, in a folder of three files: <c>pixels.bin</c>, their squares [N, 3, S, S] as bytes; <c>index.bin</c>, their labels,
/// names and checksums; <c>cache.json</c>, which describes them and is written last, so that what has it is complete. Pixels are read where the file
/// is mapped into memory, without a copy; each picture's checksum is verified when the process reads it first.
/// </summary>
public sealed unsafe partial class PictureCache : PictureSet, IDisposable
{
    internal const string DescriptionFile = "cache.json";
    internal const string PixelFile = "pixels.bin";
    internal const string IndexFile = "index.bin";

    private readonly CacheDescription _description;
    private readonly CacheIndex _index;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _pixels;
    private readonly byte[] _verified;

    private PictureCache(string folder, CacheDescription description, CacheIndex index)
    {
        (Folder, _description, _index) = (folder, description, index);
        _verified = new byte[description.Count];
        _file = MemoryMappedFile.CreateFromFile(Path.Combine(folder, PixelFile), FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, description.PixelBytes, MemoryMappedFileAccess.Read);
        // Not AcquirePointer: it counts as a use, and a cache that nobody disposes would stay mapped for ever.
        _pixels = (byte*)_view.SafeMemoryMappedViewHandle.DangerousGetHandle() + _view.PointerOffset;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes => _description.Classes;

    /// <inheritdoc/>
    public override int Count => _description.Count;

    /// <summary>Side S of the squares: the ShorterSide that they were made for.</summary>
    public int Side => _description.Side;

    /// <summary>The filter that they were resized with.</summary>
    public ResamplingFilter Filter => _description.Filter;

    /// <summary>The decoder that they were decoded with.</summary>
    public string Decoder => _description.Decoder;

    /// <summary>Broken pictures that were left out when the cache was built.</summary>
    public int Skipped => _description.Skipped;

    internal override bool HoldsSquares => true;

    private int SquareBytes => RgbImage.Channels * Side * Side;

    /// <inheritdoc/>
    public override int Label(int index) => _index.Label(index);

    /// <summary>The cache's folder and the picture's name in its source.</summary>
    /// <param name="index">The picture.</param>
    public override string Name(int index) => $"{Folder}:{_index.Name(index)}";

    /// <inheritdoc/>
    public override string RelativeName(int index) => _index.Name(index);

    /// <summary>Opens a finished cache.</summary>
    /// <param name="folder">Its folder.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">It holds no finished cache, or a file is damaged or of a wrong size.</exception>
    public static new PictureCache Open(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"The cache folder '{folder}' does not exist.");
        string path = Path.Combine(folder, DescriptionFile);
        if (!File.Exists(path))
            throw new InvalidDataException($"'{folder}' holds no finished picture cache, {DescriptionFile} is missing: if building it was interrupted, build it again.");
        CacheDescription description = CacheDescription.Parse(ReadAll(path, CacheDescription.MaxBytes), path);
        RequireLength(folder, PixelFile, description.PixelBytes);
        RequireLength(folder, IndexFile, description.IndexBytes);
        string indexPath = Path.Combine(folder, IndexFile);
        CacheIndex index = CacheIndex.Read(ReadAll(indexPath, description.IndexBytes), description.Count, description.Classes.Length)
            ?? throw new InvalidDataException($"'{indexPath}' is damaged: build the cache again.");
        var cache = new PictureCache(folder, description, index);
        if (cache.Fingerprint == description.Fingerprint)
            return cache;
        cache.Dispose();
        throw new InvalidDataException($"'{path}' and '{indexPath}' do not belong together, or one is damaged: build the cache again.");
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">Its pixels are not those that were written; the message names cache and picture.</exception>
    public override RgbImage Load(int index)
    {
        var pixels = new byte[SquareBytes];
        using (Hold())
            Interleaving.FromPlanes(Square(index), pixels);
        return new RgbImage(Side, Side, pixels);
    }

    /// <summary>Unmaps the file, once no loader reads from it.</summary>
    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    internal override void RequireSquares(ImagePreprocessing preprocessing)
    {
        if (preprocessing.ShorterSide != Side || preprocessing.Filter != Filter)
            throw new ArgumentException($"The cache '{Folder}' holds squares of {Side}, resized {Filter}; the preprocessing asks for {preprocessing.ShorterSide}, {preprocessing.Filter}: build a cache for it (alexnetml pack --side {preprocessing.ShorterSide}), or train at another side (--shorter-side {Side}).", nameof(preprocessing));
        if (preprocessing.ApplyOrientation != _description.ApplyOrientation)
            throw new ArgumentException($"The cache '{Folder}' holds pictures {(_description.ApplyOrientation ? "set upright by their EXIF orientation" : "as they are stored, whatever their EXIF orientation says")}, the preprocessing asks for the other: build the cache again, or set {nameof(preprocessing.ApplyOrientation)}.", nameof(preprocessing));
        // Where the centre square of an oblong picture lies depends on how halves are rounded, which repeats every four pixels of the window.
        if ((preprocessing.CropSide - _description.CropSide) % 4 != 0)
            throw new ArgumentException($"The cache '{Folder}' was built for windows of {_description.CropSide}, the preprocessing cuts {preprocessing.CropSide}: centre windows of oblong pictures would lie one pixel beside; build a cache for it, or take a side that differs by a multiple of 4.", nameof(preprocessing));
    }

    internal override ReadOnlySpan<byte> Square(int index, ImagePreprocessing preprocessing, SquareScratch scratch) => Square(index);

    internal override IDisposable? Hold() => new Lease(_view.SafeMemoryMappedViewHandle);

    private ReadOnlySpan<byte> Square(int index)
    {
        ObjectDisposedException.ThrowIf(_view.SafeMemoryMappedViewHandle.IsClosed, this);
        uint checksum = _index.Checksum(index);
        var square = new ReadOnlySpan<byte>(_pixels + (long)index * SquareBytes, SquareBytes);
        if (Volatile.Read(ref _verified[index]) == 0)
        {
            if (Crc32C.Of(square) != checksum)
                throw new InvalidDataException($"The picture cache '{Folder}' is damaged: picture {index} ('{_index.Name(index)}') is not as it was written; build the cache again, and check the disk should it happen again.");
            Volatile.Write(ref _verified[index], 1);
        }
        return square;
    }

    private static void RequireLength(string folder, string name, long expected)
    {
        var file = new FileInfo(Path.Combine(folder, name));
        if (!file.Exists)
            throw new InvalidDataException($"The picture cache '{folder}' is damaged, {name} is missing: build it again.");
        if (file.Length != expected)
            throw new InvalidDataException($"The picture cache '{folder}' is damaged, {name} has {file.Length} bytes instead of {expected}: build it again.");
    }

    private static byte[] ReadAll(string path, long most)
    {
        long length = new FileInfo(path).Length;
        return length <= most ? File.ReadAllBytes(path) : throw new InvalidDataException($"'{path}' has {length} bytes, more than {most}: build the cache again.");
    }

    /// <summary>Counts as a use of the mapping: while there is one, disposing the cache does not unmap.</summary>
    private sealed class Lease : IDisposable
    {
        private System.Runtime.InteropServices.SafeHandle? _handle;

        internal Lease(System.Runtime.InteropServices.SafeHandle handle)
        {
            bool added = false;
            handle.DangerousAddRef(ref added);
            _handle = handle;
        }

        public void Dispose() => Interlocked.Exchange(ref _handle, null)?.DangerousRelease();
    }
}
