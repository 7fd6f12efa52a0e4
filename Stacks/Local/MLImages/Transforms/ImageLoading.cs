using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Data;

/// <summary>Reads the file that a text column names, as an image or as its bytes.</summary>
public sealed class ImageLoadingEstimator : TrivialEstimator<ImageLoadingTransformer>
{
    internal ImageLoadingEstimator(string imageFolder, bool decode, string outputColumnName, string inputColumnName)
        : base(new ImageLoadingTransformer(imageFolder, decode, [(outputColumnName, inputColumnName ?? outputColumnName)]))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Errors.NotNull(inputSchema, nameof(inputSchema));
        var result = new ShapeBuilder(inputSchema);
        foreach ((string output, string input) in Transformer.ColumnPairs)
        {
            SchemaShape.Column source = result.Input(input);
            if (source.ItemType is not TextDataViewType || source.Kind != SchemaShape.Column.VectorKind.Scalar)
            {
                throw Errors.WrongType(nameof(inputSchema), "input", input, TextDataViewType.Instance.ToString(), source.TypeText());
            }
            result.Set(SchemaShape.Column.Of(output, Transformer.OutputType));
        }
        return result.ToShape();
    }
}

public sealed class ImageLoadingTransformer : OneToOneTransformerBase
{
    public readonly string ImageFolder;

    private readonly bool _decode;

    internal ImageLoadingTransformer(string imageFolder, bool decode, (string Output, string Input)[] columns)
        : base(columns)
    {
        ImageFolder = imageFolder;
        _decode = decode;
    }

    internal DataViewType OutputType => _decode ? new ImageDataViewType() : new VectorDataViewType(NumberDataViewType.Byte);

    internal static ITransformer Load(ModelReader reader) => new ImageLoadingTransformer(reader.TextOrNull(), reader.Flag(), reader.Pairs());

    private protected override RowMapping Map(DataViewSchema inputSchema) => new Mapping(this, inputSchema);

    private protected override void SaveModel(ModelSaveContext ctx)
        => ctx.Component(SavedComponents.LoadImages, writer =>
        {
            writer.TextOrNull(ImageFolder);
            writer.Flag(_decode);
            writer.Pairs(ColumnPairs);
        });

    private string PathOf(ReadOnlyMemory<char> text) => string.IsNullOrWhiteSpace(ImageFolder) ? text.ToString() : Path.Combine(ImageFolder, text.ToString());

    private sealed class Mapping : OneToOneMapping
    {
        private readonly ImageLoadingTransformer _parent;

        internal Mapping(ImageLoadingTransformer parent, DataViewSchema inputSchema)
            : base(parent, inputSchema)
        {
            _parent = parent;
            foreach (DataViewSchema.Column input in Inputs)
            {
                if (input.Type is not TextDataViewType)
                {
                    throw Errors.WrongType(nameof(inputSchema), "input", input.Name, TextDataViewType.Instance.ToString(), input.Type.ToString());
                }
            }
        }

        protected override DataViewSchema.DetachedColumn MakeOutput(string name, int pair) => new(name, _parent.OutputType);

        protected override Delegate MakeGetter(DataViewRow input, int pair, out Action release)
        {
            ValueGetter<ReadOnlyMemory<char>> getPath = input.GetGetter<ReadOnlyMemory<char>>(Inputs[pair]);
            ReadOnlyMemory<char> path = default;
            if (!_parent._decode)
            {
                release = null;
                return (ValueGetter<VBuffer<byte>>)((ref VBuffer<byte> bytes) =>
                {
                    getPath(ref path);
                    byte[] read = path.IsEmpty ? [] : File.ReadAllBytes(_parent.PathOf(path));
                    bytes = new VBuffer<byte>(read.Length, read);
                });
            }

            // A cursor's last image is disposed with it.
            MLImage last = null;
            release = () => last?.Dispose();
            return (ValueGetter<MLImage>)((ref MLImage image) =>
            {
                image?.Dispose();
                image = null;
                getPath(ref path);
                if (!path.IsEmpty)
                {
                    string file = _parent.PathOf(path);
                    using var encoded = new MemoryStream(File.ReadAllBytes(file));
                    image = MLImage.CreateFromStream(encoded);
                    image.Tag = file;
                }
                last = image;
            });
        }
    }
}
