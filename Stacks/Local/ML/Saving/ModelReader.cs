using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Reads a saved model; nothing is allocated that the bytes at hand do not hold.</summary>
/// <param name="data">What is left to read.</param>
/// <param name="environment">For what is not saved with a model, such as the device.</param>
/// <param name="depth">How many components may still lie inside each other.</param>
internal sealed class ModelReader(ReadOnlyMemory<byte> data, IHostEnvironmentInternal environment, int depth)
{
    private ReadOnlyMemory<byte> _rest = data;

    internal IHostEnvironmentInternal Environment => environment;

    internal static FormatException Damaged(string what) => new($"The model file is damaged: {what}.");

    internal byte Byte() => Take(1)[0];

    internal bool Flag() => Byte() switch { 0 => false, 1 => true, var other => throw Damaged($"a flag is {other}") };

    internal int Number() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    internal ulong Large() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    internal float Real() => BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));

    internal string Text() => Encoding.UTF8.GetString(Block());

    internal string TextOrNull() => Flag() ? Text() : null;

    internal string[] Texts() => List(Text);

    internal ReadOnlySpan<byte> Block() => Take(Number());

    internal T[] Values<T>()
        where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = Block();
        int size = Unsafe.SizeOf<T>();
        return bytes.Length % size == 0 ? MemoryMarshal.Cast<byte, T>(bytes).ToArray() : throw Damaged($"{bytes.Length} bytes are no values of {size} bytes each");
    }

    /// <summary>Every item takes a byte at least, so no more are believed than bytes are left.</summary>
    internal T[] List<T>(Func<T> read)
    {
        int count = Number();
        if (count < 0 || count > _rest.Length)
        {
            throw Damaged($"{count} items in {_rest.Length} bytes");
        }
        var items = new List<T>();
        for (int i = 0; i < count; i++)
        {
            items.Add(read());
        }
        return [.. items];
    }

    internal (string Output, string Input)[] Pairs() => List(() => (Text(), Text()));

    internal TEnum Choice<TEnum>()
        where TEnum : struct, Enum
    {
        var value = (TEnum)Enum.ToObject(typeof(TEnum), Byte());
        return Enum.IsDefined(value) ? value : throw Damaged($"{value} is no {typeof(TEnum).Name}");
    }

    internal ITransformer Component()
    {
        if (depth == 0)
        {
            throw Damaged("its components lie too deep inside each other");
        }
        string kind = Text();
        int length = Number();
        var inner = new ModelReader(TakeMemory(length), environment, depth - 1);
        ITransformer transformer = SavedComponents.Load(kind, inner);
        inner.End();
        return transformer;
    }

    internal void End()
    {
        if (!_rest.IsEmpty)
        {
            throw Damaged($"{_rest.Length} bytes are left over");
        }
    }

    private ReadOnlySpan<byte> Take(int count) => TakeMemory(count).Span;

    private ReadOnlyMemory<byte> TakeMemory(int count)
    {
        if (count < 0 || count > _rest.Length)
        {
            throw Damaged($"{count} bytes are needed where {_rest.Length} are left");
        }
        ReadOnlyMemory<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
