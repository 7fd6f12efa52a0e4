namespace Microsoft.ML.Data;

/// <summary>Names of the annotations that ML.NET gives a meaning to, and how key values are attached.</summary>
internal static class Annotation
{
    internal const string SlotNames = "SlotNames";
    internal const string KeyValues = "KeyValues";
    internal const string IsNormalized = "IsNormalized";

    internal static void AddKeyValues<TValue>(
        this DataViewSchema.Annotations.Builder builder, int count, PrimitiveDataViewType type, ValueGetter<VBuffer<TValue>> getter)
        => builder.Add(KeyValues, new VectorDataViewType(type, count), getter);
}
