using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms
{
    /// <summary>Joins columns of one item type into one vector.</summary>
    public sealed class ColumnConcatenatingEstimator : IEstimator<ColumnConcatenatingTransformer>
    {
        private readonly string _output;
        private readonly string[] _inputs;

        internal ColumnConcatenatingEstimator(string outputColumnName, string[] inputColumnNames)
        {
            Errors.NotEmpty(outputColumnName, nameof(outputColumnName));
            Errors.NotNull(inputColumnNames, nameof(inputColumnNames));
            Errors.Require(inputColumnNames.Length > 0, nameof(inputColumnNames), "Input columns not specified");
            Errors.Require(!Array.Exists(inputColumnNames, string.IsNullOrEmpty), nameof(inputColumnNames), "Contained some null or empty items");
            _output = outputColumnName;
            _inputs = inputColumnNames;
        }

        public ColumnConcatenatingTransformer Fit(IDataView input)
        {
            Errors.NotNull(input, nameof(input));
            return new ColumnConcatenatingTransformer(_output, _inputs);
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            Errors.NotNull(inputSchema, nameof(inputSchema));
            var result = new ShapeBuilder(inputSchema);
            SchemaShape.Column[] sources = Array.ConvertAll(_inputs, result.Input);
            foreach (SchemaShape.Column source in sources)
            {
                Errors.Check(!source.IsKey, $"Column '{source.Name}' is key. Concatenation of keys is unsupported.");
                Errors.Check(source.ItemType.Equals(sources[0].ItemType),
                    $"Concatenated columns should have the same type. Column '{source.Name}' has type of {source.ItemType}, but expected column type is {sources[0].ItemType}.");
            }
            bool variable = Array.Exists(sources, source => source.Kind == SchemaShape.Column.VectorKind.VariableVector);
            var annotations = new List<SchemaShape.Column>();
            if (Array.TrueForAll(sources, source => source.Annotations.TryFind(Annotation.IsNormalized, out _)))
            {
                annotations.Add(new(Annotation.IsNormalized, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, false));
            }
            if (Array.Exists(sources, source => source.Kind == SchemaShape.Column.VectorKind.Scalar || source.Annotations.TryFind(Annotation.SlotNames, out _)))
            {
                annotations.Add(new(Annotation.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false));
            }
            result.Set(new(_output, variable ? SchemaShape.Column.VectorKind.VariableVector : SchemaShape.Column.VectorKind.Vector,
                sources[0].ItemType, false, new SchemaShape(annotations)));
            return result.ToShape();
        }
    }
}

namespace Microsoft.ML.Data
{
    public sealed class ColumnConcatenatingTransformer : RowToRowTransformerBase
    {
        private readonly string _output;
        private readonly string[] _inputs;

        internal ColumnConcatenatingTransformer(string output, string[] inputs)
        {
            Errors.Require(inputs.Length > 0, nameof(inputs), "Can not be empty");
            _output = output;
            _inputs = inputs;
        }

        private protected override RowMapping Map(DataViewSchema inputSchema) => new Mapping(this, inputSchema);

        private protected override void SaveModel(ModelSaveContext ctx)
            => ctx.Component(SavedComponents.Concatenate, writer =>
            {
                writer.Text(_output);
                writer.Texts(_inputs);
            });

        private sealed class Mapping : RowMapping
        {
            private readonly ColumnConcatenatingTransformer _parent;
            private readonly DataViewSchema.Column[] _inputs;
            private readonly VectorDataViewType _type;

            internal Mapping(ColumnConcatenatingTransformer parent, DataViewSchema inputSchema)
                : base(inputSchema)
            {
                _parent = parent;
                _inputs = Array.ConvertAll(parent._inputs, name => inputSchema.GetColumnOrNull(name) ?? throw Errors.NoColumn(nameof(inputSchema), "input", name));
                var item = (PrimitiveDataViewType)_inputs[0].Type.ItemType();
                int size = 0;
                foreach (DataViewSchema.Column input in _inputs)
                {
                    if (!input.Type.ItemType().Equals(item))
                    {
                        throw Errors.WrongType(nameof(inputSchema), "input", input.Name, item.ToString(), input.Type.ToString());
                    }
                    size = checked(size + (input.Type is VectorDataViewType vector ? vector.Size : 1));
                }

                // One input of unknown length makes the output's unknown.
                bool known = Array.TrueForAll(_inputs, input => input.Type is not VectorDataViewType { IsKnownSize: false });
                _type = IsIdentity ? (VectorDataViewType)_inputs[0].Type : new VectorDataViewType(item, known ? size : 0);
            }

            private bool IsIdentity => _inputs is [{ Type: VectorDataViewType }];

            internal override IEnumerable<int> InputsOf(Func<int, bool> activeOutput)
                => activeOutput(0) ? _inputs.Select(input => input.Index).Distinct() : [];

