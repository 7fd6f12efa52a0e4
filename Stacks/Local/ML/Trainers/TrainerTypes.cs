using Microsoft.ML.Data;

namespace Microsoft.ML
{
    /// <summary>A transformer around a trained model.</summary>
    public interface IPredictionTransformer<out TModel> : ITransformer
        where TModel : class
    {
        TModel Model { get; }
    }

    public interface ISingleFeaturePredictionTransformer<out TModel> : IPredictionTransformer<TModel>
        where TModel : class
    {
        string FeatureColumnName { get; }

        DataViewType FeatureColumnType { get; }
    }

    /// <summary>What a trainer would like of its data.</summary>
    public sealed class TrainerInfo
    {
        internal TrainerInfo(bool normalization, bool caching)
        {
            NeedNormalization = normalization;
            WantCaching = caching;
        }

        public bool NeedNormalization { get; }

        public bool WantCaching { get; }
    }
}

namespace Microsoft.ML.Trainers
{
    public interface ITrainerEstimator<out TTransformer, out TModel> : IEstimator<TTransformer>
        where TTransformer : ISingleFeaturePredictionTransformer<TModel>
        where TModel : class
    {
        TrainerInfo Info { get; }
    }

    public abstract class TrainerInputBase
    {
        public string FeatureColumnName = "Features";

        private protected TrainerInputBase()
        {
        }
    }

    public abstract class TrainerInputBaseWithLabel : TrainerInputBase
    {
        public string LabelColumnName = "Label";

        private protected TrainerInputBaseWithLabel()
        {
        }
    }

    public abstract class TrainerInputBaseWithWeight : TrainerInputBaseWithLabel
    {
        public string ExampleWeightColumnName;

        private protected TrainerInputBaseWithWeight()
        {
        }
    }

    /// <summary>Trainers over one feature, one label and perhaps one weight column.</summary>
    public abstract class TrainerEstimatorBase<TTransformer, TModel> : ITrainerEstimator<TTransformer, TModel>
        where TTransformer : ISingleFeaturePredictionTransformer<TModel>
        where TModel : class
    {
        public readonly SchemaShape.Column FeatureColumn;
        public readonly SchemaShape.Column LabelColumn;
        public readonly SchemaShape.Column WeightColumn;

        private protected TrainerEstimatorBase(SchemaShape.Column feature, SchemaShape.Column label, SchemaShape.Column weight)
        {
            FeatureColumn = feature;
            LabelColumn = label;
            WeightColumn = weight;
        }

        public abstract TrainerInfo Info { get; }

        public TTransformer Fit(IDataView input) => Train(input, null);

        public SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            Errors.NotNull(inputSchema, nameof(inputSchema));
            CheckInput(inputSchema);
            var result = new Transforms.ShapeBuilder(inputSchema);
            foreach (SchemaShape.Column column in Outputs(inputSchema))
            {
                result.Set(column);
            }
            return result.ToShape();
        }

        private protected abstract IEnumerable<SchemaShape.Column> Outputs(SchemaShape input);

        private protected abstract TTransformer TrainOn(IDataView data, TModel start);

        private protected TTransformer Train(IDataView data, TModel start)
        {
            Errors.NotNull(data, nameof(data));
            CheckInput(SchemaShape.Of(data.Schema));
            return TrainOn(data, start);
        }

        private void CheckInput(SchemaShape inputSchema)
        {
            Check(inputSchema, FeatureColumn, "feature", nameof(inputSchema));
            if (WeightColumn.Name is not null)
            {
                Check(inputSchema, WeightColumn, "weight", nameof(inputSchema));
            }
            Check(inputSchema, LabelColumn, "label", "labelCol");
        }

        private static void Check(SchemaShape shape, SchemaShape.Column wanted, string role, string parameter)
        {
            if (!shape.TryFind(wanted.Name, out SchemaShape.Column present))
            {
                throw Errors.NoColumn("inputSchema", role, wanted.Name);
            }
            if (present.Kind != wanted.Kind || present.IsKey != wanted.IsKey || !present.ItemType.Equals(wanted.ItemType))
            {
                throw Errors.WrongType(parameter, role, wanted.Name, wanted.TypeText(), present.TypeText());
            }
        }
    }
}
