namespace Microsoft.ML.Data;

/// <summary>One pass over labels and scores. Rows without a label (missing, negative, fractional) or with non-finite scores are left out.</summary>
internal static class MulticlassEvaluator
{
    private const float SmallestProbability = (float)1e-15;

    internal static MulticlassClassificationMetrics Evaluate(IDataView data, string labelName, string scoreName, string predictedName, int topK)
    {
        DataViewSchema.Column label = Find(data.Schema, labelName, "Label");
        DataViewSchema.Column score = Find(data.Schema, scoreName, "Score");
        Find(data.Schema, predictedName, "PredictedLabel");
        if (score.Type is not VectorDataViewType { Size: >= 2 } scoreType || scoreType.ItemType != NumberDataViewType.Single)
        {
            throw Errors.WrongType("schema", "score", score.Name, "vector of two or more items of type Single", score.Type.ToString());
        }
        if (label.Type != NumberDataViewType.Single && label.Type is not KeyDataViewType)
        {
            throw Errors.WrongType("schema", "label", label.Name, "Single or Key", label.Type.ToString());
        }

        var tally = new MulticlassTally(scoreType.Size);
        using (DataViewRowCursor cursor = data.GetRowCursor([label, score]))
        {
            ValueGetter<float> getLabel = LabelGetter(cursor, label);
            ValueGetter<VBuffer<float>> getScores = cursor.GetGetter<VBuffer<float>>(score);
            float labelValue = 0;
            VBuffer<float> buffer = default;
            var scores = new float[scoreType.Size];
            while (cursor.MoveNext())
            {
                getLabel(ref labelValue);

                // The comparison is false for NaN, which stands for a missing label.
                if (!(labelValue >= 0) || labelValue != (int)labelValue)
                {
                    continue;
                }
                getScores(ref buffer);
                if (buffer.Length != scores.Length)
                {
                    throw Errors.Invalid($"A row has {buffer.Length} scores where the column promises {scores.Length}.");
                }
                buffer.CopyTo(scores);
                if (Array.TrueForAll(scores, float.IsFinite))
                {
                    Count(tally, (int)labelValue, scores);
                }
            }
        }
        return new MulticlassClassificationMetrics(tally, topK, ClassNames(score, scoreType.Size));
    }

    private static void Count(MulticlassTally tally, int label, float[] scores)
    {
        if (label >= scores.Length)
        {
            // A class that the scorer does not know: behind all others, with the highest loss there is.
            tally.Add(label, assigned: -1, rank: scores.Length, -Math.Log(SmallestProbability));
            return;
        }
        float right = scores[label];
        double loss = -Math.Log(Math.Min(1, Math.Max(SmallestProbability, right)));
        int rank = 0;
        int assigned = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            // Of equal scores, the class with the lower number comes first.
            if (scores[i] > right || (scores[i] == right && i < label))
            {
                rank++;
            }
            if (scores[assigned] < scores[i])
            {
                assigned = i;
            }
        }
        tally.Add(label, assigned, rank, loss);
    }

    private static DataViewSchema.Column Find(DataViewSchema schema, string name, string role)
        => schema.GetColumnOrNull(name) ?? throw Errors.Argument(nameof(schema), $"{name} column '{role}' not found");

    private static ValueGetter<float> LabelGetter(DataViewRowCursor row, DataViewSchema.Column label)
        => label.Type is KeyDataViewType key
            ? Generic.Call<ValueGetter<float>>(() => KeyLabelGetter<uint>(null, default, 0), [key.RawType], row, label, key.Count)
            : row.GetGetter<float>(label);

    private static ValueGetter<float> KeyLabelGetter<TKey>(DataViewRowCursor row, DataViewSchema.Column label, ulong count)
        where TKey : struct, System.Numerics.IUnsignedNumber<TKey>
    {
        ValueGetter<TKey> getter = row.GetGetter<TKey>(label);
        return (ref float value) =>
        {
            TKey raw = default;
            getter(ref raw);
            ulong key = ulong.CreateTruncating(raw);
            value = key > 0 && key <= count ? key - 1 : float.NaN;
        };
    }

    private static string[] ClassNames(DataViewSchema.Column score, int classes)
    {
        if (score.Annotations.Schema.GetColumnOrNull(Annotation.SlotNames)?.Type is VectorDataViewType { IsKnownSize: true, ItemType: TextDataViewType })
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            score.Annotations.GetValue(Annotation.SlotNames, ref names);
            return [.. names.DenseValues().Select(name => name.ToString())];
        }
        return [.. Enumerable.Range(0, classes).Select(i => i.ToString(null, null))];
    }
}
