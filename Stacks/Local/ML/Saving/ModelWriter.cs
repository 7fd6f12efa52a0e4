using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.Data;

/// <summary>Writes what <see cref="ModelReader"/> reads; little-endian, texts and blocks behind their length.</summary>
internal sealed class ModelWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    internal byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    internal void Byte(byte value) => _bytes.Write([value]);

    internal void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    internal void Number(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.GetSpan(sizeof(int)), value);
        _bytes.Advance(sizeof(int));
    }

    internal void Large(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.GetSpan(sizeof(ulong)), value);
        _bytes.Advance(sizeof(ulong));
    }

    internal void Real(float value) => Number(BitConverter.SingleToInt32Bits(value));

    internal void Text(string value) => Block(Encoding.UTF8.GetBytes(value));

    internal void TextOrNull(string value)
    {
        Flag(value is not null);
        if (value is not null)
        {
            Text(value);
        }
    }

    internal void Texts(IReadOnlyCollection<string> values) => List(values, Text);

    internal void Block(byte[] value)
    {
        Number(value.Length);
        _bytes.Write(value);
    }

    internal void Values<T>(ReadOnlySpan<T> values)
        where T : unmanaged
        => Block(MemoryMarshal.AsBytes(values).ToArray());

    internal void List<T>(IReadOnlyCollection<T> items, Action<T> write)
    {
        Number(items.Count);
        foreach (T item in items)
        {
            write(item);
        }
    }

    internal void Pairs((string Output, string Input)[] pairs)
        => List(pairs, pair =>
        {
            Text(pair.Output);
            Text(pair.Input);
        });

    /// <summary>A transformer inside another one, in whatever form it saves itself.</summary>
    internal void Component(ICanSaveModel model) => _bytes.Write(ModelSaveContext.ComponentOf(model));
}
