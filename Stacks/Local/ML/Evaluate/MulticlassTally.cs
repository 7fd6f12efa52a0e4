namespace Microsoft.ML.Data;

/// <summary>The sums that the figures of a multiclass evaluation are made of.</summary>
internal sealed class MulticlassTally(int classes)
{
    private readonly double[] _rowsOfClass = new double[classes];
    private readonly double[] _lossOfClass = new double[classes];

    // Rows by the rank of their right class among the scores; an unknown class can come last of all.
    private readonly double[] _rowsOfRank = new double[classes + 1];
    private double _rows;
    private double _right;
    private double _loss;

    /// <summary>[actual][predicted].</summary>
    internal double[][] Confusion { get; } = [.. Enumerable.Range(0, classes).Select(_ => new double[classes])];

    internal double MicroAccuracy => _rows > 0 ? _right / _rows : 0;

    /// <summary>Mean of the recalls of the classes that occur.</summary>
    internal double MacroAccuracy
    {
        get
        {
            int[] present = [.. Enumerable.Range(0, classes).Where(i => _rowsOfClass[i] > 0)];
            return present.Length > 0 ? present.Sum(i => Confusion[i][i] / _rowsOfClass[i]) / present.Length : 0;
        }
    }

    internal double LogLoss => _rows > 0 ? _loss / _rows : 0;

    /// <summary>How much of the labels' entropy the scores take away: 1 is perfect, 0 what the class frequencies alone would give.</summary>
    internal double LogLossReduction
    {
        get
        {
            double entropy = _rowsOfClass.Where(rows => rows != 0).Sum(rows => rows * Math.Log(rows / _rows)) / -_rows;
            return (entropy - LogLoss) / entropy;
        }
    }

    internal double[] PerClassLogLoss => [.. _lossOfClass.Select((loss, i) => _rowsOfClass[i] > 0 ? loss / _rowsOfClass[i] : 0)];

    internal void Add(int label, int assigned, int rank, double loss)
    {
        _rows++;
        _loss += loss;
        _rowsOfRank[rank]++;
        if (rank == 0)
        {
            _right++;
        }
        if (label < classes)
        {
            _rowsOfClass[label]++;
            _lossOfClass[label] += loss;
            Confusion[label][rank == 0 ? label : assigned]++;
        }
    }

    /// <summary>Share of the rows whose right class is among the best 1, 2, … k.</summary>
    internal double[] TopKAccuracies(int k)
    {
        Errors.Require(k <= _rowsOfRank.Length, "topKPredictionCount", $"{k} is more than the {classes} classes that are scored.");
        double sum = 0;
        return [.. _rowsOfRank.Take(k).Select(rows => sum += rows / _rows)];
    }
}
