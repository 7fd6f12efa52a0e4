using AlexNetMl.Imaging;

namespace AlexNetMl.Samples;

/// <summary>A labelled picture as a row of a data view.</summary>
public sealed class PictureRow
{
    public string ImagePath { get; set; } = "";

    public string ClassName { get; set; } = "";

    /// <summary>The pictures of a folder: JPEG and PNG files below it, in ordinal order; each one's class is the name of the folder it lies in.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">It holds no pictures.</exception>
    public static IReadOnlyList<PictureRow> List(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The picture folder '{folder}' does not exist: give a folder of pictures, or of class folders of them.");
        }

        string[] paths = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(IsPicture).Order(StringComparer.Ordinal)];
        return paths.Length == 0
            ? throw new InvalidDataException($"'{folder}' holds no picture ({string.Join(", ", ImageFile.Extensions)}).")
            : [.. paths.Select(path => new PictureRow { ImagePath = path, ClassName = Path.GetFileName(Path.GetDirectoryName(path)!) })];
    }

    /// <summary>
    /// The pictures of class folders, as <see cref="List"/>; of each class no more than its share of <paramref name="most"/>, the first ones.
    /// </summary>
    /// <exception cref="InvalidDataException">There are fewer than two classes.</exception>
    public static IReadOnlyList<PictureRow> ListEvenly(string folder, int most)
    {
        IReadOnlyList<PictureRow> all = List(folder);
        return all.All(row => row.ClassName == all[0].ClassName)
            ? throw new InvalidDataException($"'{folder}' holds pictures of one class only: put those of each class into a folder of its name.")
            : Evenly(all, most);
    }

    /// <summary>Of each class no more than its share of <paramref name="most"/>, the first ones.</summary>
    public static IReadOnlyList<PictureRow> Evenly(IEnumerable<PictureRow> pictures, int most)
    {
        var classes = pictures.GroupBy(row => row.ClassName).ToArray();
        return [.. classes.SelectMany(rows => rows.Take(Math.Max(1, most / classes.Length)))];
    }

    private static bool IsPicture(string path) =>
        !Path.GetFileName(path).StartsWith('.') && ImageFile.HasPictureName(path);
}
