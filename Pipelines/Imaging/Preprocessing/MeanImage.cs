using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace AlexNetMl.Imaging;

/// <summary>
/// The mean of the training pictures, pixel by pixel, which section 2 of the paper subtracts. Immutable, compared by value.
/// </summary>
public sealed class MeanImage : IEquatable<MeanImage>
{
    private readonly float[] values;
    private readonly Lazy<int> hash;

    /// <summary>A mean image.</summary>
    /// <param name="side">Its side in pixels, 1 to <see cref="ImagePreprocessing.LargestSide"/>.</param>
    /// <param name="values">[3, side, side]: planes R, G, B whatever order the network takes, in units of rescaled pixels; copied.</param>
    /// <exception cref="ArgumentException">The side is out of range, the number of values is another, or one is not finite.</exception>
    public MeanImage(int side, ReadOnlySpan<float> values)
        : this(CheckedSide(side), values.ToArray())
    {
    }

    private MeanImage(int side, float[] values)
    {
        if (values.Length != Length(side))
        {
            throw new ArgumentException($"{values.Length} values were given; a mean image [3, {side}, {side}] takes {Length(side)}.", nameof(values));
        }

        foreach (var value in values)
        {
            if (!float.IsFinite(value))
            {
                throw new ArgumentException(FormattableString.Invariant($"A mean image holds {value}; every value must be finite."), nameof(values));
            }
        }

        Side = side;
        this.values = values;
        hash = new Lazy<int>(() =>
        {
            var code = default(HashCode);
            code.AddBytes(MemoryMarshal.AsBytes<float>(this.values));
            return code.ToHashCode();
        });
    }

    /// <summary>Side in pixels.</summary>
    public int Side { get; }

    /// <summary>[3, Side, Side]: planes R, G, B, rows from top to bottom, in units of rescaled pixels.</summary>
    public ReadOnlySpan<float> Values => values;

    /// <inheritdoc/>
    public bool Equals(MeanImage? other) =>
        other is not null
        && (ReferenceEquals(values, other.values)
            || MemoryMarshal.AsBytes<float>(values).SequenceEqual(MemoryMarshal.AsBytes<float>(other.values)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MeanImage);

    /// <inheritdoc/>
    public override int GetHashCode() => hash.Value;

    /// <summary>Number of values of a mean image of some side.</summary>
    internal static int Length(int side) => checked(RgbImage.Channels * side * side);

    /// <summary>The values as little-endian float32.</summary>
    internal byte[] ToBytes()
    {
        var bytes = new byte[values.Length * sizeof(float)];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        }

        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="ArgumentException">As for the constructor.</exception>
    internal static MeanImage FromBytes(int side, ReadOnlySpan<byte> bytes)
    {
        var values = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        }

        return new MeanImage(CheckedSide(side), values);
    }

    private static int CheckedSide(int side) =>
        side is >= 1 and <= ImagePreprocessing.LargestSide
            ? side
            : throw new ArgumentException($"A mean image of side {side}; allowed is 1 to {ImagePreprocessing.LargestSide}.", nameof(side));
}
