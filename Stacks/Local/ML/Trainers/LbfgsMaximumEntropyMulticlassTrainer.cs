using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>Multinomial logistic regression: a softmax over one linear score per class.</summary>
public sealed class LbfgsMaximumEntropyMulticlassTrainer
    : LbfgsTrainerBase<LbfgsMaximumEntropyMulticlassTrainer.Options, MulticlassPredictionTransformer<MaximumEntropyModelParameters>, MaximumEntropyModelParameters>
{
    private readonly IHost _host;

    internal LbfgsMaximumEntropyMulticlassTrainer(IHostEnvironment environment, Options options)
        : base(options, new SchemaShape.Column(options.LabelColumnName, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true))
        => _host = environment.Register("LbfgsTrainerBase");

    public sealed class Options : OptionsBase
    {
        public bool ShowTrainingStatistics;

        public Options()
        {
        }
    }

    /// <summary>Goes on from a trained model of the same classes and features.</summary>
    public MulticlassPredictionTransformer<MaximumEntropyModelParameters> Fit(IDataView trainData, MaximumEntropyModelParameters modelParameters)
        => Train(trainData, modelParameters);

    private protected override IEnumerable<SchemaShape.Column> Outputs(SchemaShape input)
    {
        input.TryFind(LabelColumn.Name, out SchemaShape.Column label);
        return MulticlassColumns.Shapes(label);
    }

    private protected override MulticlassPredictionTransformer<MaximumEntropyModelParameters> TrainOn(IDataView data, MaximumEntropyModelParameters start)
    {
        DataViewSchema.Column features = data.Schema[FeatureColumn.Name];
        DataViewSchema.Column label = data.Schema[LabelColumn.Name];
        int classes = label.Type.KeyCountAsInt32();
        int inputs = features.Type.VectorSize();
        using IChannel channel = _host.Start("Training");
        var loss = new MaximumEntropyLoss(classes, inputs, Settings.L2Regularization, Settings.NumberOfThreads ?? Environment.ProcessorCount);
        loss.Read(data, features, label, WeightColumn.Name is null ? null : data.Schema[WeightColumn.Name]);
        Errors.Check(loss.Rows > 0, "No valid training instances found, all instances have missing features.");
        if (loss.Skipped > 0)
        {
            channel.Warning(MessageSensitivity.None, $"Skipped {loss.Skipped} instances with missing features/label/weight during training");
        }
        if (classes == 1)
        {
            channel.Warning(MessageSensitivity.None, "Training resulted in a one class predictor");
        }
        double[] weights = new OrthantwiseLbfgs
        {
            Function = loss.Evaluate,
            L1 = (double)Settings.L1Regularization / loss.Rows,
            Free = classes,
            NonNegative = Settings.EnforceNonNegativity,
            HistorySize = Settings.HistorySize,
            Tolerance = Settings.OptimizationTolerance,
            MaximumIterations = Settings.MaximumNumberOfIterations,
        }.Minimize(Start(start, classes, inputs));
        var model = new MaximumEntropyModelParameters(Array.ConvertAll(weights, value => (float)value), classes, inputs);
        return new MulticlassPredictionTransformer<MaximumEntropyModelParameters>(model, features.Name, features.Type, MulticlassColumns.LabelSchema(label));
    }

    private double[] Start(MaximumEntropyModelParameters model, int classes, int inputs)
    {
        if (model is not null)
        {
            Errors.Check(model.InputCount == inputs && model.ClassCount == classes,
                "The input training data must have the same features and classes used to train the input predictor.");
            return Array.ConvertAll(model.Parameters, value => (double)value);
        }
        var start = new double[classes + (classes * inputs)];
        for (int i = 0; i < start.Length && Settings.InitialWeightsDiameter > 0; i++)
        {
            start[i] = Settings.InitialWeightsDiameter * (_host.Rand.NextDouble() - 0.5);
        }
        return start;
    }
}
