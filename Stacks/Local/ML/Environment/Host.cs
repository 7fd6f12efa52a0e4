using Microsoft.ML.Data;

namespace Microsoft.ML.Runtime;

/// <summary>The environment behind an <see cref="MLContext"/> (no parent, no name) and every host registered on it.</summary>
internal sealed class Host : IHost, IHostEnvironmentInternal
{
    private readonly Host _parent;
    private readonly string _name;
    private readonly string _fullName;
    private readonly Action<string, ChannelMessage> _listener;

    internal Host(int? seed, Action<string, ChannelMessage> listener)
    {
        Seed = seed;
        Rand = seed is { } value ? new Random(value) : new Random();
        ComponentCatalog = new ComponentCatalog();
        _listener = listener;
    }

    private Host(Host parent, string name, Random random)
    {
        _parent = parent;
        _name = name;

        // As in the real one: a host is named after its parent's parent, so a host of a host shows its own name only.
        _fullName = parent._parent?._fullName is { } prefix ? $"{prefix}; {name}" : name;
        _listener = parent._listener;
        Seed = parent.Seed;
        Rand = random;
        ComponentCatalog = parent.ComponentCatalog;
    }

    public Random Rand { get; }

    public int? GpuDeviceId
    {
        get => _parent is null ? field : _parent.GpuDeviceId;
        set;
    }

    public bool FallbackToCpu
    {
        get => _parent is null ? field : _parent.FallbackToCpu;
        set;
    }

    public int? Seed { get; }

    public ComponentCatalog ComponentCatalog { get; }

    public string ContextDescription => "HostEnvironment";

    public IHost Register(string name, int? seed = null, bool? verbose = null)
    {
        Errors.NotEmpty(name, nameof(name));
        lock (Rand)
        {
            return new Host(this, name, new Random(seed ?? Rand.Next()));
        }
    }

    public IChannel Start(string name) => new Channel(this, name);

    public IPipe<TMessage> StartPipe<TMessage>(string name) => new Pipe<TMessage>(this, name);

    public IProgressChannel StartProgressChannel(string name)
    {
        Errors.NotEmpty(name, nameof(name));
        return new SilentProgress();
    }

    public TException Process<TException>(TException ex)
        where TException : Exception
        => Mark(ex, "Environment", null, null);

    private static TException Mark<TException>(TException exception, string component, string parent, string phase)
        where TException : Exception
    {
        if (exception is not null)
        {
            exception.Data["Throwing component"] = component;
            if (phase is not null)
            {
                exception.Data["Parent component"] = parent;
                exception.Data["Phase"] = phase;
            }
            exception.Data["ML_IsMarked"] = 1;
        }
        return exception;
    }

    private class Pipe<TMessage> : IPipe<TMessage>
    {
        private readonly Host _host;
        private readonly string _name;
        private bool _disposed;

        internal Pipe(Host host, string name)
        {
            _host = host;
            _name = name;
            ContextDescription = host._fullName is { } prefix ? $"{prefix}; {name}" : name;
        }

        public string ContextDescription { get; }

        public void Send(TMessage msg)
        {
            if (msg is ChannelMessage message)
            {
                _host._listener?.Invoke(ContextDescription, message);
            }
        }

        public TException Process<TException>(TException ex)
            where TException : Exception
            => Mark(ex, _host._name, _host._parent?._fullName, _name);

        public void Dispose()
        {
            if (!_disposed)
            {
                _disposed = true;
                Closing();
            }
        }

        protected virtual void Closing()
        {
        }
    }

    private sealed class Channel : Pipe<ChannelMessage>, IChannel
    {
        private readonly System.Diagnostics.Stopwatch _watch = System.Diagnostics.Stopwatch.StartNew();

        internal Channel(Host host, string name)
            : base(host, name)
            => Trace(MessageSensitivity.None, "Channel started");

        public void Trace(MessageSensitivity sensitivity, string fmt) => Send(new ChannelMessage(ChannelMessageKind.Trace, sensitivity, fmt));

        public void Trace(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(new ChannelMessage(ChannelMessageKind.Trace, sensitivity, fmt, args));

        public void Error(MessageSensitivity sensitivity, string fmt) => Send(new ChannelMessage(ChannelMessageKind.Error, sensitivity, fmt));

        public void Error(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(new ChannelMessage(ChannelMessageKind.Error, sensitivity, fmt, args));

        public void Warning(MessageSensitivity sensitivity, string fmt) => Send(new ChannelMessage(ChannelMessageKind.Warning, sensitivity, fmt));

        public void Warning(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(new ChannelMessage(ChannelMessageKind.Warning, sensitivity, fmt, args));

        public void Info(MessageSensitivity sensitivity, string fmt) => Send(new ChannelMessage(ChannelMessageKind.Info, sensitivity, fmt));

        public void Info(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(new ChannelMessage(ChannelMessageKind.Info, sensitivity, fmt, args));

        protected override void Closing()
        {
            Trace(MessageSensitivity.None, "Channel finished. Elapsed {0:c}.", _watch.Elapsed);
            Trace(MessageSensitivity.None, "Channel disposed");
        }
    }
}
