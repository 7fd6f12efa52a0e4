using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

/// <summary>Brings images to one size.</summary>
public sealed class ImageResizingEstimator : TrivialEstimator<ImageResizingTransformer>
{
    internal ImageResizingEstimator(ImageResizingTransformer transformer)
        : base(transformer)
    {
    }

    public enum ResizingKind : byte
    {
        IsoPad = 0,
        IsoCrop = 1,
        Fill = 2,
    }

    public enum Anchor : byte
    {
        Right = 0,
        Left = 1,
        Top = 2,
        Bottom = 3,
        Center = 4,
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Errors.NotNull(inputSchema, nameof(inputSchema));
        var result = new ShapeBuilder(inputSchema);
        foreach ((string output, string input) in Transformer.ColumnPairs)
        {
            ImageColumns.Check(result.Input(input));
            result.Set(SchemaShape.Column.Of(output, Transformer.OutputType));
        }
        return result.ToShape();
    }
}

public sealed class ImageResizingTransformer : OneToOneTransformerBase
{
    private readonly ImageResizingEstimator.ResizingKind _kind;
    private readonly ImageResizingEstimator.Anchor _anchor;

    internal ImageResizingTransformer(
        (string Output, string Input)[] columns, int width, int height, ImageResizingEstimator.ResizingKind kind, ImageResizingEstimator.Anchor anchor)
        : base(columns)
    {
        Errors.Require(width > 0, "imageWidth");
        Errors.Require(height > 0, "imageHeight");
        Errors.Require(Enum.IsDefined(kind), "resizing");
        Errors.Require(Enum.IsDefined(anchor), "anchor");
        OutputType = new ImageDataViewType(height, width);
        _kind = kind;
        _anchor = anchor;
    }

    internal ImageDataViewType OutputType { get; }

    internal static ITransformer Load(ModelReader reader)
        => new ImageResizingTransformer(reader.Pairs(), reader.Number(), reader.Number(),
            reader.Choice<ImageResizingEstimator.ResizingKind>(), reader.Choice<ImageResizingEstimator.Anchor>());

    private protected override RowMapping Map(DataViewSchema inputSchema) => new Mapping(this, inputSchema);

    private protected override void SaveModel(ModelSaveContext ctx)
        => ctx.Component(SavedComponents.ResizeImages, writer =>
        {
            writer.Pairs(ColumnPairs);
            writer.Number(OutputType.Width);
            writer.Number(OutputType.Height);
            writer.Byte((byte)_kind);
            writer.Byte((byte)_anchor);
        });

    private MLImage Resize(MLImage source)
    {
        (int width, int height) = (OutputType.Width, OutputType.Height);
        (int alignX, int alignY) = _anchor switch
        {
            ImageResizingEstimator.Anchor.Left => (-1, 0),
            ImageResizingEstimator.Anchor.Right => (1, 0),
            ImageResizingEstimator.Anchor.Top => (0, -1),
            ImageResizingEstimator.Anchor.Bottom => (0, 1),
            _ => (0, 0),
        };

        // Skia draws onto a canvas of its own order for all but the plain stretching.
        return _kind switch
        {
            ImageResizingEstimator.ResizingKind.Fill => new MLImage(ImageResizer.Fill(source.Data, width, height), source.PixelFormat),
            ImageResizingEstimator.ResizingKind.IsoPad => new MLImage(ImageResizer.Pad(source.InBgra(), width, height)),
            _ => new MLImage(ImageResizer.Crop(source.InBgra(), width, height, alignX, alignY)),
        };
    }

    private sealed class Mapping : OneToOneMapping
    {
        private readonly ImageResizingTransformer _parent;

        internal Mapping(ImageResizingTransformer parent, DataViewSchema inputSchema)
            : base(parent, inputSchema)
        {
            _parent = parent;
            foreach (DataViewSchema.Column input in Inputs)
            {
                ImageColumns.Check(input);
            }
        }

        protected override DataViewSchema.DetachedColumn MakeOutput(string name, int pair) => new(name, _parent.OutputType);

        protected override Delegate MakeGetter(DataViewRow input, int pair, out Action release)
        {
            ValueGetter<MLImage> getSource = input.GetGetter<MLImage>(Inputs[pair]);
            MLImage source = null;
            release = null;
            return (ValueGetter<MLImage>)((ref MLImage image) =>
            {
                image?.Dispose();
                getSource(ref source);
                if (source is null || source.Width <= 0 || source.Height <= 0)
                {
                    return;
                }
                if (source.Width == _parent.OutputType.Width && source.Height == _parent.OutputType.Height)
                {
                    image = source;
                    return;
                }
                image = _parent.Resize(source);
                image.Tag = source.Tag;
            });
        }
    }
}
