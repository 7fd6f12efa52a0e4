using Microsoft.ML;

namespace AlexNetMl.Trainers.Tests;

/// <summary>Gets hold of a shape: ML.NET makes one of a schema only inside a chain, for the estimator that comes next.</summary>
internal sealed class ShapeProbe : IEstimator<ITransformer>
{
    private SchemaShape? _shape;

    public static SchemaShape Of(MLContext ml, IDataView data)
    {
        var probe = new ShapeProbe();
        ml.Transforms.CopyColumns("Copy", "Name").Append(probe).Fit(data);
        return probe._shape!;
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _shape = inputSchema;

    public ITransformer Fit(IDataView input) => new MLContext().Transforms.CopyColumns("Copy", "Name").Fit(input);
}
