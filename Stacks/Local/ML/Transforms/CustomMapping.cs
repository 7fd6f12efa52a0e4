using Microsoft.ML.Data;

namespace Microsoft.ML
{
    using Microsoft.ML.Transforms;

    public static class CustomMappingCatalog
    {
        /// <summary>Adds the members of <typeparamref name="TDst"/> as columns that <paramref name="mapAction"/> fills for each row.</summary>
        public static CustomMappingEstimator<TSrc, TDst> CustomMapping<TSrc, TDst>(
            this TransformsCatalog catalog,
            Action<TSrc, TDst> mapAction,
            string contractName,
            SchemaDefinition inputSchemaDefinition = null,
            SchemaDefinition outputSchemaDefinition = null)
            where TSrc : class, new()
            where TDst : class, new()
        {
            Errors.NotNull(catalog, nameof(catalog));
            return new CustomMappingEstimator<TSrc, TDst>(new CustomMappingTransformer<TSrc, TDst>(mapAction, contractName, inputSchemaDefinition, outputSchemaDefinition));
        }
    }
}

namespace Microsoft.ML.Transforms
{
    public sealed class CustomMappingEstimator<TSrc, TDst> : TrivialEstimator<CustomMappingTransformer<TSrc, TDst>>
        where TSrc : class, new()
        where TDst : class, new()
    {
        internal CustomMappingEstimator(CustomMappingTransformer<TSrc, TDst> transformer)
            : base(transformer)
        {
        }

        public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            Errors.NotNull(inputSchema, nameof(inputSchema));
            var result = new ShapeBuilder(inputSchema);
            foreach (BoundColumn column in BoundColumn.Bind(typeof(TSrc), Transformer.InputDefinition, SchemaDefinition.Direction.Both))
            {
                SchemaShape.Column present = result.Input(column.Name);
                SchemaShape.Column wanted = SchemaShape.Column.Of(column.Name, column.Type);

                // A member without a size takes vectors of any kind; otherwise kinds must agree.
                bool kindFits = wanted.Kind == SchemaShape.Column.VectorKind.VariableVector
                    ? present.Kind != SchemaShape.Column.VectorKind.Scalar
                    : present.Kind == wanted.Kind;
                if (!kindFits || !wanted.ItemType.Equals(present.ItemType) || wanted.IsKey != present.IsKey)
                {
                    throw Errors.WrongType(nameof(inputSchema), "input", column.Name, column.Type.ToString(), present.TypeText());
                }
            }
            foreach (SchemaShape.Column added in SchemaShape.Of(BoundColumn.SchemaOf(Transformer.Added)))
            {
                result.Set(added);
            }
            return result.ToShape();
        }
    }

    public sealed class CustomMappingTransformer<TSrc, TDst> : ITransformer
        where TSrc : class, new()
        where TDst : class, new()
    {
        private readonly Action<TSrc, TDst> _mapAction;
        private readonly string _contractName;
        private readonly Lazy<Func<Func<TDst>, Delegate>>[] _getters;

        internal CustomMappingTransformer(Action<TSrc, TDst> mapAction, string contractName, SchemaDefinition inputDefinition, SchemaDefinition outputDefinition)
        {
            Errors.NotNull(mapAction, nameof(mapAction));
            _mapAction = mapAction;
            _contractName = contractName;
            InputDefinition = inputDefinition;
            Added = BoundColumn.Bind(typeof(TDst), outputDefinition, SchemaDefinition.Direction.Write);
            _getters = Array.ConvertAll(Added, column => new Lazy<Func<Func<TDst>, Delegate>>(() => MemberGetter<TDst>.Compile(column)));
        }

        bool ITransformer.IsRowToRowMapper => true;

        internal SchemaDefinition InputDefinition { get; }

        internal BoundColumn[] Added { get; }

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema, nameof(inputSchema)).OutputSchema;

        public IDataView Transform(IDataView input)
        {
            Errors.NotNull(input, nameof(input));
            return new MappedView(input, Bind(input.Schema, nameof(input)));
        }

        void ICanSaveModel.Save(ModelSaveContext ctx)
        {
            Errors.NotNull(ctx, nameof(ctx));
            throw string.IsNullOrEmpty(_contractName)
                ? Errors.Invalid("Empty contract name for a transform: the transform cannot be saved")
                : new NotSupportedException($"The Local stack saves no CustomMapping, '{_contractName}' neither: build with MLStack=NuGet to save this model.");
        }

        IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Bind(inputSchema, nameof(inputSchema));

        private RowMapper Bind(DataViewSchema schema, string parameter)
        {
            Errors.NotNull(schema, parameter);
            return new RowMapper(new Mapping(this, schema));
        }

        private sealed class Mapping(CustomMappingTransformer<TSrc, TDst> parent, DataViewSchema inputSchema) : RowMapping(inputSchema)
        {
            private readonly TypedReader<TSrc> _reader = new(inputSchema, ignoreMissingColumns: false, parent.InputDefinition);

            internal override IEnumerable<int> InputsOf(Func<int, bool> activeOutput)
                => Enumerable.Range(0, Outputs.Length).Any(activeOutput) ? _reader.Columns.Select(column => column.Index) : [];

            internal override Delegate[] MakeGetters(DataViewRow input, Func<int, bool> activeOutput)
            {
                var getters = new Delegate[Outputs.Length];
                if (!Enumerable.Range(0, getters.Length).Any(activeOutput))
                {
                    return getters;
                }
                Action<TSrc> fill = _reader.Bind(input);
                var source = new TSrc();
                var destination = new TDst();
                long mapped = -1;

                // Several outputs of one row share one call of the action.
                TDst Current()
                {
                    Errors.Check(input.Position >= 0, Errors.NoCurrentRow);
                    if (mapped != input.Position)
                    {
                        fill(source);
                        parent._mapAction(source, destination);
                        mapped = input.Position;
                    }
                    return destination;
                }

                for (int i = 0; i < getters.Length; i++)
                {
                    getters[i] = activeOutput(i) ? parent._getters[i].Value(Current) : null;
                }
                return getters;
            }

            protected override DataViewSchema.DetachedColumn[] MakeOutputs()
                => [.. BoundColumn.SchemaOf(parent.Added).Select(column => new DataViewSchema.DetachedColumn(column))];
        }
    }
}
