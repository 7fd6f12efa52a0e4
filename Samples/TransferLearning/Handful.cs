namespace AlexNetMl.Samples.TransferLearning;

/// <summary>A few pictures of each class.</summary>
internal static class Handful
{
    /// <summary>Draws <paramref name="perClass"/> pictures of each class.</summary>
    /// <exception cref="InvalidDataException">A class has fewer.</exception>
    public static IReadOnlyList<PictureRow> Draw(IReadOnlyList<PictureRow> pictures, int perClass, int seed)
    {
        var random = new Random(seed);
        List<PictureRow> drawn = [];
        foreach (var rows in pictures.GroupBy(row => row.ClassName))
        {
            PictureRow[] all = [.. rows];
            if (all.Length < perClass)
            {
                throw new InvalidDataException($"The class '{rows.Key}' has {all.Length} pictures, {perClass} of each are asked for with --per-class.");
            }

            random.Shuffle(all);
            drawn.AddRange(all.Take(perClass));
        }

        return drawn;
    }
}
