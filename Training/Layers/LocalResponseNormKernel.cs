using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace AlexNetMl.Training;

/// <summary>The window of a local response normalization over channels; alpha as torch has it, divided by size.</summary>
internal sealed record ChannelWindow(int Size, double Alpha, double K)
{
    /// <summary>Channels of the window before the one it belongs to.</summary>
    internal int Before => Size / 2;

    /// <summary>Channels of the window after it.</summary>
    internal int After => (Size - 1) / 2;

    /// <summary>Factor on the sum of squares.</summary>
    internal double Factor => Alpha / Size;
}

/// <summary>A contiguous <c>[Images, Channels, Positions]</c> block.</summary>
internal readonly record struct MapShape(int Images, int Channels, int Positions);

/// <summary>
/// Local response normalization with beta 0.75 over contiguous float32 memory, each direction one pass.
/// </summary>
/// <remarks>
/// With <c>s_c = k + f·Σ x_j²</c> over the window of c: <c>y_c = x_c·s_c^-¾</c> and
/// <c>dx_c = g_c·s_c^-¾ − 2·f·¾·x_c·Σ g_j·x_j·s_j^-1¾</c> over the j whose window holds c. The backward pass computes s again rather than
/// having the forward pass store it: two square roots cost less than a second read of memory. A tile is a run of positions of one image,
/// narrow enough for the window's rows to stay in the first-level cache while the channels go by.
/// </remarks>
internal static unsafe class LocalResponseNormKernel
{
    private const int TileWidth = 256;
    private const int SmallestForThreads = 1 << 15;

    private static int Lanes => Vector<float>.Count;

    /// <summary>y from x.</summary>
    internal static void Forward(ReadOnlySpan<float> x, Span<float> y, MapShape shape, ChannelWindow window, int threads)
    {
        Check(x.Length, shape);
        Check(y.Length, shape);
        fixed (float* px = x, py = y)
        {
            nint ax = (nint)px, ay = (nint)py;
            ForEachTile(shape, threads, (offset, width) => ForwardTile((float*)ax + offset, (float*)ay + offset, shape, width, window));
        }
    }

    /// <summary>dx from x and g, the gradient with respect to y.</summary>
    internal static void Backward(ReadOnlySpan<float> x, ReadOnlySpan<float> g, Span<float> dx, MapShape shape, ChannelWindow window, int threads)
    {
        Check(x.Length, shape);
        Check(g.Length, shape);
        Check(dx.Length, shape);
        fixed (float* px = x, pg = g, pd = dx)
        {
            nint ax = (nint)px, ag = (nint)pg, ad = (nint)pd;
            ForEachTile(shape, threads, (offset, width) =>
            {
                // Two rings of as many rows as the window has channels.
                float[] rings = ArrayPool<float>.Shared.Rent(2 * window.Size * TileWidth);
                fixed (float* pr = rings)
                    BackwardTile((float*)ax + offset, (float*)ag + offset, (float*)ad + offset, pr, shape, width, window);
                ArrayPool<float>.Shared.Return(rings);
            });
        }
    }

    private static void Check(int length, MapShape shape)
    {
        if (length != (long)shape.Images * shape.Channels * shape.Positions || shape.Positions < Lanes)
            throw new ArgumentException($"{length} values are not {shape} of at least {Lanes} positions.");
    }

