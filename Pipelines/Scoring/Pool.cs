using System.Collections.Concurrent;

namespace AlexNetMl.Scoring;

/// <summary>
/// Buffers that are used again. It keeps as many as one enumeration or the machine's threads use at once; whoever comes beside them takes more and leaves them to the
/// garbage collector.
/// </summary>
internal sealed class Pool<T>(Func<T> create, int kept)
    where T : class
{
    private readonly ConcurrentBag<T> _free = [];

    public T Rent() => _free.TryTake(out T? item) ? item : create();

    public void Return(T item)
    {
        if (_free.Count < kept)
        {
            _free.Add(item);
        }
    }
}
