using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace AlexNetMl.Training;

/// <summary>One tile of <see cref="StageKernel"/>: rows of one image through all channels, and the memory that takes.</summary>
internal unsafe ref struct StageTile : IDisposable
{
    private readonly StageShape _shape;
    private readonly StageSteps _steps;
    private readonly int _window;           // channels of the window; 1 without one
    private readonly int _length;           // values of a channel in the tile
    private readonly int _stride;           // of a ring's rows
    private readonly float[] _memory;
    private MemoryHandle _pin;
    private readonly float** _rows;         // the window's rows, wherever they are
    private readonly float* _rectified;     // ring: channel c in row c % window
    private readonly float* _direct;        // ring: g_c · s_c^-¾
    private readonly float* _cross;         // ring: g_c · x_c · s_c^-1¾
    private readonly float* _zeros;         // a channel outside the image
    private readonly float* _plane;         // what lies between pooling and the rest
    private readonly float* _work;

    /// <summary>Memory for so many rows.</summary>
    internal StageTile(StageShape shape, StageSteps steps, int rows)
    {
        _shape = shape;
        _steps = steps;
        _window = steps.Window?.Size ?? 1;
        _length = rows * shape.Columns;
        _stride = _length + Lanes;
        int rings = 3 * _window * _stride, plane = _stride + 4 * shape.Columns + ThreeByTwoPool.Behind;
        int work = steps.Pool ? ThreeByTwoPool.WorkLength(shape.PooledColumns) : 0;
        _memory = ArrayPool<float>.Shared.Rent(2 * _window + rings + _stride + plane + work);
        _pin = _memory.AsMemory().Pin();
        _rows = (float**)_pin.Pointer;
        _rectified = (float*)(_rows + _window);
        _direct = _rectified + (nint)_window * _stride;
        _cross = _direct + (nint)_window * _stride;
        _zeros = _cross + (nint)_window * _stride;
        _plane = _zeros + _stride;
        _work = _plane + plane;
        new Span<float>(_zeros, _stride).Clear();
    }

    private static int Lanes => Vector<float>.Count;

    /// <summary>Output rows start … start + count − 1 of an image.</summary>
    internal readonly void Forward(float* x, float* y, byte* places, int image, int start, int count)
    {
        int channels = _shape.Channels;
        nint map = _shape.Positions, first = (_steps.Pool ? 2 * start : start) * (nint)_shape.Columns;
        nint outputColumns = _steps.Pool ? _shape.PooledColumns : _shape.Columns;
        nint outputMap = _steps.Pool ? _shape.PooledRows * outputColumns : map;
        float* source = x + (nint)image * channels * map + first;
        nint output = (nint)image * channels * outputMap + start * outputColumns;
        float** rows = _rows;
        int ahead = 0;
        for (int c = 0; c < channels; c++, output += outputMap)
        {
            float* target = _steps.Pool ? _plane : y + output;
            if (_steps.Window is not { } window)
            {
                Rectify(source + c * map, target, map);
            }
            else
            {
                for (; ahead < channels && ahead <= c + window.After; ahead++)
                    Advance(source, map, ahead);
                Rows(source, map, c - window.Before, rows);
                Normalize(rows, window, target, _steps.Rectify ? 0 : map);
            }
            if (_steps.Pool)
                ThreeByTwoPool.Forward(_plane, _shape.Columns, count, y + output, places + output, _work);
        }
    }

    /// <summary>Input rows start … start + count − 1 of an image.</summary>
    internal readonly void Backward(float* x, byte* places, float* g, float* dx, int image, int start, int count)
    {
        int channels = _shape.Channels;
        nint map = _shape.Positions, first = (nint)start * _shape.Columns, pooledMap = (nint)_shape.PooledRows * _shape.PooledColumns;
        nint position = (nint)image * channels * map + first;
        float* source = x + position;
        float** rows = _rows;
        int ahead = 0, before = _steps.Window?.Before ?? 0;
        // Channel c is complete once the last window that holds it, that of c + before, has been seen.
        for (int j = 0; j < channels + before; j++)
        {
            float* gradient = g + position + j * map;
            if (_steps.Pool && j < channels)
            {
                nint pooled = ((nint)image * channels + j) * pooledMap;
                ThreeByTwoPool.Backward(g + pooled, places + pooled, _shape, start, count, _plane);
                gradient = _plane + 2 * (nint)_shape.Columns;
            }
            if (_steps.Window is not { } window)
            {
                Mask(source + j * map, gradient, dx + position + j * map, map, _steps.Pool ? 0 : map);
                continue;
            }
            if (j < channels)
            {
                for (; ahead < channels && ahead <= j + window.After; ahead++)
                    Advance(source, map, ahead);
                Rows(source, map, j - window.Before, rows);
                nint row = (nint)(j % _window) * _stride;
                Weigh(rows, window, gradient, _direct + row, _cross + row, _steps.Rectify ? 0 : map, _steps.Pool ? 0 : map);
            }
            if (j < before)
                continue;
            int c = j - before;
            for (int i = 0; i < _window; i++)
            {
                int channel = c - window.After + i;
                rows[i] = channel < 0 || channel >= channels ? _zeros : _cross + (nint)(channel % _window) * _stride;
            }
            Combine(rows, window, _direct + (nint)(c % _window) * _stride, Row(source, map, c), dx + position + c * map);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pin.Dispose();
        ArrayPool<float>.Shared.Return(_memory);
    }

    private readonly float* Row(float* source, nint map, int channel) => _steps.Rectify ? _rectified + (nint)(channel % _window) * _stride : source + channel * map;

    private readonly void Advance(float* source, nint map, int channel)
    {
        if (_steps.Rectify)
            Rectify(source + channel * map, _rectified + (nint)(channel % _window) * _stride, map);
    }

    // The window's rows, from the given channel on.
    private readonly void Rows(float* source, nint map, int from, float** rows)
    {
        for (int i = 0; i < _window; i++)
            rows[i] = from + i < 0 || from + i >= _shape.Channels ? _zeros : Row(source, map, from + i);
    }

    // Without ReLU a copy: only pooling alone asks for it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Rectify(float* source, float* target, nint next)
    {
        for (int p = 0; ; p = Next(p))
        {
            Prefetch(source + p + next);
            Vector<float> value = Vector.Load(source + p);
            (_steps.Rectify ? Positive(value, value) : value).Store(target + p);
            if (p + Lanes >= _length)
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Mask(float* source, float* gradient, float* target, nint next, nint nextGradient)
    {
        for (int p = 0; ; p = Next(p))
        {
            Prefetch(source + p + next);
            Prefetch(gradient + p + nextGradient);
            Vector<float> value = Vector.Load(gradient + p);
            (_steps.Rectify ? Positive(Vector.Load(source + p), value) : value).Store(target + p);
            if (p + Lanes >= _length)
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Normalize(float** rows, ChannelWindow window, float* target, nint next)
    {
        var factor = new Vector<float>((float)window.Factor);
        var k = new Vector<float>((float)window.K);
        float* centre = rows[window.Before], last = rows[_window - 1];
        for (int p = 0; ; p = Next(p))
        {
            Prefetch(last + p + next);
            Vector<float> s = SumOfSquares(rows, p) * factor + k;
            Vector<float> root = Vector.SquareRoot(s);
            (Vector.Load(centre + p) / (root * Vector.SquareRoot(root))).Store(target + p);
            if (p + Lanes >= _length)
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Weigh(float** rows, ChannelWindow window, float* gradient, float* direct, float* cross, nint next, nint nextGradient)
    {
        var factor = new Vector<float>((float)window.Factor);
        var k = new Vector<float>((float)window.K);
        float* centre = rows[window.Before], last = rows[_window - 1];
        for (int p = 0; ; p = Next(p))
        {
            Prefetch(last + p + next);
            Prefetch(gradient + p + nextGradient);
            Vector<float> s = SumOfSquares(rows, p) * factor + k;
            Vector<float> inverse = Vector<float>.One / s;          // s^-¾ = s^-1 · s^¼: one division for both rows
            Vector<float> scaled = Vector.Load(gradient + p) * inverse * Vector.SquareRoot(Vector.SquareRoot(s));
            scaled.Store(direct + p);
            (scaled * inverse * Vector.Load(centre + p)).Store(cross + p);
            if (p + Lanes >= _length)
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Combine(float** rows, ChannelWindow window, float* direct, float* centre, float* target)
    {
        var outer = new Vector<float>((float)(-2 * 0.75 * window.Factor));
        for (int p = 0; ; p = Next(p))
        {
            Vector<float> sum;
            if (_window == 5)
            {
                sum = Vector.Load(rows[0] + p) + Vector.Load(rows[1] + p) + Vector.Load(rows[2] + p) + Vector.Load(rows[3] + p) + Vector.Load(rows[4] + p);
            }
            else
            {
                sum = Vector<float>.Zero;
                for (int i = 0; i < _window; i++)
                    sum += Vector.Load(rows[i] + p);
            }
            Vector<float> x = Vector.Load(centre + p);
            Vector<float> value = Vector.Load(direct + p) + outer * x * sum;
            (_steps.Rectify ? Positive(x, value) : value).Store(target + p);
            if (p + Lanes >= _length)
                break;
        }
    }

    // Every loop that reads a channel from memory prefetches the same place of the next one, `next` values further on, while it computes: that lies in
    // another page, where the processor does not prefetch by itself. 0 where the row lies in the cache already. Behind the last channel, or a row of
    // zeros in its place, lies memory that nobody reads: a prefetch of it does no harm, mapped or not.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* address)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(address);
    }

    // Rows outside the image are zeros, which change no sum.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly Vector<float> SumOfSquares(float** rows, int p)
    {
        Vector<float> value = Vector.Load(rows[0] + p);
        Vector<float> sum = value * value;
        if (_window == 5)
        {
            sum = Add(rows[1] + p, sum);
            sum = Add(rows[2] + p, sum);
            sum = Add(rows[3] + p, sum);
            return Add(rows[4] + p, sum);
        }
        for (int i = 1; i < _window; i++)
            sum = Add(rows[i] + p, sum);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Add(float* row, Vector<float> sum)
    {
        Vector<float> value = Vector.Load(row);
        return Vector.FusedMultiplyAdd(value, value, sum);
    }

    // As torch's ReLU and its gradient: zero where the sign is not positive, NaN passes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Positive(Vector<float> sign, Vector<float> value) =>
        Vector.AndNot(value, Vector.LessThanOrEqual(sign, Vector<float>.Zero).As<int, float>());

    /// <summary>The next register's position; the last one is moved back to end at the tile's length and overlaps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int Next(int position) => Math.Min(position + Lanes, _length - Lanes);
}
