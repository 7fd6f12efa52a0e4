namespace AlexNetMl.Trainers;

/// <summary>
/// A new temporary folder that is deleted when this object is disposed, is collected, or the process ends: ML.NET's users seldom dispose of a transformer.
/// </summary>
internal sealed class OwnedFolder : IDisposable
{
    private readonly EventHandler _atExit;

    public OwnedFolder(string parent)
    {
        string path = System.IO.Path.Combine(parent, $"alexnetml-{Guid.NewGuid():N}");
        Directory.CreateDirectory(path);
        Path = path;
        // The handler holds the path alone, so that this object can be collected.
        _atExit = (_, _) => Delete(path);
        AppDomain.CurrentDomain.ProcessExit += _atExit;
    }

    ~OwnedFolder() => Release();

    public string Path { get; }

    /// <summary>A folder in it, made.</summary>
    public string Folder(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        AppDomain.CurrentDomain.ProcessExit -= _atExit;
        Delete(Path);
    }

    private static void Delete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What is left lies where temporary files lie.
        }
    }
}
