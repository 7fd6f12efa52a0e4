using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace AlexNetMl.Scoring;

/// <summary>
/// Runs an enumeration on a thread of its own, a bounded number of items ahead of its consumer, who waits for it and whom it waits for. An exception of the enumeration
/// arrives after the items before it.
/// </summary>
internal sealed class ReadAhead<T> : IDisposable
{
    private readonly BlockingCollection<T> _items;
    private readonly CancellationTokenSource _stop;
    private readonly Thread _thread;
    private readonly bool _joins;
    private ExceptionDispatchInfo? _failure;

    /// <param name="source">Makes the items; it gets a token that is cancelled when the consumer leaves.</param>
    /// <param name="ahead">Items that may wait, at least 1.</param>
    /// <param name="name">The thread's name.</param>
    /// <param name="joins">
    /// Whether <see cref="Dispose"/> waits until the thread has ended. False for a source that may sit in a call that nothing can end, such as reading from a terminal;
    /// the thread does not keep the process alive.
    /// </param>
    /// <param name="cancellationToken">Ends both sides.</param>
    public ReadAhead(Func<CancellationToken, IEnumerable<T>> source, int ahead, string name, bool joins, CancellationToken cancellationToken)
    {
        _items = new BlockingCollection<T>(ahead);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _joins = joins;
        CancellationToken stop = _stop.Token;
        _thread = new Thread(() => Fill(source, stop)) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>The items, once.</summary>
    /// <param name="cancellationToken">Ends the consumer's waiting.</param>
    public IEnumerable<T> Items(CancellationToken cancellationToken)
    {
        foreach (T item in _items.GetConsumingEnumerable(cancellationToken))
        {
            yield return item;
        }

        _failure?.Throw();
    }

    public void Dispose()
    {
        _stop.Cancel();
        if (_joins)
        {
            _thread.Join();
            _items.Dispose();
            _stop.Dispose();
        }
    }

    private void Fill(Func<CancellationToken, IEnumerable<T>> source, CancellationToken stop)
    {
        try
        {
            foreach (T item in source(stop))
            {
                _items.Add(item, stop);
            }
        }
#pragma warning disable CA1031 // Whatever it is belongs to the consumer, who alone may throw.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _failure = ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            _items.CompleteAdding();
        }
    }
}
