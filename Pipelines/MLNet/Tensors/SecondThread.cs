using System.Runtime.ExceptionServices;

namespace AlexNetMl.Pipelines;

/// <summary>
/// One thing at a time on another thread, while this one goes on: a thread of its own, for an application that waits on pool threads would starve itself. It starts with the
/// first thing to do.
/// </summary>
internal sealed class SecondThread : IDisposable
{
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly SemaphoreSlim _done = new(0);
    private Thread? _thread;
    private Action? _work;
    private ExceptionDispatchInfo? _failure;
    private bool _busy;

    public void Start(Action work)
    {
        _work = work;
        _busy = true;
        if (_thread is null)
        {
            _thread = new Thread(Loop) { IsBackground = true, Name = "AlexNetMl batch" };
            _thread.Start();
        }

        _wanted.Release();
    }

    /// <summary>Waits for what was started; its exception is thrown here.</summary>
    public void Wait()
    {
        if (_busy)
        {
            _done.Wait();
            _busy = false;
            ExceptionDispatchInfo? failure = _failure;
            _failure = null;
            failure?.Throw();
        }
    }

    public void Dispose()
    {
        if (_thread is not null)
        {
            _work = null;
            _wanted.Release();
            _thread.Join();
        }

        _wanted.Dispose();
        _done.Dispose();
    }

    private void Loop()
    {
        while (true)
        {
            _wanted.Wait();
            if (_work is not { } work)
            {
                return;
            }

            try
            {
                work();
            }
            catch (Exception e)
            {
                // For whoever waits for the result.
                _failure = ExceptionDispatchInfo.Capture(e);
            }

            _done.Release();
        }
    }
}
