namespace AlexNetMl.Imaging;

/// <summary>Folders that are links to folders.</summary>
internal static class FolderLinks
{
    private const int MostLinks = 40;

    /// <summary>A folder's path without links anywhere in it, so that it has one name however it is come to.</summary>
    /// <exception cref="IOException">Links lead to links without end.</exception>
    internal static string RealPath(string folder)
    {
        string path = Path.GetFullPath(folder), real = Path.GetPathRoot(path)!;
        var rest = new Stack<string>(Names(path[real.Length..]));
        for (int links = 0; rest.TryPop(out string? name);)
        {
            string next = Path.GetFullPath(Path.Combine(real, name));
            if (new DirectoryInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException($"The folder '{folder}' cannot be read (too many links): give the folder that they lead to.");
            }

            // What follows ".." depends on where it stands, so it is looked at one by one as well.
            real = Path.IsPathRooted(target) ? Path.GetPathRoot(target)! : real;
            foreach (string part in Names(target[(Path.IsPathRooted(target) ? real.Length : 0)..]))
            {
                rest.Push(part);
            }
        }

        return real;
    }

    // The first last: a stack gives them in order.
    private static IEnumerable<string> Names(string path) => path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse();
}
