using System.IO.Enumeration;
using AlexNetMl.Imaging;

namespace AlexNetMl.Scoring;

/// <summary>
/// The pictures below a folder, by their names' extensions. A folder's entries come in ordinal order of their names, so that the order is the same on every machine; names that start
/// with a dot are passed over. Only the names of one folder, and of those above it, are held at a time.
/// </summary>
internal sealed class FolderTree(string root) : PictureList
{
    private readonly string _root = Path.GetFullPath(root);

    public override string Description => $"folder {root}";

    public override IEnumerable<ListedPicture> Read()
    {
        string real = FolderLinks.RealPath(_root);
        return Walk(real, prefix: "", [real]);
    }

    // Folders that are links are followed, as image collections are often made of them, except back to a folder on the way here.
    private static IEnumerable<ListedPicture> Walk(string folder, string prefix, List<string> way)
    {
        Entry[] entries = Entries(folder);
        foreach (Entry entry in entries)
        {
            string path = Path.Combine(folder, entry.Name);
            if (!entry.IsFolder)
            {
                yield return new ListedPicture(prefix + entry.Name, path);
                continue;
            }

            string real = entry.IsLink ? FolderLinks.RealPath(path) : path;
            if (way.Contains(real))
            {
                continue;
            }

            way.Add(real);
            foreach (ListedPicture picture in Walk(real, $"{prefix}{entry.Name}/", way))
            {
                yield return picture;
            }

            way.RemoveAt(way.Count - 1);
        }
    }

    // A tree without one of its folders is not the tree that was asked for: it does not go on as if nothing were there.
    private static Entry[] Entries(string folder)
    {
        try
        {
            Entry[] entries =
            [
                .. new FileSystemEnumerable<Entry>(folder, static (ref FileSystemEntry entry) => new Entry(entry.FileName.ToString(), entry.IsDirectory, entry.Attributes.HasFlag(FileAttributes.ReparsePoint)), new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false })
                {
                    ShouldIncludePredicate = static (ref FileSystemEntry entry) => !entry.FileName.StartsWith('.') && (entry.IsDirectory || ImageFile.HasPictureName(entry.FileName.ToString())),
                },
            ];
            Array.Sort(entries, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
            return entries;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string remedy = folder.Contains('\ufffd', StringComparison.Ordinal)
                ? "its name is not UTF-8, so rename it"
                : "make it readable";
            throw new IOException($"The folder '{folder}' cannot be read ({e.Message.TrimEnd('.')}): {remedy}, or give a list of the pictures.", e);
        }
    }

    private readonly record struct Entry(string Name, bool IsFolder, bool IsLink);
}
