using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Trainers;

/// <summary>What a column of pictures holds.</summary>
internal enum PictureColumnKind
{
    /// <summary>Paths of files.</summary>
    Path,

    /// <summary>The files' bytes.</summary>
    Bytes,
}

/// <summary>Looks up the column of pictures; errors are ML.NET's in type and wording, with what to do about them.</summary>
internal static class PictureColumn
{
    private const string Expected = "String or Vector<Byte>";
    private const string Remedy = "It is to hold the path or the bytes of each row's picture; name such a column as ImageColumnName.";

    /// <summary>The column of that name, and what it holds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or holds something else.</exception>
    public static (DataViewSchema.Column Column, PictureColumnKind Kind) Find(DataViewSchema schema, string name, string parameter)
    {
        DataViewSchema.Column column = schema.GetColumnOrNull(name)
            ?? throw SchemaErrors.Missing(parameter, "image", name, schema.Where(other => !other.IsHidden).Select(other => other.Name), Remedy);
        PictureColumnKind? kind = column.Type is VectorDataViewType vector
            ? vector.ItemType is NumberDataViewType { RawType: var raw } && raw == typeof(byte) ? PictureColumnKind.Bytes : null
            : column.Type is TextDataViewType ? PictureColumnKind.Path : null;
        return kind is { } known ? (column, known) : throw SchemaErrors.Mismatch(parameter, "image", name, Expected, column.Type.ToString(), Remedy);
    }

    /// <summary>The same check against a promise of columns.</summary>
    public static void Check(SchemaShape shape, string name, string parameter)
    {
        SchemaShape.Column[] found = [.. shape.Where(column => column.Name == name).Take(1)];
        if (found.Length == 0)
            throw SchemaErrors.Missing(parameter, "image", name, shape.Select(other => other.Name), Remedy);
        bool scalar = found[0].Kind == SchemaShape.Column.VectorKind.Scalar;
        if (found[0].IsKey || (scalar ? found[0].ItemType is not TextDataViewType : found[0].ItemType.RawType != typeof(byte)))
            throw SchemaErrors.Mismatch(parameter, "image", name, Expected, SchemaErrors.Describe(found[0]), Remedy);
    }
}
