using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

/// <summary>Checks of image columns, shared by the image transforms.</summary>
internal static class ImageColumns
{
    internal static void Check(SchemaShape.Column column)
    {
        if (column.ItemType is not ImageDataViewType || column.Kind != SchemaShape.Column.VectorKind.Scalar)
        {
            throw Errors.WrongType("inputSchema", "input", column.Name, new ImageDataViewType().ToString(), column.TypeText());
        }
    }

    internal static ImageDataViewType Check(DataViewSchema.Column column)
        => column.Type as ImageDataViewType ?? throw Errors.WrongType("inputSchema", "input", column.Name, "image", column.Type.ToString());
}
