using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>Gives keys back the values they stand for, taken from the column's KeyValues annotation.</summary>
public sealed class KeyToValueMappingEstimator : TrivialEstimator<KeyToValueMappingTransformer>
{
    internal KeyToValueMappingEstimator((string Output, string Input)[] columns)
        : base(new KeyToValueMappingTransformer(columns))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Errors.NotNull(inputSchema, nameof(inputSchema));
        var result = new ShapeBuilder(inputSchema);
        foreach ((string output, string input) in Transformer.ColumnPairs)
        {
            SchemaShape.Column source = result.Input(input);
            if (!source.IsKey)
            {
                throw Errors.WrongType(nameof(inputSchema), "input", input, "KeyType", source.TypeText());
            }
            if (!source.Annotations.TryFind(Annotation.KeyValues, out SchemaShape.Column values))
            {
                throw Errors.Argument(nameof(inputSchema), $"Input column '{input}' doesn't contain key values metadata");
            }
            bool named = source.Annotations.TryFind(Annotation.SlotNames, out SchemaShape.Column slots) && source.Kind == SchemaShape.Column.VectorKind.Vector
                && slots.Kind == SchemaShape.Column.VectorKind.Vector && !slots.IsKey && slots.ItemType is TextDataViewType;
            result.Set(new SchemaShape.Column(output, source.Kind, values.ItemType, values.IsKey, named ? new SchemaShape([slots]) : null));
        }
        return result.ToShape();
    }
}

public sealed class KeyToValueMappingTransformer : OneToOneTransformerBase
{
    internal KeyToValueMappingTransformer((string Output, string Input)[] columns)
        : base(columns)
    {
    }

    private protected override RowMapping Map(DataViewSchema inputSchema) => new Mapping(this, inputSchema);

    private protected override void SaveModel(ModelSaveContext ctx) => ctx.Component(SavedComponents.KeyToValue, writer => writer.Pairs(ColumnPairs));

    private sealed class Mapping : OneToOneMapping
    {
        private readonly PrimitiveDataViewType[] _itemTypes;

        internal Mapping(KeyToValueMappingTransformer parent, DataViewSchema inputSchema)
            : base(parent, inputSchema)
            => _itemTypes = Array.ConvertAll(Inputs, input =>
            {
                var values = input.Annotations.Schema.GetColumnOrNull(Annotation.KeyValues)?.Type as VectorDataViewType;
                Errors.Check(values is not null, "Metadata KeyValues does not exist");
                Errors.Check(values.Size == input.Type.ItemType().KeyCountAsInt32(), "KeyValues metadata size does not match column type key count");
                return values.ItemType;
            });

        protected override Delegate MakeGetter(DataViewRow input, int pair)
            => Generic.Call<Delegate>(() => Getter<uint, int>(null, default), [Inputs[pair].Type.ItemType().RawType, _itemTypes[pair].RawType], input, Inputs[pair]);

        protected override DataViewSchema.DetachedColumn MakeOutput(string name, int pair)
        {
            DataViewType type = Inputs[pair].Type is VectorDataViewType vector ? new VectorDataViewType(_itemTypes[pair], vector.Dimensions) : _itemTypes[pair];
            var annotations = new DataViewSchema.Annotations.Builder();
            annotations.Add(Inputs[pair].Annotations, kind => kind == Annotation.SlotNames);
            return new DataViewSchema.DetachedColumn(name, type, annotations.ToAnnotations());
        }

        private static Delegate Getter<TKey, TValue>(DataViewRow input, DataViewSchema.Column column)
            where TKey : struct, System.Numerics.IUnsignedNumber<TKey>
        {
            VBuffer<TValue> annotation = default;
            column.GetKeyValues(ref annotation);
            var values = new TValue[annotation.Length];
            annotation.CopyTo(values);

            // Missing keys become the type's missing value: NaN where there is one, the default elsewhere.
            TValue missing = typeof(TValue) == typeof(float) ? (TValue)(object)float.NaN : typeof(TValue) == typeof(double) ? (TValue)(object)double.NaN : default;
            TValue ValueOf(TKey raw)
            {
                ulong key = ulong.CreateTruncating(raw);
                return key > 0 && key <= (ulong)values.Length ? values[key - 1] : missing;
            }

            if (column.Type is VectorDataViewType)
            {
                ValueGetter<VBuffer<TKey>> getVector = input.GetGetter<VBuffer<TKey>>(column);
                VBuffer<TKey> keys = default;
                return (ValueGetter<VBuffer<TValue>>)((ref VBuffer<TValue> destination) =>
                {
                    getVector(ref keys);
                    VBufferEditor<TValue> editor = VBufferEditor.Create(ref destination, keys.Length);
                    foreach (KeyValuePair<int, TKey> item in keys.Items(all: true))
                    {
                        editor.Values[item.Key] = ValueOf(item.Value);
                    }
                    destination = editor.Commit();
                });
            }
            ValueGetter<TKey> getter = input.GetGetter<TKey>(column);
            TKey key = default;
            return (ValueGetter<TValue>)((ref TValue destination) =>
            {
                getter(ref key);
                destination = ValueOf(key);
            });
        }
    }
}
