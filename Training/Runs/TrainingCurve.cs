namespace AlexNetMl.Training;

/// <summary>A curve of any length in bounded memory: when it is full, neighbouring points are averaged in pairs.</summary>
internal sealed class TrainingCurve
{
    private const int Capacity = 1024;
    private readonly List<(double X, double Y)> _points = [];
    private int _perPoint = 1;
    private int _pending;
    private double _sumX;
    private double _sumY;

    /// <summary>The points, each the mean of equally many values.</summary>
    internal IReadOnlyList<(double X, double Y)> Points => _points;

    internal void Add(double x, double y)
    {
        _sumX += x;
        _sumY += y;
        if (++_pending < _perPoint)
            return;
        _points.Add((_sumX / _pending, _sumY / _pending));
        (_pending, _sumX, _sumY) = (0, 0, 0);
        if (_points.Count < Capacity)
            return;
        for (int i = 0; i < Capacity / 2; i++)
            _points[i] = ((_points[2 * i].X + _points[2 * i + 1].X) / 2, (_points[2 * i].Y + _points[2 * i + 1].Y) / 2);
        _points.RemoveRange(Capacity / 2, Capacity / 2);
        _perPoint *= 2;
    }
}
