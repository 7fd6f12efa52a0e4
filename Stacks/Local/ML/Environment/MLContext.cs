using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>The door to everything: catalogs of transforms, data operations and evaluations, the seed, and the log.</summary>
public sealed class MLContext : IHostEnvironmentInternal
{
    private readonly Host _host;

    public MLContext(int? seed = null)
    {
        _host = new Host(seed, (source, message) => Log?.Invoke(this, new LoggingEventArgs(message.Message, message.Kind, source)));
        Transforms = new TransformsCatalog(_host);
        Data = new DataOperationsCatalog(_host);
        MulticlassClassification = new MulticlassClassificationCatalog(_host);
        Model = new ModelOperationsCatalog(_host);
    }

    /// <summary>Every message of every channel, trace messages included.</summary>
    public event EventHandler<LoggingEventArgs> Log;

    public MulticlassClassificationCatalog MulticlassClassification { get; }

    public TransformsCatalog Transforms { get; }

    public ModelOperationsCatalog Model { get; }

    public DataOperationsCatalog Data { get; }

    public ComponentCatalog ComponentCatalog => _host.ComponentCatalog;

    public string TempFilePath { get; set; } = Path.GetTempPath();

    public bool FallbackToCpu
    {
        get => _host.FallbackToCpu;
        set => _host.FallbackToCpu = value;
    }

    public int? GpuDeviceId
    {
        get => _host.GpuDeviceId;
        set => _host.GpuDeviceId = value;
    }

    int? IHostEnvironmentInternal.Seed => _host.Seed;

    string IExceptionContext.ContextDescription => _host.ContextDescription;

    TException IExceptionContext.Process<TException>(TException ex) => _host.Process(ex);

    IHost IHostEnvironment.Register(string name, int? seed, bool? verbose) => _host.Register(name, seed, verbose);

    IChannel IChannelProvider.Start(string name) => _host.Start(name);

    IPipe<TMessage> IChannelProvider.StartPipe<TMessage>(string name) => _host.StartPipe<TMessage>(name);

    IProgressChannel IProgressChannelProvider.StartProgressChannel(string name) => _host.StartProgressChannel(name);
}
