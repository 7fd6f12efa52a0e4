using System.Runtime.ExceptionServices;
using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>
/// The pictures of a folder as 8-bit squares: shorter side resized to <see cref="Side"/>, then the centre square (section 2 of the paper:
/// 256×256). All in memory where they fit, else decoded at every use.
/// </summary>
internal sealed class PictureStore
{
    private readonly PictureSet _folder;
    private readonly ImagePreprocessing _preprocessing;
    private readonly BrokenImageHandling _onBroken;
    private readonly byte[]?[]? _squares;

    private PictureStore(PictureSet folder, ImagePreprocessing preprocessing, BrokenImageHandling onBroken, byte[]?[]? squares)
    {
        (_folder, _preprocessing, _onBroken, _squares) = (folder, preprocessing, onBroken, squares);
        Usable = squares is null
            ? [.. Enumerable.Range(0, folder.Count)]
            : [.. Enumerable.Range(0, folder.Count).Where(i => squares[i] is not null)];
    }

    /// <summary>Side of a square in pixels.</summary>
    internal int Side => _preprocessing.ShorterSide;

    /// <summary>Whether the squares are in memory.</summary>
    internal bool InMemory => _squares is not null;

    /// <summary>Indices of the pictures that can be read; where they are decoded at use, of all.</summary>
    internal int[] Usable { get; }

    /// <summary>Broken pictures found while decoding ahead.</summary>
    internal int Missing => _folder.Count - Usable.Length;

    /// <summary>Label of a picture.</summary>
    internal int Label(int index) => _folder.Label(index);

    /// <summary>Decodes the folder, with <paramref name="threads"/> threads, if its squares take no more than <see cref="TrainerOptions.CacheBytes"/>.</summary>
    internal static PictureStore Open(PictureSet folder, ImagePreprocessing preprocessing, TrainerOptions options, int threads, CancellationToken cancellationToken)
    {
        long bytes = (long)folder.Count * preprocessing.ShorterSide * preprocessing.ShorterSide * 3;
        if (bytes > options.CacheBytes)
            return new PictureStore(folder, preprocessing, options.OnBrokenImage, null);

        var squares = new byte[]?[folder.Count];
        long firstBroken = long.MaxValue;
        Exception? error = null;
        Parallel.For(0, squares.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, (index, state) =>
        {
            try
            {
                squares[index] = Square(folder, index, preprocessing);
            }
            catch (Exception exception) when (IsBrokenImage(exception))
            {
                if (options.OnBrokenImage == BrokenImageHandling.Skip)
                    return;
                lock (squares)
                {
                    if (index < firstBroken)
                        (firstBroken, error) = (index, exception);
                }
                state.Break();                          // lower indices still run: the first broken picture is named, not any
            }
        });
        if (error is not null)
            ExceptionDispatchInfo.Throw(error);
        var store = new PictureStore(folder, preprocessing, options.OnBrokenImage, squares);
        if (store.Usable.Length == 0)
            throw new InvalidDataException($"None of the {squares.Length} pictures can be decoded, the first is '{folder.Name(0)}': check the files.");
        return store;
    }

    /// <summary>The square of a picture, <c>Side·Side·3</c> bytes, R, G, B; null where it is broken and broken ones are skipped.</summary>
    internal byte[]? Read(int index)
    {
        if (_squares is not null)
            return _squares[index];
        try
        {
            return Square(_folder, index, _preprocessing);
        }
        catch (Exception exception) when (_onBroken == BrokenImageHandling.Skip && IsBrokenImage(exception))
        {
            return null;
        }
    }

    private static bool IsBrokenImage(Exception exception) => exception is ImageFormatException or IOException or UnauthorizedAccessException;

    private static byte[] Square(PictureSet folder, int index, ImagePreprocessing preprocessing)
    {
        RgbImage image = preprocessing.Resize(folder.Load(index));
        int side = preprocessing.ShorterSide;
        if (image.Width == side && image.Height == side)
            return image.Pixels;
        // Not simply the centre square: its centre window has to be the whole picture's, also where a half is rounded.
        int inner = Augmentation.Centre(side, preprocessing.CropSide);
        int left = Augmentation.Centre(image.Width, preprocessing.CropSide) - inner, top = Augmentation.Centre(image.Height, preprocessing.CropSide) - inner;
        int row = side * 3;
        var square = new byte[row * side];
        for (int y = 0; y < side; y++)
            image.Pixels.AsSpan(((top + y) * image.Width + left) * 3, row).CopyTo(square.AsSpan(y * row));
        return square;
    }
}
