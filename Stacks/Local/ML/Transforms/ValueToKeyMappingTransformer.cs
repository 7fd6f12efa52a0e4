using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public sealed class ValueToKeyMappingTransformer : OneToOneTransformerBase
{
    private readonly Terms[] _terms;
    private readonly bool _textKeyValues;

    internal ValueToKeyMappingTransformer(IHost host, IDataView input, (string Output, string Input)[] columns, ValueToKeyMappingEstimator.Options options)
        : base(columns)
    {
        _textKeyValues = options.TextKeyValues;
        DataViewSchema.Column[] inputs = TypedInputs(input.Schema);
        using IChannel channel = host.Start("Training");
        _terms = options.KeyData is { } keyData ? FromKeyData(keyData, inputs, options) : FromRows(input, inputs, options);
        for (int i = 0; i < columns.Length; i++)
        {
            if (_terms[i].Count == 0)
            {
                channel.Warning(MessageSensitivity.Schema, options.KeyData is null
                    ? $"Term map for output column '{columns[i].Output}' contains no entries."
                    : "Map from the term data resulted in an empty map.");
            }
        }
    }

    internal ValueToKeyMappingTransformer(ModelReader reader)
        : base(reader.Pairs())
    {
        _textKeyValues = reader.Flag();
        _terms = [.. ColumnPairs.Select(_ => Terms.Load(reader))];
    }

    private protected override RowMapping Map(DataViewSchema inputSchema) => new Mapping(this, inputSchema, TypedInputs(inputSchema));

    private protected override void SaveModel(ModelSaveContext ctx)
        => ctx.Component(SavedComponents.ValueToKey, writer =>
        {
            writer.Pairs(ColumnPairs);
            writer.Flag(_textKeyValues);
            foreach (Terms terms in _terms)
            {
                terms.Save(writer);
            }
        });

    private static Terms[] FromKeyData(IDataView keyData, DataViewSchema.Column[] inputs, ValueToKeyMappingEstimator.Options options)
    {
        var terms = Terms.Of((PrimitiveDataViewType)inputs[0].Type.ItemType(), int.MaxValue);
        DataViewSchema.Column column = keyData.Schema[0];
        if (!column.Type.Equals(terms.ItemType))
        {
            throw Errors.Argument("keyData", $"Input data's column must be of type '{terms.ItemType}' but was '{column.Type}'");
        }
        foreach (DataViewSchema.Column input in inputs)
        {
            if (!terms.ItemType.Equals(input.Type.ItemType()))
            {
                throw Errors.Argument("keyData",
                    $"Terms from input data type '{terms.ItemType}' but mismatches column '{input.Name}' item type '{input.Type.ItemType()}'");
            }
        }
        Collect(keyData, [(column, terms)]);
        terms.Finish(options.Ordinality);
        return [.. inputs.Select(_ => terms)];
    }

    private static Terms[] FromRows(IDataView data, DataViewSchema.Column[] inputs, ValueToKeyMappingEstimator.Options options)
    {
        Errors.Require(options.MaximumNumberOfKeys > 0, "MaxNumTerms", "Must be positive");
        Terms[] terms = [.. inputs.Select(input => Terms.Of((PrimitiveDataViewType)input.Type.ItemType(), options.MaximumNumberOfKeys))];
        Collect(data, [.. inputs.Zip(terms)]);
        foreach (Terms map in terms)
        {
            map.Finish(options.Ordinality);
        }
        return terms;
    }

    /// <summary>One pass over the columns, ended as soon as every map is full.</summary>
    private static void Collect(IDataView data, (DataViewSchema.Column Column, Terms Terms)[] columns)
    {
        using DataViewRowCursor cursor = data.GetRowCursor(columns.Select(c => c.Column));
        List<Func<bool>> readers = [.. columns.Select(c => c.Terms.Reader(cursor, c.Column))];
        while (readers.Count > 0 && cursor.MoveNext())
        {
            readers.RemoveAll(read => !read());
        }
    }

    private DataViewSchema.Column[] TypedInputs(DataViewSchema schema)
    {
        DataViewSchema.Column[] inputs = InputsIn(schema);
        foreach (DataViewSchema.Column input in inputs)
        {
            if (input.Type.ItemType() is not KeyDataViewType && !input.Type.ItemType().IsStandardScalar())
            {
                throw Errors.WrongType("inputSchema", "input", input.Name, "standard type or a vector of standard type", input.Type.ToString());
            }
        }
        return inputs;
    }

    private sealed class Mapping : OneToOneMapping
    {
        private readonly ValueToKeyMappingTransformer _parent;

        internal Mapping(ValueToKeyMappingTransformer parent, DataViewSchema inputSchema, DataViewSchema.Column[] inputs)
            : base(parent, inputSchema)
        {
            _parent = parent;
            for (int i = 0; i < inputs.Length; i++)
            {
                Errors.Check(parent._terms[i].ItemType.Equals(inputs[i].Type.ItemType()),
                    $"Could not apply a map over type '{parent._terms[i].ItemType}' to column '{parent.ColumnPairs[i].Output}' since it has type '{inputs[i].Type.ItemType()}'");
            }
        }

        protected override Delegate MakeGetter(DataViewRow input, int pair) => _parent._terms[pair].KeyGetter(input, Inputs[pair]);

        protected override DataViewSchema.DetachedColumn MakeOutput(string name, int pair)
        {
            Terms terms = _parent._terms[pair];
            DataViewType type = Inputs[pair].Type is VectorDataViewType vector ? new VectorDataViewType(terms.KeyType, vector.Dimensions) : terms.KeyType;
            var annotations = new DataViewSchema.Annotations.Builder();
            terms.AddKeyValues(annotations, Inputs[pair], _parent._textKeyValues);
            annotations.Add(Inputs[pair].Annotations, kind => kind == Annotation.SlotNames);
            return new DataViewSchema.DetachedColumn(name, type, annotations.ToAnnotations());
        }
    }
}
