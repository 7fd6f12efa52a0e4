using System.Globalization;

namespace Microsoft.ML.Data;

/// <summary>A number in [0, 1] for each row, to deal rows out by; NaN for rows that belong nowhere.</summary>
/// <param name="Column">Index of the column it is computed from, -1 for none.</param>
/// <param name="Bind">Makes the function that gives the number of the row its cursor stands on.</param>
internal sealed record RowFraction(int Column, Func<DataViewRow, Func<double>> Bind)
{
    internal static RowFraction ByPosition(int seed)
        => new(-1, row => () => ToUnit(Mix((ulong)row.Position + (Mix((uint)seed) << 1))));

    internal static RowFraction ByKey(IDataView data, string name, int seed)
    {
        DataViewSchema.Column column = data.Schema.GetColumnOrNull(name) ?? throw Errors.NoColumn("samplingKeyColumn", "SamplingKeyColumn", name);
        if (column.Type == NumberDataViewType.Single)
        {
            return ByRange<float>(data, column, value => value);
        }
        if (column.Type == NumberDataViewType.Double)
        {
            return ByRange<double>(data, column, value => value);
        }
        return column.Type is KeyDataViewType key
            ? Generic.Call<RowFraction>(() => ByKeyNumber<uint>(default, 0), [key.RawType], column, key.Count)
            : Generic.Call<RowFraction>(() => ByHash<int>(default, 0), [column.Type.ItemType().RawType], column, seed);
    }

    /// <summary>The value's place between the smallest and the largest of its column: takes a pass over the data.</summary>
    private static RowFraction ByRange<T>(IDataView data, DataViewSchema.Column column, Func<T, double> toDouble)
    {
        double least = double.PositiveInfinity;
        double most = double.NegativeInfinity;
        foreach (double value in data.GetColumn<T>(column).Select(toDouble).Where(double.IsFinite))
        {
            least = Math.Min(least, value);
            most = Math.Max(most, value);
        }
        double scale = most > least ? 1 / (most - least) : 0;
        return new RowFraction(column.Index, row =>
        {
            ValueGetter<T> getter = row.GetGetter<T>(row.Schema[column.Index]);
            T value = default;
            return () =>
            {
                getter(ref value);
                return scale == 0 ? 0 * toDouble(value) : (toDouble(value) - least) * scale;
            };
        });
    }

    private static RowFraction ByKeyNumber<T>(DataViewSchema.Column column, ulong count)
        where T : struct, System.Numerics.IUnsignedNumber<T>
        => new(column.Index, row =>
        {
            ValueGetter<T> getter = row.GetGetter<T>(row.Schema[column.Index]);
            T value = default;
            return () =>
            {
                getter(ref value);
                ulong key = ulong.CreateTruncating(value);
                return key == 0 || key > count ? double.NaN : (key - 0.5) / count;
            };
        });

    private static RowFraction ByHash<T>(DataViewSchema.Column column, int seed)
        => new(column.Index, row =>
        {
            if (column.Type is VectorDataViewType)
            {
                ValueGetter<VBuffer<T>> getVector = row.GetGetter<VBuffer<T>>(row.Schema[column.Index]);
                VBuffer<T> buffer = default;
                return () =>
                {
                    getVector(ref buffer);
                    return ToUnit(Mix(buffer.DenseValues().Aggregate(Mix((uint)seed), (hash, item) => Hash(Mix(hash), TextOf(item)))));
                };
            }
            ValueGetter<T> getter = row.GetGetter<T>(row.Schema[column.Index]);
            T value = default;
            return () =>
            {
                getter(ref value);
                string text = TextOf(value);

                // Empty text is ML.NET's missing text.
                return text.Length == 0 ? double.NaN : ToUnit(Mix(Hash(Mix((uint)seed), text)));
            };
        });

    private static string TextOf<T>(T value)
        => value switch
        {
            ReadOnlyMemory<char> text => text.ToString(),
            DateTime or DateTimeOffset => ((IFormattable)value).ToString("o", CultureInfo.InvariantCulture),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString(),
        };

    // FNV-1a.
    private static ulong Hash(ulong hash, string text) => text.Aggregate(hash ^ 0xcbf29ce484222325, (h, c) => (h ^ c) * 0x100000001b3);

    // SplitMix64's finaliser: neighbouring positions and seeds give unrelated numbers.
    private static ulong Mix(ulong value)
    {
        value += 0x9e3779b97f4a7c15;
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }

    private static double ToUnit(ulong value) => (value >> 11) * (1.0 / (1UL << 53));
}
