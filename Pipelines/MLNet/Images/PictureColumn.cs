using AlexNetMl.Imaging;
using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace AlexNetMl.Pipelines;

/// <summary>The column that holds each row's picture: as a path, as the bytes of a file, or as an image.</summary>
internal static class PictureColumn
{
    private const string Expected = "String (a path), Vector<Byte> (an encoded picture) or Image";

    private const string Remedy = "It is to hold the picture of each row; name such a column as inputColumn.";

    // A batch of pictures from a camera would take gigabytes; beyond this a picture is kept as it is after resizing, which does not change the result.
    private const int LargePicture = 1 << 20;

    public static DataViewSchema.Column Find(DataViewSchema schema, string name, string parameter, string remedy = Remedy)
        => InputColumns.Find(schema, name, parameter, type => InputColumns.IsText(type) || IsBytes(type) || type is ImageDataViewType, Expected, remedy);

    public static void Check(SchemaShape shape, string name, string parameter, string remedy = Remedy) => InputColumns.Check(
        shape,
        name,
        parameter,
        column => InputColumns.IsText(column)
            || (column.ItemType == NumberDataViewType.Byte && column.Kind != SchemaShape.Column.VectorKind.Scalar && !column.IsKey)
            || (column.ItemType is ImageDataViewType && column.Kind == SchemaShape.Column.VectorKind.Scalar),
        Expected,
        remedy);

    /// <summary>A function that gives the picture of the row as it stands, in memory of its own.</summary>
    public static Func<ImageInput> Reader(DataViewRow row, DataViewSchema.Column column, ImagePreprocessing preprocessing) => column.Type switch
    {
        TextDataViewType => Paths(row.GetGetter<ReadOnlyMemory<char>>(column)),
        VectorDataViewType => Bytes(row.GetGetter<VBuffer<byte>>(column), () => Name(row, column), length => GC.AllocateUninitializedArray<byte>(length)),
        _ => Images(row.GetGetter<MLImage>(column), () => Name(row, column), preprocessing),
    };

    /// <summary>The same for one row at a time: a picture is good until the next one is read. Memory that is made anew for each would set off a full collection every few pictures.</summary>
    public static Func<ImageInput> SingleReader(DataViewRow row, DataViewSchema.Column column)
    {
        byte[] encoded = [];
        return column.Type switch
        {
            TextDataViewType => Paths(row.GetGetter<ReadOnlyMemory<char>>(column)),
            VectorDataViewType => Bytes(row.GetGetter<VBuffer<byte>>(column), () => Name(row, column), length => encoded.Length < length ? encoded = GC.AllocateUninitializedArray<byte>(length) : encoded),
            _ => SingleImages(row.GetGetter<MLImage>(column), () => Name(row, column)),
        };
    }

    private static bool IsBytes(DataViewType type) => type is VectorDataViewType vector && vector.ItemType == NumberDataViewType.Byte;

    private static string Name(DataViewRow row, DataViewSchema.Column column) => $"the picture in column '{column.Name}', row {row.Position}";

    private static Func<ImageInput> Paths(ValueGetter<ReadOnlyMemory<char>> getter)
    {
        ReadOnlyMemory<char> value = default;
        return () =>
        {
            getter(ref value);
            return ImageInput.FromFile(value.ToString());
        };
    }

    private static Func<ImageInput> Bytes(ValueGetter<VBuffer<byte>> getter, Func<string> name, Func<int, byte[]> memory)
    {
        VBuffer<byte> value = default;
        return () =>
        {
            getter(ref value);
            byte[] copy = memory(value.Length);
            value.CopyTo(copy);
            return ImageInput.FromBytes(copy.AsMemory(0, value.Length), name());
        };
    }

    // An image belongs to whoever made it and is gone with its row.
    private static Func<ImageInput> Images(ValueGetter<MLImage> getter, Func<string> name, ImagePreprocessing preprocessing)
    {
        MLImage image = null!;
        return () =>
        {
            getter(ref image);
            if (image is null)
            {
                return ImageInput.FromBytes(ReadOnlyMemory<byte>.Empty, name());
            }

            RgbImage copy = MLImagePixels.Copy(image);
            bool large = (long)copy.Width * copy.Height > LargePicture;
            return ImageInput.FromPixels(large ? preprocessing.Resize(copy) : copy, Called(image, name));
        };
    }

    private static Func<ImageInput> SingleImages(ValueGetter<MLImage> getter, Func<string> name)
    {
        MLImage image = null!;
        var buffer = new ImageBuffer();
        return () =>
        {
            getter(ref image);
            if (image is null)
            {
                return ImageInput.FromBytes(ReadOnlyMemory<byte>.Empty, name());
            }

            MLImagePixels.Copy(image, buffer.Begin(image.Width, image.Height));
            return ImageInput.FromBuffer(buffer, Called(image, name));
        };
    }

    private static string Called(MLImage image, Func<string> name) => image.Tag is { Length: > 0 } tag ? tag : name();
}