            internal override Delegate[] MakeGetters(DataViewRow input, Func<int, bool> activeOutput)
                => [!activeOutput(0) ? null
                    : IsIdentity ? Generic.Call<Delegate>(() => PassOn<int>(null, default), [_type.RawType], input, _inputs[0])
                    : Generic.Call<Delegate>(() => Join<int>(null, null), [_type.ItemType.RawType], input, _inputs)];

            protected override DataViewSchema.DetachedColumn[] MakeOutputs()
            {
                if (IsIdentity)
                {
                    return [new(_parent._output, _type, _inputs[0].Annotations)];
                }
                var annotations = new DataViewSchema.Annotations.Builder();
                if (_type.ItemType is NumberDataViewType && Array.TrueForAll(_inputs, input => input.IsNormalized()))
                {
                    annotations.AddPrimitiveValue(Annotation.IsNormalized, BooleanDataViewType.Instance, true);
                }
                if (_type.IsKnownSize && Array.Exists(_inputs, input => input.Type is not VectorDataViewType || input.HasSlotNames()))
                {
                    annotations.Add(Annotation.SlotNames, new VectorDataViewType(TextDataViewType.Instance, _type.Size),
                        (ref VBuffer<ReadOnlyMemory<char>> names) => VBuffer<ReadOnlyMemory<char>>.Copy(SlotNames(), 0, ref names, _type.Size));
                }
                return [new(_parent._output, _type, annotations.ToAnnotations())];
            }

            private static ValueGetter<T> PassOn<T>(DataViewRow row, DataViewSchema.Column input) => row.GetGetter<T>(input);

            private static ValueGetter<VBuffer<T>> Join<T>(DataViewRow row, DataViewSchema.Column[] inputs)
            {
                ValueGetter<T>[] scalars = Array.ConvertAll(inputs, input => input.Type is VectorDataViewType ? null : row.GetGetter<T>(input));
                ValueGetter<VBuffer<T>>[] vectors = Array.ConvertAll(inputs, input => input.Type is VectorDataViewType ? row.GetGetter<VBuffer<T>>(input) : null);
                T[][] singles = Array.ConvertAll(inputs, _ => new T[1]);
                VBuffer<T>[] parts = Array.ConvertAll(singles, single => new VBuffer<T>(1, single));
                return (ref VBuffer<T> joined) =>
                {
                    int length = 0;
                    int count = 0;
                    for (int i = 0; i < inputs.Length; i++)
                    {
                        if (vectors[i] is null)
                        {
                            scalars[i](ref singles[i][0]);
                        }
                        else
                        {
                            vectors[i](ref parts[i]);
                            int expected = inputs[i].Type.VectorSize();
                            Errors.Check(expected == 0 || expected == parts[i].Length, $"Column '{inputs[i].Name}': expected {expected} slots, but got {parts[i].Length}");
                        }
                        length = checked(length + parts[i].Length);
                        count = checked(count + parts[i].GetValues().Length);
                    }

                    // Half empty or more: the joined vector is sparse.
                    bool sparse = count <= length / 2;
                    VBufferEditor<T> editor = VBufferEditor.Create(ref joined, length, sparse ? count : length);
                    int slot = 0;
                    int next = 0;
                    foreach (VBuffer<T> part in parts)
                    {
                        if (!sparse)
                        {
                            part.CopyTo(editor.Values, slot);
                        }
                        else
                        {
                            ReadOnlySpan<T> values = part.GetValues();
                            for (int i = 0; i < values.Length; i++, next++)
                            {
                                editor.Values[next] = values[i];
                                editor.Indices[next] = slot + (part.IsDense ? i : part.GetIndices()[i]);
                            }
                        }
                        slot += part.Length;
                    }
                    joined = editor.Commit();
                };
            }

            /// <summary>A scalar's slot has its column's name, a named vector's are <c>Column.Slot</c>, others have none.</summary>
            private ReadOnlyMemory<char>[] SlotNames()
            {
                var names = new ReadOnlyMemory<char>[_type.Size];
                int slot = 0;
                foreach (DataViewSchema.Column input in _inputs)
                {
                    if (input.Type is not VectorDataViewType vector)
                    {
                        names[slot++] = input.Name.AsMemory();
                        continue;
                    }
                    if (input.HasSlotNames())
                    {
                        VBuffer<ReadOnlyMemory<char>> own = default;
                        input.GetSlotNames(ref own);
                        foreach (KeyValuePair<int, ReadOnlyMemory<char>> name in own.Items().Where(item => !item.Value.IsEmpty))
                        {
                            names[slot + name.Key] = $"{input.Name}.{name.Value}".AsMemory();
                        }
                    }
                    slot += vector.Size;
                }
                return names;
            }
        }
    }
}
