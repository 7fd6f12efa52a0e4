using System.Runtime.ExceptionServices;

namespace AlexNetMl.Scoring;

/// <summary>
/// Takes the input in batches, on the consumer's own thread. An exception of the input waits until the rows before it have been delivered.
/// </summary>
internal sealed class InputReader(IEnumerable<ImageInput> images) : IDisposable
{
    private readonly IEnumerator<ImageInput> _images = images.GetEnumerator();
    private readonly List<ImageInput> _inputs = [];
    private ExceptionDispatchInfo? _failure;
    private long _row;

    public bool Ended { get; private set; }

    /// <summary>The next rows, at most <paramref name="count"/>; none when the input has ended.</summary>
    public ImageInput[] Read(int count, out long firstRow)
    {
        firstRow = _row;
        _inputs.Clear();
        while (!Ended && _inputs.Count < count)
        {
            try
            {
                if (_images.MoveNext())
                {
                    _inputs.Add(_images.Current);
                }
                else
                {
                    Ended = true;
                }
            }
            catch (Exception e)
            {
                Ended = true;
                _failure = ExceptionDispatchInfo.Capture(e);
            }
        }

        _row += _inputs.Count;
        return [.. _inputs];
    }

    public void ThrowIfFailed() => _failure?.Throw();

    public void Dispose() => _images.Dispose();
}
