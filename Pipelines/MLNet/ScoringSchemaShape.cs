using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>
/// The promise of columns that an estimator makes. ML.NET keeps the constructor of <see cref="SchemaShape.Column"/> to itself, so the
/// columns are those that a <c>CustomMapping</c> with the same outputs would promise; it is never run.
/// </summary>
internal static class ScoringSchemaShape
{
    // A promise says that a vector's size or a key's count is known, not what it is: any that ML.NET takes will do.
    private const int AnyCount = 2;

    public static SchemaShape Extend(TransformsCatalog catalog, SchemaShape input, InvalidImageHandling handling)
    {
        VectorDataViewType names = new(TextDataViewType.Instance, AnyCount);
        string[] anyNames = [.. Enumerable.Repeat(string.Empty, AnyCount)];
        SchemaDefinition outputs = SchemaDefinition.Create(typeof(Outputs), SchemaDefinition.Direction.Write);
        outputs[ScoringSchema.ScoreColumn].ColumnType = new VectorDataViewType(NumberDataViewType.Single, AnyCount);
        outputs[ScoringSchema.ScoreColumn].AddAnnotation(ScoringSchema.SlotNames, anyNames, names);
        outputs[ScoringSchema.PredictedLabelColumn].ColumnType = new KeyDataViewType(typeof(uint), AnyCount);
        outputs[ScoringSchema.PredictedLabelColumn].AddAnnotation(ScoringSchema.KeyValues, anyNames, names);
        if (handling != InvalidImageHandling.Mark)
        {
            outputs.Remove(outputs[ScoringSchema.ErrorColumn]);
        }
        return catalog.CustomMapping<NoInputs, Outputs>(Nothing, contractName: null!, outputSchemaDefinition: outputs)
            .GetOutputSchema(input);
    }

    private static void Nothing(NoInputs inputs, Outputs outputs)
    {
    }

    private sealed class NoInputs;

    private sealed class Outputs
    {
        public float[] Score { get; set; } = [];

        public uint PredictedLabel { get; set; }

        public string Error { get; set; } = string.Empty;
    }
}
