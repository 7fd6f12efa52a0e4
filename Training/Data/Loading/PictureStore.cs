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
    private readonly SkippedPictures _skips;
    private readonly byte[]?[]? _squares;

    private PictureStore(PictureSet set, ImagePreprocessing preprocessing, SkippedPictures skips, byte[]?[]? squares)
    {
        (_set, _preprocessing, _skips, _squares) = (set, preprocessing, skips, squares);
        All = [.. Enumerable.Range(0, set.Count)];
    }

    /// <summary>Whether the squares need no decoding at use.</summary>
    internal bool InMemory => _squares is not null || _set.HoldsSquares;

    /// <summary>Indices of all pictures. Broken ones are among them, so that an epoch has as many steps whenever they are found.</summary>
    internal int[] All { get; }

    /// <summary>Label of a picture.</summary>
    internal int Label(int index) => _set.Label(index);

    /// <summary>
    /// Opens a set: a cache as it stands; another is decoded, with <paramref name="threads"/> threads, if its squares take no more than
    /// <see cref="TrainerOptions.CacheBytes"/>.
    /// </summary>
    /// <param name="set">The pictures.</param>
    /// <param name="preprocessing">How a picture becomes a square.</param>
    /// <param name="options">How much may be held in memory, and what to do with broken pictures.</param>
    /// <param name="threads">Threads that decode.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    /// <param name="skips">The list of broken pictures that are left out; null for one of its own.</param>
    /// <param name="look">Whether pictures that do not fit into memory are decoded once as well, so that broken ones are found now.</param>
    internal static PictureStore Open(
        PictureSet set, ImagePreprocessing preprocessing, TrainerOptions options, int threads, CancellationToken cancellationToken, SkippedPictures? skips = null, bool look = false)
    {
        set.RequireSquares(preprocessing);
        skips ??= new SkippedPictures(options.OnBrokenImage);
        bool fits = (long)set.Count * preprocessing.SquareLength <= options.CacheBytes;
        if (set.HoldsSquares || !(fits || look))
            return new PictureStore(set, preprocessing, skips, null);

        byte[]?[]? squares = fits ? new byte[]?[set.Count] : null;
        int whole = 0;
        PictureSweep.Run(
            set,
            preprocessing,
            set.Count,
            static number => number,
            threads,
            skips,
            new PictureMeter(null, set.Count),
            static () => 0,
            (number, square, _) =>
            {
                Interlocked.Increment(ref whole);
                if (squares is not null)
                    squares[number] = square.ToArray();
            },
            static _ => { },
            cancellationToken);
        return whole > 0 ? new PictureStore(set, preprocessing, skips, squares) : throw NetworkTrainer.NoneReadable(set);
    }

    /// <summary>The planar square of a picture; empty where it is broken and broken ones are skipped.</summary>
    /// <param name="index">The picture.</param>
    /// <param name="scratch">The calling thread's own; what is returned may be in it.</param>
    /// <param name="found">Whether it was found to be broken only now.</param>
    /// <exception cref="IOException">It cannot be read, for no fault of its own.</exception>
    internal ReadOnlySpan<byte> Read(int index, SquareScratch scratch, out bool found)
    {
        found = false;
        if (_squares is not null)
            return _squares[index];
        try
        {
            return _set.Square(index, _preprocessing, scratch);
        }
        catch (Exception exception) when (_skips.Takes(_set.Name(index), exception))
        {
            found = _skips.Add(_set.Name(index), exception);
            return [];
        }
        catch (Exception exception) when (!_skips.TakesMissing && exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The picture '{_set.Name(index)}' can no longer be read ({exception.Message.TrimEnd('.')}): see to the storage it lies on; a run goes on from its last checkpoint.", exception);
        }
    }

    /// <summary>Keeps squares valid that <see cref="Read"/> returns, until disposed.</summary>
    internal IDisposable? Hold() => _set.Hold();
}
