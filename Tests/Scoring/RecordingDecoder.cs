using System.Collections.Concurrent;
using AlexNetMl.Imaging;

namespace AlexNetMl.Scoring.Tests;

/// <summary>The default decoder, with a record of who called it and a hook before each call.</summary>
internal sealed class RecordingDecoder(Action<int>? before = null) : IImageDecoder
{
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public ConcurrentDictionary<Thread, bool> Threads { get; } = new();

    public string Name => ImageDecoders.Default.Name;

    public RgbImage Decode(ReadOnlySpan<byte> encoded)
    {
        int call = Interlocked.Increment(ref _calls);
        Threads.TryAdd(Thread.CurrentThread, true);
        before?.Invoke(call);
        return ImageDecoders.Default.Decode(encoded);
    }
}
