using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

/// <summary>Makes vectors of an image's colours.</summary>
public sealed class ImagePixelExtractingEstimator : TrivialEstimator<ImagePixelExtractingTransformer>
{
    internal ImagePixelExtractingEstimator(ImagePixelExtractingTransformer transformer)
        : base(transformer)
    {
    }

    [Flags]
    public enum ColorBits : byte
    {
        Alpha = 1,
        Red = 2,
        Green = 4,
        Blue = 8,
        Rgb = Red | Green | Blue,
        All = Alpha | Rgb,
    }

    public enum ColorsOrder : byte
    {
        ARGB = 1,
        ARBG = 2,
        ABRG = 3,
        ABGR = 4,
        AGRB = 5,
        AGBR = 6,
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Errors.NotNull(inputSchema, nameof(inputSchema));
        var result = new ShapeBuilder(inputSchema);
        foreach ((string output, string input) in Transformer.ColumnPairs)
        {
            ImageColumns.Check(result.Input(input));
            result.Set(new SchemaShape.Column(output, SchemaShape.Column.VectorKind.Vector, Transformer.ItemType, isKey: false));
        }
        return result.ToShape();
    }
}

public sealed class ImagePixelExtractingTransformer : OneToOneTransformerBase
{
    private readonly PixelExtraction _options;

    internal ImagePixelExtractingTransformer((string Output, string Input)[] columns, PixelExtraction options)
        : base(columns)
    {
        _options = options.Checked();
    }

    internal NumberDataViewType ItemType => _options.AsFloats ? NumberDataViewType.Single : NumberDataViewType.Byte;

    internal static ITransformer Load(ModelReader reader)
        => new ImagePixelExtractingTransformer(reader.Pairs(), new PixelExtraction(
            (ImagePixelExtractingEstimator.ColorBits)reader.Byte(), reader.Choice<ImagePixelExtractingEstimator.ColorsOrder>(),
            reader.Flag(), reader.Real(), reader.Real(), reader.Flag()));

    private protected override RowMapping Map(DataViewSchema inputSchema) => new Mapping(this, inputSchema);

    private protected override void SaveModel(ModelSaveContext ctx)
        => ctx.Component(SavedComponents.ExtractPixels, writer =>
        {
            writer.Pairs(ColumnPairs);
            writer.Byte((byte)_options.Colors);
            writer.Byte((byte)_options.Order);
            writer.Flag(_options.Interleave);
            writer.Real(_options.Offset);
            writer.Real(_options.Scale);
            writer.Flag(_options.AsFloats);
        });

    private sealed class Mapping : OneToOneMapping
    {
        private readonly ImagePixelExtractingTransformer _parent;
        private readonly ImageDataViewType[] _images;

        internal Mapping(ImagePixelExtractingTransformer parent, DataViewSchema inputSchema)
            : base(parent, inputSchema)
        {
            _parent = parent;
            _images = Array.ConvertAll(Inputs, input =>
            {
                ImageDataViewType image = ImageColumns.Check(input);
                return image is { Height: > 0, Width: > 0 }
                    ? image
                    : throw Errors.WrongType(nameof(inputSchema), "input", input.Name, "known-size image", "unknown-size image");
            });
        }

        protected override DataViewSchema.DetachedColumn MakeOutput(string name, int pair)
        {
            (int height, int width, int planes) = (_images[pair].Height, _images[pair].Width, _parent._options.Planes);
            return new(name, _parent._options.Interleave
                ? new VectorDataViewType(_parent.ItemType, height, width, planes)
                : new VectorDataViewType(_parent.ItemType, planes, height, width));
        }

        protected override Delegate MakeGetter(DataViewRow input, int pair, out Action release)
            => _parent._options.AsFloats
                ? Getter<float>(input, pair, _parent._options.ToFloats, out release)
                : Getter<byte>(input, pair, _parent._options.ToBytes, out release);

        private ValueGetter<VBuffer<T>> Getter<T>(DataViewRow input, int pair, Action<MLImage, Span<T>> extract, out Action release)
        {
            ValueGetter<MLImage> getImage = input.GetGetter<MLImage>(Inputs[pair]);
            (int height, int width) = (_images[pair].Height, _images[pair].Width);
            int size = height * width * _parent._options.Planes;
            MLImage image = null;
            release = () => image?.Dispose();
            return (ref VBuffer<T> pixels) =>
            {
                getImage(ref image);
                if (image is null)
                {
                    // No picture: a vector without explicit values, all zero.
                    pixels = VBufferEditor.Create(ref pixels, size, 0).Commit();
                    return;
                }
                Errors.Check(image.Height == height && image.Width == width,
                    $"Column '{Inputs[pair].Name}' promises images of {width} x {height} pixels and has one of {image.Width} x {image.Height}.");
                VBufferEditor<T> editor = VBufferEditor.Create(ref pixels, size);
                extract(image, editor.Values);
                pixels = editor.Commit();
            };
        }
    }
}
