namespace AlexNetMl.Training;

public abstract partial class PictureSet
{
    /// <summary>
    /// Opens whatever pictures stand at a path: a finished <see cref="PictureCache"/>, a folder of tar shards, a folder of class folders
    /// (<see cref="ImageFolder"/>), a .csv or .tsv <see cref="Manifest"/>, a .tar shard, or several as <c>train-{0000..0031}.tar</c> or <c>*.tar</c>.
    /// </summary>
    /// <param name="path">The folder, the file or the pattern.</param>
    /// <exception cref="FileNotFoundException">There is nothing.</exception>
    /// <exception cref="InvalidDataException">What is there is damaged, holds no pictures, or is nothing of these.</exception>
    public static PictureSet Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            if (File.Exists(Path.Combine(path, PictureCache.DescriptionFile)) || File.Exists(Path.Combine(path, PictureCache.PixelFile)))
                return PictureCache.Open(path);
            string[] shards = ShardPattern.InFolder(path, "*.tar");
            return shards.Length > 0 ? TarShards.Open(shards) : ImageFolder.Scan(path);
        }
        if (!File.Exists(path))
        {
            return ShardPattern.IsPattern(path)
                ? TarShards.Open(ShardPattern.Expand(path))
                : throw new FileNotFoundException($"'{path}' does not exist: give a folder of class folders, a .csv or .tsv manifest, .tar shards or a picture cache.", path);
        }
        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".CSV" or ".TSV" => Manifest.Read(path),
            ".TAR" => TarShards.Open([path]),
            _ => throw new InvalidDataException($"'{path}' is none of .csv, .tsv, .tar: give a manifest, a shard, or a folder of pictures."),
        };
    }

    /// <summary>Opens several tar shards as one set, or one place of any kind.</summary>
    /// <param name="places">Paths of the shards, in the order in which their pictures are counted; or one path as <see cref="Open(string)"/> takes it.</param>
    /// <exception cref="FileNotFoundException">One does not exist.</exception>
    /// <exception cref="InvalidDataException">One is damaged.</exception>
    public static PictureSet Open(IReadOnlyList<string> places)
    {
        ArgumentNullException.ThrowIfNull(places);
        if (places.Count == 1)
            return Open(places[0]);
        if (places.FirstOrDefault(place => !Path.GetExtension(place).Equals(".tar", StringComparison.OrdinalIgnoreCase)) is { } other)
            throw new InvalidDataException($"Several places are tar shards, '{other}' is none: give shards, or one folder, manifest or cache.");
        return TarShards.Open(places);
    }
}
