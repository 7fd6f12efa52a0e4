using System.Numerics;

namespace AlexNetMl.Training;

/// <summary>
/// ReLU, local response normalization with beta 0.75 and max pooling over contiguous float32 memory, any of them left out, each direction one pass.
/// </summary>
/// <remarks>
/// With <c>s_c = k + f·Σ x_j²</c> over the window of c: <c>y_c = x_c·s_c^-¾</c> and
/// <c>dx_c = g_c·s_c^-¾ − 2·f·¾·x_c·Σ g_j·x_j·s_j^-1¾</c> over the j whose window holds c. The backward pass computes s again rather than
/// having the forward pass store it: two square roots cost less than a second read of memory. A tile is a run of rows of one image,
/// small enough for the window's rows to stay in the first-level cache while the channels go by; what lies between two steps never leaves it.
/// The loops are compiled with all optimizations at once (AggressiveOptimization): the runtime's first, quick version of them is seven times as slow, and a
/// short training would spend its first steps in it.
/// </remarks>
internal static unsafe class StageKernel
{
    private const int TileLength = 256;
    private const int SmallestForThreads = 1 << 15;

    private static int Lanes => Vector<float>.Count;

    /// <summary>y, and the places of the maxima if there is pooling, from x.</summary>
    internal static void Forward(ReadOnlySpan<float> x, Span<float> y, Span<byte> places, StageShape shape, StageSteps steps, int threads)
    {
        Check(x.Length, y.Length, shape, steps);
        if (steps.Pool && places.Length != y.Length)
            throw new ArgumentException($"{places.Length} places for {y.Length} values.");
        fixed (float* px = x, py = y)
        fixed (byte* pi = places)
        {
            nint ax = (nint)px, ay = (nint)py, ai = (nint)pi;
            int rows = steps.Pool ? shape.PooledRows : shape.Rows, columns = steps.Pool ? 2 * shape.Columns : shape.Columns;
            ForEachTile(shape, rows, columns, threads, (image, start, count) =>
            {
                using var tile = new StageTile(shape, steps, steps.Pool ? 2 * count + 1 : count);
                tile.Forward((float*)ax, (float*)ay, (byte*)ai, image, start, count);
            });
        }
    }

    /// <summary>dx from x, the places and g, the gradient with respect to y.</summary>
    internal static void Backward(ReadOnlySpan<float> x, ReadOnlySpan<byte> places, ReadOnlySpan<float> g, Span<float> dx, StageShape shape, StageSteps steps, int threads)
    {
        Check(x.Length, g.Length, shape, steps);
        Check(dx.Length, g.Length, shape, steps);
        if (steps.Pool && places.Length != g.Length)
            throw new ArgumentException($"{places.Length} places for {g.Length} values.");
        fixed (float* px = x, pg = g, pd = dx)
        fixed (byte* pi = places)
        {
            nint ax = (nint)px, ag = (nint)pg, ad = (nint)pd, ai = (nint)pi;
            ForEachTile(shape, shape.Rows, shape.Columns, threads, (image, start, count) =>
            {
                using var tile = new StageTile(shape, steps, count);
                tile.Backward((float*)ax, (byte*)ai, (float*)ag, (float*)ad, image, start, count);
            });
        }
    }

    private static void Check(int before, int after, StageShape shape, StageSteps steps)
    {
        long maps = (long)shape.Images * shape.Channels;
        if (!shape.Fits(steps.Pool) || before != maps * shape.Positions || after != maps * (steps.Pool ? shape.PooledRows * shape.PooledColumns : shape.Positions))
            throw new ArgumentException($"{before} and {after} values do not belong to {shape}.");
    }

    /// <summary>
    /// Calls <paramref name="tile"/> with image, first row and number of rows of every tile, from several threads where there is enough to do.
    /// </summary>
    private static void ForEachTile(StageShape shape, int rows, int columns, int threads, Action<int, int, int> tile)
    {
        int longest = Math.Clamp(Math.Max(TileLength, Lanes + columns - 1) / columns, 1, rows);
        int tilesPerImage = (rows + longest - 1) / longest;
        // All of one length: the last is moved back into the one before it, and both then write the same values there.
        int length = (rows + tilesPerImage - 1) / tilesPerImage;
        length = Math.Min(rows, Math.Max(length, (Lanes + columns - 1) / columns));
        int tiles = shape.Images * tilesPerImage;
        void One(int index)
        {
            int image = index / tilesPerImage;
            tile(image, Math.Min((index - image * tilesPerImage) * length, rows - length), length);
        }

        if (threads <= 1 || (long)shape.Images * shape.Channels * shape.Positions < SmallestForThreads)
        {
            for (int index = 0; index < tiles; index++)
                One(index);
            return;
        }
        // One shared counter rather than equal shares: a core that is busy elsewhere then takes fewer tiles instead of holding up all.
        int next = 0;
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ =>
        {
            for (int index; (index = Interlocked.Increment(ref next) - 1) < tiles;)
                One(index);
        });
    }
}
