using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace AlexNetMl.Pipelines;

/// <summary>
/// Two readings of the input side by side: one runs ahead with the paths and fills the scorer's batches, the other stands on the caller's
/// row. The alternative, one reading whose values are buffered until their batch is scored, would have to copy values of types it knows
/// nothing about, some of which (ML.NET's images) may not be kept beyond their row.
/// </summary>
internal sealed class OnnxImageScoringCursor : DataViewRowCursor
{
    private readonly ScoringSchema _schema;
    private readonly bool[] _active;
    private readonly DataViewRowCursor _input;
    private readonly IHost? _host;

    // Both null when no score is asked for.
    private readonly IEnumerator<ImageScore>? _scores;
    private readonly ValueGetter<ReadOnlyMemory<char>>? _pathGetter;

    private ReadOnlyMemory<char> _path;
    private long _marked;
    private bool _onRow;
    private bool _disposed;

    public OnnxImageScoringCursor(IDataView input, ScoringSchema schema, bool[] active, OnnxImageScorer scorer, IHost? host)
    {
        _schema = schema;
        _active = active;
        _host = host;

        int[] wanted = [.. Enumerable.Range(0, active.Length).Where(index => active[index])];
        bool scoring = wanted.Any(index => schema.Kind(index) != ScoringColumn.Input);
        IEnumerable<int> passed = wanted.Where(index => schema.Kind(index) == ScoringColumn.Input);
        List<DataViewSchema.Column> needed = [.. passed.Select(schema.InputColumn)];
        if (scoring && needed.TrueForAll(column => column.Index != schema.Path.Index))
        {
            needed.Add(schema.Path);
        }

        _input = input.GetRowCursor(needed);
        if (!scoring)
        {
            return;
        }
        try
        {
            _pathGetter = _input.GetGetter<ReadOnlyMemory<char>>(schema.Path);
            _scores = scorer.Score(ReadAhead(input, schema.Path)).GetEnumerator();
        }
        catch
        {
            _input.Dispose();
            throw;
        }
    }

    public override long Position => _disposed ? -1 : _input.Position;

    public override long Batch => _input.Batch;

    public override DataViewSchema Schema => _schema.Output;

    public override bool MoveNext()
    {
        if (_disposed)
        {
            return false;
        }
        _onRow = false;
        try
        {
            bool row = _input.MoveNext();
            if (_scores is not null)
            {
                Follow(row, _scores);
            }
            _onRow = row;
        }
        catch
        {
            Dispose();
            throw;
        }
        if (!_onRow)
        {
            ReportMarked();
            Dispose();
        }
        return _onRow;
    }

    public override bool IsColumnActive(DataViewSchema.Column column)
        => column.Index < _active.Length
            ? _active[column.Index]
            : throw new InvalidOperationException(
                $"Column '{column.Name}' (index {column.Index}) is not one of this cursor's {_active.Length} columns.");

    public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
        {
            throw new InvalidOperationException(
                $"Column '{column.Name}' is not active in this cursor: name it among the columns that the cursor is asked for.");
        }
        ScoringColumn kind = _schema.Kind(column.Index);
        if (kind == ScoringColumn.Input)
        {
            return _input.GetGetter<TValue>(_schema.InputColumn(column.Index));
        }

        Delegate getter = kind switch
        {
            ScoringColumn.Score => new ValueGetter<VBuffer<float>>(GetScore),
            ScoringColumn.PredictedLabel => new ValueGetter<uint>(GetPredictedLabel),
            _ => new ValueGetter<ReadOnlyMemory<char>>(GetError),
        };
        return getter as ValueGetter<TValue>
            ?? throw new InvalidOperationException(
                $"Column '{column.Name}' gives values of type '{_schema.Output[column.Index].Type.RawType}', not '{typeof(TValue)}'.");
    }

    protected override void Dispose(bool disposing)
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        _onRow = false;
        if (disposing)
        {
            try
            {
                // It ends the workers and, through the iterator below, their own reading of the input.
                _scores?.Dispose();
            }
            finally
            {
                _input.Dispose();
            }
        }
        base.Dispose(disposing);
    }

    private static IEnumerable<ImageInput> ReadAhead(IDataView input, DataViewSchema.Column path)
    {
        using DataViewRowCursor cursor = input.GetRowCursor([path]);
        ValueGetter<ReadOnlyMemory<char>> getter = cursor.GetGetter<ReadOnlyMemory<char>>(path);
        ReadOnlyMemory<char> value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            yield return ImageInput.FromFile(value.ToString());
        }
    }

    // A score belongs to its row only if both readings saw the same path there.
    private void Follow(bool row, IEnumerator<ImageScore> scores)
    {
        bool scored = scores.MoveNext();
        if (row != scored)
        {
            throw Differs("another number of rows");
        }
        if (!row)
        {
            return;
        }
        _pathGetter!(ref _path);
        if (!_path.Span.SequenceEqual(scores.Current.Source))
        {
            throw Differs($"another path in row {scores.Current.Index} ('{_path}' after '{scores.Current.Source}')");
        }
        if (scores.Current.Error is not null)
        {
            _marked++;
        }
    }

    private static InvalidOperationException Differs(string how)
        => new($"The second of two readings of the input gave {how}: it must give the same rows in the same order each time. "
            + "Hand LoadFromEnumerable a list instead of a lazy query, or cache the data with mlContext.Data.Cache.");

    private ImageScore Current => _onRow ? _scores!.Current : throw new InvalidOperationException(
        "Values cannot be fetched at this time: MoveNext has not been called yet, or has returned false, or the cursor was disposed.");

    private void GetScore(ref VBuffer<float> value)
    {
        ImageScore current = Current;
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, _schema.Classes);
        if (current.Error is null)
        {
            current.Probabilities.Span.CopyTo(editor.Values);
        }
        else
        {
            editor.Values.Fill(float.NaN);
        }
        value = editor.Commit();
    }

    // Keys count from 1; 0 is the missing one, and BestClass is -1 for a picture without a score.
    private void GetPredictedLabel(ref uint value) => value = (uint)(Current.BestClass + 1);

    private void GetError(ref ReadOnlyMemory<char> value) => value = Current.Error.AsMemory();

    private void ReportMarked()
    {
        if (_host is null || _marked == 0)
        {
            return;
        }
        using IChannel channel = _host.Start("Score");
        channel.Warning(
            MessageSensitivity.None, $"{_marked} pictures could not be scored; the column {ScoringSchema.ErrorColumn} says why.");
    }
}
