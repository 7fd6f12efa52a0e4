using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>
/// The pictures of a set as planar 8-bit squares: shorter side resized, then the centre square (section 2 of the paper: 256×256). In a cache file, or
/// all in memory where they fit, else decoded at every use.
/// </summary>
internal sealed class PictureStore
{
    private readonly PictureSet _set;
    private readonly ImagePreprocessing _preprocessing;
    private readonly BrokenImageHandling _onBroken;
    private readonly byte[]?[]? _squares;

    private PictureStore(PictureSet set, ImagePreprocessing preprocessing, BrokenImageHandling onBroken, byte[]?[]? squares)
    {
        (_set, _preprocessing, _onBroken, _squares) = (set, preprocessing, onBroken, squares);
        Usable = [.. Enumerable.Range(0, set.Count).Where(i => squares is null || squares[i] is not null)];
    }

    /// <summary>Whether the squares need no decoding at use.</summary>
    internal bool InMemory => _squares is not null || _set.HoldsSquares;

    /// <summary>Indices of the pictures that can be read; where they are decoded at use, of all.</summary>
    internal int[] Usable { get; }

    /// <summary>Broken pictures found while decoding ahead.</summary>
    internal int Missing => _set.Count - Usable.Length;

    /// <summary>Label of a picture.</summary>
    internal int Label(int index) => _set.Label(index);

    /// <summary>
    /// Opens a set: a cache as it stands; another is decoded, with <paramref name="threads"/> threads, if its squares take no more than
    /// <see cref="TrainerOptions.CacheBytes"/>.
    /// </summary>
    internal static PictureStore Open(PictureSet set, ImagePreprocessing preprocessing, TrainerOptions options, int threads, CancellationToken cancellationToken)
    {
        set.RequireSquares(preprocessing);
        if (set.HoldsSquares || (long)set.Count * preprocessing.SquareLength > options.CacheBytes)
            return new PictureStore(set, preprocessing, options.OnBrokenImage, null);

        var squares = new byte[]?[set.Count];
        PictureSweep.Run(
            set,
            preprocessing,
            set.Count,
            static number => number,
            threads,
            options.OnBrokenImage,
            new PictureMeter(null, set.Count),
            static () => 0,
            (number, square, _) => squares[number] = square.ToArray(),
            static _ => { },
            cancellationToken);
        var store = new PictureStore(set, preprocessing, options.OnBrokenImage, squares);
        if (store.Usable.Length == 0)
            throw new InvalidDataException($"None of the {squares.Length} pictures can be decoded, the first is '{set.Name(0)}': check the files.");
        return store;
    }

    /// <summary>The planar square of a picture; empty where it is broken and broken ones are skipped.</summary>
    /// <param name="index">The picture.</param>
    /// <param name="scratch">The calling thread's own; what is returned may be in it.</param>
    internal ReadOnlySpan<byte> Read(int index, SquareScratch scratch)
    {
        if (_squares is not null)
            return _squares[index];
        try
        {
            return _set.Square(index, _preprocessing, scratch);
        }
        catch (Exception exception) when (_onBroken == BrokenImageHandling.Skip && PictureSweep.IsBrokenImage(exception))
        {
            return [];
        }
    }

    /// <summary>Keeps squares valid that <see cref="Read"/> returns, until disposed.</summary>
    internal IDisposable? Hold() => _set.Hold();
}
