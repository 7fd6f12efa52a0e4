namespace AlexNetMl.Onnx;

/// <summary>Hands writes on until a promised number of bytes is reached, and refuses the first byte beyond it.</summary>
internal sealed class ExactLengthStream(Stream inner, long promised, string tensor) : Stream
{
    private long _written;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _written;
        set => throw new NotSupportedException();
    }

    public void VerifyComplete()
    {
        if (_written != promised)
        {
            throw new OnnxFormatException($"The initializer '{tensor}' announced {promised} bytes and wrote {_written}.");
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length > promised - _written)
        {
            throw new OnnxFormatException(
                $"The initializer '{tensor}' announced {promised} bytes and writes at least {_written + buffer.Length}.");
        }

        inner.Write(buffer);
        _written += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
