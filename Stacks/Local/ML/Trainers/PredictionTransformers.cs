using Microsoft.ML.Trainers;

namespace Microsoft.ML.Data;

/// <summary>A trained model as a transformer.</summary>
public abstract class PredictionTransformerBase<TModel> : IPredictionTransformer<TModel>, IDisposable
    where TModel : class
{
    private protected PredictionTransformerBase(TModel model) => Model = model;

    public TModel Model { get; }

    bool ITransformer.IsRowToRowMapper => true;

    public abstract DataViewSchema GetOutputSchema(DataViewSchema inputSchema);

    public IDataView Transform(IDataView input)
    {
        Errors.NotNull(input, nameof(input));
        return new MappedView(input, new RowMapper(Map(input.Schema)));
    }

    public void Dispose()
    {
        (Model as IDisposable)?.Dispose();
        GC.SuppressFinalize(this);
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        Errors.NotNull(inputSchema, nameof(inputSchema));
        return new RowMapper(Map(inputSchema));
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        Errors.NotNull(ctx, nameof(ctx));
        SaveModel(ctx);
    }

    private protected abstract RowMapping Map(DataViewSchema inputSchema);

    private protected abstract void SaveModel(ModelSaveContext ctx);
}

public abstract class SingleFeaturePredictionTransformerBase<TModel> : PredictionTransformerBase<TModel>, ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private protected SingleFeaturePredictionTransformerBase(TModel model, string featureColumn, DataViewType featureType)
        : base(model)
    {
        FeatureColumnName = featureColumn;
        FeatureColumnType = featureType;
    }

    public string FeatureColumnName { get; }

    public DataViewType FeatureColumnType { get; }

    public sealed override DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        Errors.NotNull(inputSchema, nameof(inputSchema));
        return new RowMapper(Map(inputSchema)).OutputSchema;
    }

    private protected DataViewSchema.Column FeatureIn(DataViewSchema inputSchema)
    {
        DataViewSchema.Column features = inputSchema.GetColumnOrNull(FeatureColumnName) ?? throw Errors.NoColumn(nameof(inputSchema), "feature", FeatureColumnName);
        return features.Type.Equals(FeatureColumnType)
            ? features
            : throw Errors.WrongType(nameof(inputSchema), "feature", FeatureColumnName, FeatureColumnType.ToString(), features.Type.ToString());
    }
}

/// <summary>Adds PredictedLabel, a key over the training labels, and Score, one probability per class.</summary>
public sealed class MulticlassPredictionTransformer<TModel> : SingleFeaturePredictionTransformerBase<TModel>
    where TModel : class
{
    private readonly DataViewSchema _label;
    private readonly LinearMulticlassModelParametersBase _model;

    internal MulticlassPredictionTransformer(TModel model, string featureColumn, DataViewType featureType, DataViewSchema label)
        : base(model, featureColumn, featureType)
    {
        _model = model as LinearMulticlassModelParametersBase ?? throw Errors.Argument(nameof(model), $"{typeof(TModel)} is no multiclass model.");
        Errors.Require(label.Count == 1 && label[0].Type is KeyDataViewType key && key.Count == (ulong)_model.ClassCount
            && featureType is VectorDataViewType vector && vector.Size == _model.InputCount, nameof(label), "The model is not one of these labels and features.");
        _label = label;
    }

    private protected override RowMapping Map(DataViewSchema inputSchema) => new Mapping(this, inputSchema);

    private protected override void SaveModel(ModelSaveContext ctx)
        => ctx.Component(SavedComponents.Multiclass, writer =>
        {
            writer.Text(FeatureColumnName);
            writer.Write(FeatureColumnType);
            writer.Write(_label);
            writer.Number(_model.ClassCount);
            writer.Number(_model.InputCount);
            writer.Values<float>(_model.Parameters);
        });

    private sealed class Mapping : RowMapping
    {
        private readonly MulticlassPredictionTransformer<TModel> _parent;
        private readonly DataViewSchema.Column _features;

        internal Mapping(MulticlassPredictionTransformer<TModel> parent, DataViewSchema inputSchema)
            : base(inputSchema)
        {
            _parent = parent;
            _features = parent.FeatureIn(inputSchema);
        }

        internal override IEnumerable<int> InputsOf(Func<int, bool> activeOutput) => activeOutput(0) || activeOutput(1) ? [_features.Index] : [];

        internal override Delegate[] MakeGetters(DataViewRow input, Func<int, bool> activeOutput)
        {
            if (!activeOutput(0) && !activeOutput(1))
            {
                return new Delegate[2];
            }
            ValueGetter<VBuffer<float>> getFeatures = input.GetGetter<VBuffer<float>>(_features);
            VBuffer<float> buffer = default;
            var features = new float[_parent._model.InputCount];
            var scores = new float[_parent._model.ClassCount];
            long scored = -1;

            float[] Scores()
            {
                Errors.Check(input.Position >= 0, Errors.NoCurrentRow);
                if (scored != input.Position)
                {
                    getFeatures(ref buffer);
                    buffer.CopyTo(features);
                    _parent._model.Score(features, scores);
                    scored = input.Position;
                }
                return scores;
            }

            return
            [
                activeOutput(0) ? (ValueGetter<uint>)((ref uint key) => key = Best(Scores())) : null,
                activeOutput(1) ? (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => VBuffer<float>.Copy(Scores(), 0, ref value, scores.Length)) : null,
            ];
        }

        protected override DataViewSchema.DetachedColumn[] MakeOutputs() => MulticlassColumns.Columns(InputSchema, _parent._label[0]);

        /// <summary>The first of the best classes as a key; missing where scores are not numbers.</summary>
        private static uint Best(float[] scores)
        {
            int best = 0;
            for (int i = 1; i < scores.Length; i++)
            {
                best = scores[i] > scores[best] ? i : best;
            }
            return float.IsNaN(scores[best]) ? 0 : (uint)best + 1;
        }
    }
}
