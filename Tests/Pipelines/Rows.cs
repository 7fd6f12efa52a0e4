using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace AlexNetMl.Pipelines.Tests;

/// <summary>Whole rows as objects, whatever their columns' types.</summary>
internal static class Rows
{
    private static readonly MethodInfo ScalarMethod = Method(nameof(Scalar)), VectorMethod = Method(nameof(Vector));

    /// <summary>Images are left out: they are gone with their row.</summary>
    public static bool CanRead(DataViewSchema.Column column) => column.Type is not ImageDataViewType;

    public static object[][] ReadAll(IDataView view)
    {
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema.Where(CanRead));
        Func<object[]> read = Reader(cursor);
        var rows = new List<object[]>();
        while (cursor.MoveNext())
        {
            rows.Add(read());
        }

        return [.. rows];
    }

    /// <summary>A function that reads every active column; the others' places hold nothing.</summary>
    public static Func<object[]> Reader(DataViewRow row)
    {
        Func<object>[] readers = [.. row.Schema.Select(column => CanRead(column) && row.IsColumnActive(column) ? Reader(row, column) : () => string.Empty)];
        return () => [.. readers.Select(read => read())];
    }

    public static Func<object> Reader(DataViewRow row, DataViewSchema.Column column)
    {
        try
        {
            return (Func<object>)(column.Type is VectorDataViewType vector
                ? VectorMethod.MakeGenericMethod(vector.ItemType.RawType)
                : ScalarMethod.MakeGenericMethod(column.Type.RawType)).Invoke(null, [row, column])!;
        }
        catch (TargetInvocationException e)
        {
            throw e.InnerException!;
        }
    }

    public static void Same(object[][] expected, object[][] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            Same(expected[i], actual[i]);
        }
    }

    public static void Same(object expected, object actual) => Close(expected, actual, 0);

    public static void Close(object expected, object actual, float tolerance)
    {
        if (expected is Array many)
        {
            var others = (Array)actual;
            Assert.HasCount(many.Length, others);
            for (int i = 0; i < many.Length; i++)
            {
                Close(many.GetValue(i)!, others.GetValue(i)!, tolerance);
            }
        }
        else if (tolerance > 0 && expected is float number)
        {
            Assert.AreEqual(number, (float)actual, tolerance);
        }
        else
        {
            Assert.AreEqual(expected, actual);
        }
    }

    private static MethodInfo Method(string name) => typeof(Rows).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!;

    private static Func<object> Scalar<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return value is ReadOnlyMemory<char> text ? text.ToString() : value!;
        };
    }

    private static Func<object> Vector<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> value = default;
        return () =>
        {
            getter(ref value);
            return value.DenseValues().Select(item => item is ReadOnlyMemory<char> text ? text.ToString() : (object)item!).ToArray();
        };
    }
}
