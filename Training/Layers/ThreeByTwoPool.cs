using System.Numerics;
using System.Runtime.CompilerServices;

namespace AlexNetMl.Training;

/// <summary>Max pooling over 3×3 windows, stride 2, of one channel: what torch computes, with the place of each maximum in one byte.</summary>
/// <remarks>
/// The place is 0 to 8, row by row in the window, the first of equal values as in torch; a NaN counts as a maximum. Along a row first: neighbouring
/// windows share a row's maxima, and the even and odd columns of a row are two shuffles away.
/// </remarks>
internal static unsafe class ThreeByTwoPool
{
    private static int Lanes => Vector<float>.Count;

    /// <summary>Floats that may be read behind the last row; their values do not matter.</summary>
    internal static int Behind => 4 * Lanes;

    /// <summary>Floats of working memory.</summary>
    internal static int WorkLength(int pooledColumns) => 8 * Padded(pooledColumns);

    /// <summary>Pools 2·rows + 1 rows.</summary>
    /// <param name="source">Rows of <paramref name="columns"/> values and <see cref="Behind"/> more.</param>
    /// <param name="columns">Columns before pooling.</param>
    /// <param name="rows">Rows after pooling.</param>
    /// <param name="target">The maxima.</param>
    /// <param name="places">Their places.</param>
    /// <param name="work">Working memory.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Forward(float* source, int columns, int rows, float* target, byte* places, float* work)
    {
        int pooledColumns = (columns - 3) / 2 + 1, padded = Padded(pooledColumns);
        // A ring of three rows of maxima, each followed by its places, and the result's row.
        float* result = work + 6 * padded;
        AlongRow(source, padded, work);
        for (int row = 0; row < rows; row++)
        {
            float* first = work + (2 * row % 3) * 2 * padded;
            float* second = work + ((2 * row + 1) % 3) * 2 * padded;
            float* third = work + ((2 * row + 2) % 3) * 2 * padded;
            AlongRow(source + (2 * row + 1) * columns, padded, second);
            AlongRow(source + (2 * row + 2) * columns, padded, third);
            for (int p = 0; p < padded; p += Lanes)
            {
                Vector<float> best = Vector.Load(first + p);
                Vector<int> place = Vector.Load((int*)(first + padded + p));
                Take(ref best, ref place, Vector.Load(second + p), Vector.Load((int*)(second + padded + p)) + new Vector<int>(3));
                Take(ref best, ref place, Vector.Load(third + p), Vector.Load((int*)(third + padded + p)) + new Vector<int>(6));
                best.Store(result + p);
                place.Store((int*)(result + padded + p));
            }
            new ReadOnlySpan<float>(result, pooledColumns).CopyTo(new Span<float>(target, pooledColumns));
            int* wide = (int*)(result + padded);
            for (int p = 0; p < pooledColumns; p++)
                places[p] = (byte)wide[p];
            target += pooledColumns;
            places += pooledColumns;
        }
    }

    /// <summary>The gradient of rows first … first + count − 1 before pooling.</summary>
    /// <param name="gradient">The gradient after pooling, all rows of the channel.</param>
    /// <param name="places">Its places.</param>
    /// <param name="shape">Sizes before pooling.</param>
    /// <param name="first">First row.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="target">count + 4 rows; the result begins in the third.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Backward(float* gradient, byte* places, StageShape shape, int first, int count, float* target)
    {
        int columns = shape.Columns, pooledColumns = shape.PooledColumns;
        new Span<float>(target, (count + 4) * columns).Clear();
        int* offsets = stackalloc int[9];
        for (int place = 0; place < 9; place++)
            offsets[place] = place / 3 * columns + place % 3;
        // Every window that touches the rows: those at the edges write into the two rows above and below, which nobody reads.
        int last = Math.Min(shape.PooledRows - 1, (first + count - 1) / 2);
        for (int row = Math.Max(0, (first - 1) / 2); row <= last; row++)
        {
            float* window = target + (2 * row - first + 2) * columns;
            float* g = gradient + row * pooledColumns;
            byte* place = places + row * pooledColumns;
            for (int p = 0; p < pooledColumns; p++)
                window[2 * p + offsets[place[p]]] += g[p];
        }
    }

    private static int Padded(int count) => (count + Lanes - 1) / Lanes * Lanes;

    // Maxima of columns 2p, 2p + 1, 2p + 2, and behind them which it was.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AlongRow(float* row, int padded, float* target)
    {
        for (int p = 0; p < padded; p += Lanes)
        {
            float* x = row + 2 * p;
            Vector<ulong> low = Vector.Load((ulong*)x), high = Vector.Load((ulong*)(x + Lanes));
            Vector<float> best = Vector.Narrow(low, high).As<uint, float>();
            Vector<int> place = Vector<int>.Zero;
            Take(ref best, ref place, Vector.Narrow(low >> 32, high >> 32).As<uint, float>(), Vector<int>.One);
            Take(ref best, ref place, Vector.Narrow(Vector.Load((ulong*)(x + 2)), Vector.Load((ulong*)(x + 2 + Lanes))).As<uint, float>(), new Vector<int>(2));
            best.Store(target + p);
            place.Store((int*)(target + padded + p));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Take(ref Vector<float> best, ref Vector<int> place, Vector<float> value, Vector<int> valuePlace)
    {
        Vector<int> greater = Vector.GreaterThan(value, best) | ~Vector.Equals(value, value);
        best = Vector.ConditionalSelect(greater, value, best);
        place = Vector.ConditionalSelect(greater, valuePlace, place);
    }
}
