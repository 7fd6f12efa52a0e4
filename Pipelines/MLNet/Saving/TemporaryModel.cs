namespace AlexNetMl.Pipelines;

/// <summary>An ONNX file of our own, which goes away with its owner, or with the process at the latest.</summary>
internal sealed class TemporaryModel : IDisposable
{
    private readonly EventHandler _atExit;

    private TemporaryModel(string path)
    {
        Path = path;

        // It holds the path alone, so that an owner who was forgotten is still collected.
        _atExit = (_, _) => Delete(path);
        AppDomain.CurrentDomain.ProcessExit += _atExit;
    }

    ~TemporaryModel() => Remove();

    public string Path { get; }

    /// <summary>Makes a file; where that fails there is none.</summary>
    public static TemporaryModel Create(Action<string> write)
    {
        string path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"alexnetml-{Guid.NewGuid():N}.onnx");
        try
        {
            write(path);
        }
        catch
        {
            Delete(path);
            throw;
        }

        return new TemporaryModel(path);
    }

    public static TemporaryModel Create(Stream content) => Create(path =>
    {
        using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write);
        content.CopyTo(file);
    });

    public void Dispose()
    {
        Remove();
        GC.SuppressFinalize(this);
    }

    private void Remove()
    {
        AppDomain.CurrentDomain.ProcessExit -= _atExit;
        Delete(Path);
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A temporary file that somebody holds open stays; that is no reason to fail.
        }
    }
}
