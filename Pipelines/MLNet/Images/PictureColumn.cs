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
        VectorDataViewType => Bytes(row.GetGetter<VBuffer<byte>>(column), () => Name(row, column)),
        _ => Images(row.GetGetter<MLImage>(column), () => Name(row, column), preprocessing),
    };

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

    private static Func<ImageInput> Bytes(ValueGetter<VBuffer<byte>> getter, Func<string> name)
    {
        VBuffer<byte> value = default;
        return () =>
        {
            getter(ref value);
            byte[] copy = GC.AllocateUninitializedArray<byte>(value.Length);
            value.CopyTo(copy);
            return ImageInput.FromBytes(copy, name());
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

            RgbImage copy = Copy(image);
            bool large = (long)copy.Width * copy.Height > LargePicture;
            return ImageInput.FromPixels(large ? preprocessing.Resize(copy) : copy, image.Tag is { Length: > 0 } tag ? tag : name());
        };
    }

    /// <summary>An image's pixels. Alpha is left out, as ML.NET's own ExtractPixels leaves it out.</summary>
    /// <exception cref="ImageFormatException">Its pixels are neither Rgba32 nor Bgra32.</exception>
    public static RgbImage Copy(MLImage image)
    {
        int red = image.PixelFormat switch
        {
            MLPixelFormat.Rgba32 => 0,
            MLPixelFormat.Bgra32 => 2,
            _ => throw new ImageFormatException($"An image has pixels of format {image.PixelFormat}; Rgba32 and Bgra32 can be scored."),
        };
        ReadOnlySpan<byte> pixels = image.Pixels;
        byte[] rgb = GC.AllocateUninitializedArray<byte>(image.Width * image.Height * RgbImage.Channels);
        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += RgbImage.Channels)
        {
            rgb[to] = pixels[from + red];
            rgb[to + 1] = pixels[from + 1];
            rgb[to + 2] = pixels[from + 2 - red];
        }

        return new RgbImage(image.Width, image.Height, rgb);
    }
}
