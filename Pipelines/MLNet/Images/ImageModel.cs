using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace AlexNetMl.Pipelines;

/// <summary>An image network over a column of pictures.</summary>
internal sealed class ImageModel(OnnxImageScorer scorer, string inputColumn, ImageOutputs outputs, IHost? host) : BatchedModel<ImageScore>
{
    private bool _disposed;

    public override IReadOnlyList<AddedColumn> Columns { get; } = outputs.Columns(scorer.Labels, scorer.FeatureLength);

    public override IReadOnlyList<DataViewSchema.Column> FindInputs(DataViewSchema schema, string parameter) => [PictureColumn.Find(schema, inputColumn, parameter)];

    public override IEnumerable<ImageScore> Score(DataViewRow row, Func<bool> next)
    {
        Func<ImageInput> read = PictureColumn.Reader(row, row.Schema[inputColumn], scorer.Preprocessing);
        return scorer.Score(Pictures());

        IEnumerable<ImageInput> Pictures()
        {
            while (next())
            {
                yield return read();
            }
        }
    }

    public override Func<ImageScore> ScoreOne(DataViewRow row)
    {
        Func<ImageInput> read = PictureColumn.SingleReader(row, row.Schema[inputColumn]);
        return () => scorer.ScoreOne(read());
    }

    public override Delegate Getter(int added, Func<ImageScore> current) => outputs.Getter(Columns[added].Name, scorer.Labels, scorer.FeatureLength, current);

    public override bool IsFailure(ImageScore result) => result.Error is not null;

    public override void Report(long failures)
    {
        if (host is null || failures == 0)
        {
            return;
        }

        using IChannel channel = host.Start("Score");
        channel.Warning(MessageSensitivity.None, $"{failures} pictures could not be scored; the column {ImageOutputs.ErrorColumn} says why.");
    }

    public override void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, typeof(BatchedOnnxTransformer));

    public override void Dispose()
    {
        _disposed = true;
        scorer.Dispose();
    }
}
