using System.Globalization;
using System.Numerics;

namespace Microsoft.ML.Data;

/// <summary>A 128-bit row identity that stays the same however rows are shuffled. Derived ids are rounds of MurmurHash3 (x64, 128 bits).</summary>
public readonly struct DataViewRowId : IComparable<DataViewRowId>, IEquatable<DataViewRowId>
{
    private const ulong MixA = 0x87c37b91114253d5;
    private const ulong MixB = 0x4cf5ad432745937f;

    public readonly ulong Low;
    public readonly ulong High;

    public DataViewRowId(ulong low, ulong high)
    {
        Low = low;
        High = high;
    }

    public int CompareTo(DataViewRowId other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    public bool Equals(DataViewRowId other) => Low == other.Low && High == other.High;

    public override bool Equals(object obj) => obj is DataViewRowId other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Low, High);

    public override string ToString() => High.ToString("x16", CultureInfo.InvariantCulture) + Low.ToString("x16", CultureInfo.InvariantCulture);

    public DataViewRowId Next() => Round(0, 0);

    public DataViewRowId Fork()
    {
        DataViewRowId next = Next();
        return new DataViewRowId(next.Low ^ (BitOperations.RotateLeft(MixA, 31) * MixB), next.High);
    }

    public DataViewRowId Combine(DataViewRowId other)
    {
        DataViewRowId fork = other.Fork();
        return Round(fork.Low, fork.High);
    }

    private DataViewRowId Round(ulong first, ulong second)
    {
        ulong low = Low ^ (BitOperations.RotateLeft(first * MixA, 31) * MixB);
        low = ((BitOperations.RotateLeft(low, 27) + High) * 5) + 0x52dce729;
        ulong high = High ^ (BitOperations.RotateLeft(second * MixB, 33) * MixA);
        high = ((BitOperations.RotateLeft(high, 31) + low) * 5) + 0x38495ab5;
        return new DataViewRowId(low, high);
    }
}
