namespace AlexNetMl.Training;

/// <summary>Draws held-out pictures from every class in proportion to its size.</summary>
internal static class StratifiedSplit
{
    /// <summary>See <see cref="PictureSet.Split"/>.</summary>
    /// <returns>Indices of the pictures to train on and of those held out, both ascending.</returns>
    internal static (int[] Training, int[] HeldOut) Draw(PictureSet pictures, int heldOut, long seed)
    {
        var sizes = new int[pictures.Classes.Count];
        for (int i = 0; i < pictures.Count; i++)
            sizes[pictures.Label(i)]++;
        long most = sizes.Sum(size => (long)Math.Max(0, size - 1));
        if (heldOut < 1 || heldOut > most)
            throw new ArgumentOutOfRangeException(nameof(heldOut), $"{heldOut} pictures held out of {pictures.Count} in {sizes.Length} classes: take 1 to {most}, so that every class keeps one.");

        int[][] byClass = [.. sizes.Select(size => new int[size])];
        var filled = new int[sizes.Length];
        for (int i = 0; i < pictures.Count; i++)
            byClass[pictures.Label(i)][filled[pictures.Label(i)]++] = i;

        int[] quota = Quotas(sizes, heldOut);
        var held = new bool[pictures.Count];
        for (int label = 0; label < byClass.Length; label++)
        {
            new CounterRandom(seed, RandomStream.Split, 0, label).Shuffle<int>(byClass[label]);
            foreach (int index in byClass[label].AsSpan(0, quota[label]))
                held[index] = true;
        }
        return ([.. Enumerable.Range(0, held.Length).Where(i => !held[i])], [.. Enumerable.Range(0, held.Length).Where(i => held[i])]);
    }

    /// <summary>Shares <paramref name="total"/> out in proportion to <paramref name="sizes"/> (largest remainder), at most size − 1 each.</summary>
    private static int[] Quotas(int[] sizes, int total)
    {
        double all = sizes.Sum(size => (double)size);
        double[] exact = [.. sizes.Select(size => total * (size / all))];
        int[] quota = [.. sizes.Select((size, i) => Math.Clamp((int)exact[i], 0, Math.Max(0, size - 1)))];
        while (quota.Sum() < total)
        {
            int neediest = -1;
            for (int i = 0; i < sizes.Length; i++)
            {
                if (quota[i] < sizes[i] - 1 && (neediest < 0 || exact[i] - quota[i] > exact[neediest] - quota[neediest]))
                    neediest = i;
            }
            quota[neediest]++;
        }
        return quota;
    }
}
