using System.Buffers.Binary;

namespace AlexNetMl.Onnx;

/// <summary>Takes little-endian float32 values in pieces of any length and hands them on in blocks.</summary>
internal sealed class FloatStream(FloatStream.Consumer consumer) : Stream
{
    /// <summary>The most values in one block.</summary>
    public const int BlockLength = 1 << 14;

    private readonly byte[] _bytes = new byte[BlockLength * sizeof(float)];
    private readonly float[] _values = new float[BlockLength];
    private int _filled;

    public delegate void Consumer(ReadOnlySpan<float> values);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            int taken = Math.Min(buffer.Length, _bytes.Length - _filled);
            buffer[..taken].CopyTo(_bytes.AsSpan(_filled));
            _filled += taken;
            buffer = buffer[taken..];
            if (_filled == _bytes.Length)
            {
                Flush();
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        int count = _filled / sizeof(float);
        for (int i = 0; i < count; i++)
        {
            _values[i] = BinaryPrimitives.ReadSingleLittleEndian(_bytes.AsSpan(i * sizeof(float)));
        }

        consumer(_values.AsSpan(0, count));
        _bytes.AsSpan(count * sizeof(float), _filled % sizeof(float)).CopyTo(_bytes);
        _filled %= sizeof(float);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && _filled > 0)
        {
            Flush();
        }

        base.Dispose(disposing);
    }
}