    /// <summary>Calls <paramref name="tile"/> with offset and width of every tile, from several threads where there is enough to do.</summary>
    private static void ForEachTile(MapShape shape, int threads, Action<long, int> tile)
    {
        int tilesPerImage = (shape.Positions + TileWidth - 1) / TileWidth;
        int tiles = shape.Images * tilesPerImage;
        long imageStride = (long)shape.Channels * shape.Positions;
        void One(int index)
        {
            int image = index / tilesPerImage;
            // A last tile below one register is moved back into the tile before it: both then write the same values there.
            int start = Math.Min((index - image * tilesPerImage) * TileWidth, shape.Positions - Lanes);
            tile(image * imageStride + start, Math.Min(TileWidth, shape.Positions - start));
        }

        if (threads <= 1 || tiles * (long)TileWidth * shape.Channels < SmallestForThreads)
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

    private static void ForwardTile(float* x, float* y, MapShape shape, int width, ChannelWindow window)
    {
        nint stride = shape.Positions;
        var factor = new Vector<float>((float)window.Factor);
        var k = new Vector<float>((float)window.K);
        for (int c = 0; c < shape.Channels; c++)
        {
            int first = Math.Max(0, c - window.Before), last = Math.Min(shape.Channels - 1, c + window.After);
            float* rows = x + first * stride;
            float* centre = x + c * stride;
            float* target = y + c * stride;
            for (int p = 0; ; p = Next(p, width))
            {
                Vector<float> s = SumOfSquares(rows + p, stride, last - first) * factor + k;
                Vector<float> root = Vector.SquareRoot(s);
                (Vector.Load(centre + p) / (root * Vector.SquareRoot(root))).Store(target + p);
                if (p + Lanes >= width)
                    break;
            }
        }
    }

    private static void BackwardTile(float* x, float* g, float* dx, float* rings, MapShape shape, int width, ChannelWindow window)
    {
        nint stride = shape.Positions;
        int channels = shape.Channels, size = window.Size;
        float* direct = rings;                                  // row j % size: g_j · s_j^-¾
        float* cross = rings + (nint)size * TileWidth;          // row j % size: g_j · x_j · s_j^-1¾
        var factor = new Vector<float>((float)window.Factor);
        var k = new Vector<float>((float)window.K);
        var outer = new Vector<float>((float)(-2 * 0.75 * window.Factor));
        Span<nint> crossRows = size <= 64 ? stackalloc nint[size] : new nint[size];
        // Channel c is complete once the last window that holds it, that of c + Before, has been seen.
        for (int j = 0; j < channels + window.Before; j++)
        {
            if (j < channels)
            {
                int first = Math.Max(0, j - window.Before), last = Math.Min(channels - 1, j + window.After);
                float* rows = x + first * stride;
                nint row = (nint)(j % size) * TileWidth;
                for (int p = 0; ; p = Next(p, width))
                {
                    Vector<float> s = SumOfSquares(rows + p, stride, last - first) * factor + k;
                    Vector<float> inverse = Vector<float>.One / s;          // s^-¾ = s^-1 · s^¼: one division for both rows
                    Vector<float> scaled = Vector.Load(g + j * stride + p) * inverse * Vector.SquareRoot(Vector.SquareRoot(s));
                    scaled.Store(direct + row + p);
                    (scaled * inverse * Vector.Load(x + j * stride + p)).Store(cross + row + p);
                    if (p + Lanes >= width)
                        break;
                }
            }
            int c = j - window.Before;
            if (c < 0)
                continue;
            int from = Math.Max(0, c - window.After), to = Math.Min(channels - 1, j);
            nint own = (nint)(c % size) * TileWidth;
            for (int i = from; i <= to; i++)
                crossRows[i - from] = (nint)(i % size) * TileWidth;
            for (int p = 0; ; p = Next(p, width))
            {
                Vector<float> sum = Vector<float>.Zero;
                foreach (nint row in crossRows[..(to - from + 1)])
                    sum += Vector.Load(cross + row + p);
                (Vector.Load(direct + own + p) + outer * Vector.Load(x + c * stride + p) * sum).Store(dx + c * stride + p);
                if (p + Lanes >= width)
                    break;
            }
        }
    }

    /// <summary>The next register's position; the last one is moved back to end at <paramref name="width"/> and overlaps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Next(int position, int width) => Math.Min(position + Lanes, width - Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> SumOfSquares(float* rows, nint stride, int more)
    {
        Vector<float> value = Vector.Load(rows);
        Vector<float> sum = value * value;
        for (int i = 0; i < more; i++)
        {
            rows += stride;
            value = Vector.Load(rows);
            sum = Vector.FusedMultiplyAdd(value, value, sum);
        }
        return sum;
    }
}
