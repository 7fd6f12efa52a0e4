namespace AlexNetMl.Scoring;

/// <summary>Walks through the whole records of a file of rows; what stands behind the last whole one is left alone.</summary>
internal sealed class RecordReader(Stream stream, RowFormat format) : IDisposable
{
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private int _length;

    /// <summary>Where in the stream the records read so far end.</summary>
    public long Position { get; private set; } = stream.Position;

    /// <summary>The current record, line feed included.</summary>
    public ReadOnlySpan<byte> Record => _buffer.AsSpan(_start, _length);

    /// <summary>Goes on to the next record.</summary>
    /// <returns>False where no whole one follows.</returns>
    public bool Next()
    {
        (_start, _length) = (_start + _length, 0);
        while (true)
        {
            _length = format.RecordLength(_buffer.AsSpan(_start, _end - _start));
            if (_length > 0)
            {
                Position += _length;
                return true;
            }

            if (!Fill())
            {
                return false;
            }
        }
    }

    public void Dispose() => stream.Dispose();

    private bool Fill()
    {
        if (_end - _start >= RowFormat.LongestRecord)
        {
            return false;
        }

        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }

        int read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        return read > 0;
    }
}
