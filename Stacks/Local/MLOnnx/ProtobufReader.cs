namespace Microsoft.ML.Transforms.Onnx;

/// <summary>Walks the fields of one protobuf message (protobuf encoding guide); every length is checked against what is there.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    internal int Field { get; private set; }

    /// <summary>Whether the field is a run of bytes (a string, a message, packed numbers) and not a number.</summary>
    internal bool IsBytes { get; private set; }

    internal ReadOnlySpan<byte> Bytes { get; private set; }

    internal ulong Number { get; private set; }

    internal bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }
        ulong tag = Varint();
        Field = (int)Math.Min(tag >> 3, int.MaxValue);
        IsBytes = (tag & 7) == 2;
        switch (tag & 7)
        {
            case 0:
                Number = Varint();
                break;
            case 1:
                Take(8);
                break;
            case 2:
                Bytes = Take(Varint());
                break;
            case 5:
                Take(4);
                break;
            default:
                throw Damaged();
        }
        return true;
    }

    private static InvalidDataException Damaged() => new("The ONNX model is damaged: its protobuf encoding is not valid.");

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte next = Take(1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
        throw Damaged();
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_rest.Length)
        {
            throw Damaged();
        }
        ReadOnlySpan<byte> taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }
}
