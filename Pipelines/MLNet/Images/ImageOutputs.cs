using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>The columns that a picture's row gets, and how an <see cref="ImageScore"/> fills them.</summary>
/// <param name="TopK">Best classes in columns of their own; 0 for none.</param>
/// <param name="Logits">Whether there is a column of logits.</param>
/// <param name="Error">Whether there is a column of errors.</param>
/// <param name="Features">The only column where features are extracted; null where pictures are scored.</param>
internal sealed record ImageOutputs(int TopK, bool Logits, bool Error, string? Features)
{
    public const string ScoreColumn = "Score";
    public const string PredictedLabelColumn = "PredictedLabel";
    public const string TopLabelsColumn = "TopLabels";
    public const string TopScoresColumn = "TopScores";
    public const string LogitsColumn = "Logits";
    public const string ErrorColumn = "Error";

    public static ImageOutputs Of(OnnxImageScorerOptions options, string? features = null) => new(
        features is null ? options.TopK : 0, options.Logits && features is null, options.OnInvalidImage == InvalidImageHandling.Mark, features);

    public IReadOnlyList<AddedColumn> Columns(IReadOnlyList<string> labels, int featureLength)
    {
        List<AddedColumn> columns = [];
        if (Features is not null)
        {
            columns.Add(new(Features, new VectorDataViewType(NumberDataViewType.Single, featureLength)));
        }
        else
        {
            columns.Add(new(ScoreColumn, new VectorDataViewType(NumberDataViewType.Single, labels.Count), labels));
            columns.Add(new(PredictedLabelColumn, new KeyDataViewType(typeof(uint), labels.Count), labels, AddedColumn.KeyValues));
        }

        if (TopK > 0)
        {
            int best = Math.Min(TopK, labels.Count);
            columns.Add(new(TopLabelsColumn, new VectorDataViewType(TextDataViewType.Instance, best)));
            columns.Add(new(TopScoresColumn, new VectorDataViewType(NumberDataViewType.Single, best)));
        }

        if (Logits)
        {
            columns.Add(new(LogitsColumn, new VectorDataViewType(NumberDataViewType.Single, labels.Count), labels));
        }

        if (Error)
        {
            columns.Add(new(ErrorColumn, TextDataViewType.Instance));
        }

        return columns;
    }

    public Delegate Getter(string column, IReadOnlyList<string> labels, int featureLength, Func<ImageScore> current)
    {
        return column == Features ? Numbers(score => score.Features, featureLength) : column switch
        {
            ScoreColumn => Numbers(score => score.Probabilities, labels.Count),
            LogitsColumn => Numbers(score => score.Logits, labels.Count),

            // Keys count from 1; 0 is the missing one, and BestClass is -1 for a picture without a score.
            PredictedLabelColumn => new ValueGetter<uint>((ref uint value) => value = (uint)(current().BestClass + 1)),
            TopLabelsColumn => Top<ReadOnlyMemory<char>>(ReadOnlyMemory<char>.Empty, (_, best) => labels[best].AsMemory()),
            TopScoresColumn => Top<float>(float.NaN, (score, best) => score.Probabilities.Span[best]),
            _ => new ValueGetter<ReadOnlyMemory<char>>((ref ReadOnlyMemory<char> value) => value = current().Error.AsMemory()),
        };

        Delegate Numbers(Func<ImageScore, ReadOnlyMemory<float>> numbers, int length) => new ValueGetter<VBuffer<float>>((ref VBuffer<float> value) =>
        {
            ImageScore score = current();
            VBufferEditor<float> editor = VBufferEditor.Create(ref value, length);
            if (score.Error is null)
            {
                numbers(score).Span.CopyTo(editor.Values);
            }
            else
            {
                editor.Values.Fill(float.NaN);
            }

            value = editor.Commit();
        });

        Delegate Top<T>(T missing, Func<ImageScore, int, T> of)
        {
            int[] best = new int[Math.Min(TopK, labels.Count)];
            return new ValueGetter<VBuffer<T>>((ref VBuffer<T> value) =>
            {
                ImageScore score = current();
                int found = score.Best(best);
                VBufferEditor<T> editor = VBufferEditor.Create(ref value, best.Length);
                for (int i = 0; i < best.Length; i++)
                {
                    editor.Values[i] = i < found ? of(score, best[i]) : missing;
                }

                value = editor.Commit();
            });
        }
    }
}
