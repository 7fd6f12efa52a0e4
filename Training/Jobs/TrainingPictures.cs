using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AlexNetMl.Training;

/// <summary>The pictures of a run: those trained on and those measured on.</summary>
internal sealed class TrainingPictures : IDisposable
{
    private readonly PictureSet[] _opened;

    private TrainingPictures(PictureSet training, PictureSet? validation, params PictureSet[] opened) => (Training, Validation, _opened) = (training, validation, opened);

    internal PictureSet Training { get; }

    internal PictureSet? Validation { get; }

    /// <summary>Hash over both sets.</summary>
    internal string Fingerprint =>
        Validation is null ? Training.Fingerprint : Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Training.Fingerprint + Validation.Fingerprint)));

    /// <summary>Opens them.</summary>
    /// <param name="data">Where the training pictures are.</param>
    /// <param name="validation">A place, a share in (0, 1), a number of pictures, or 0 for none.</param>
    /// <param name="seed">Seed of the draw of held-out pictures.</param>
    /// <exception cref="ArgumentException">The classes of the two differ, or a share is outside its range.</exception>
    internal static TrainingPictures Open(IReadOnlyList<string> data, string validation, long seed)
    {
        double? number = CheckShare(validation);
        PictureSet all = PictureSet.Open(data);
        if (number is not { } share)
        {
            PictureSet other = PictureSet.Open(validation);
            PictureSet.RequireSameClasses(all, other);
            return new TrainingPictures(all, other, all, other);
        }
        if (share == 0)
            return new TrainingPictures(all, null, all);
        int count = share < 1 ? Math.Max(1, (int)Math.Round(share * all.Count)) : (int)share;
        (PictureSet training, PictureSet held) = all.Split(count, seed);
        return new TrainingPictures(training, held, all);
    }

    /// <summary>The share or number of pictures that a text gives; null where it names a place.</summary>
    /// <exception cref="ArgumentException">It is a number outside its range.</exception>
    internal static double? CheckShare(string validation)
    {
        if (!double.TryParse(validation, NumberStyles.Float, CultureInfo.InvariantCulture, out double share))
            return null;
        if (!(share >= 0) || (share >= 1 && share != Math.Floor(share)) || share > int.MaxValue)
            throw new ArgumentException($"Validation pictures {validation}: take a place, a share between 0 and 1, a whole number of pictures, or 0 for none.");
        return share;
    }

    /// <summary>Closes what was opened: caches are mapped files.</summary>
    public void Dispose()
    {
        foreach (PictureSet set in _opened)
            (set as IDisposable)?.Dispose();
    }

    /// <summary>A sentence where one class has more than ten times the pictures of another, else null: accuracy then says little of the rare ones.</summary>
    internal string? SkewWarning()
    {
        const int Bearable = 10;
        var counts = new int[Training.Classes.Count];
        for (int i = 0; i < Training.Count; i++)
            counts[Training.Label(i)]++;
        int most = Array.IndexOf(counts, counts.Max()), least = Array.IndexOf(counts, counts.Min());
        if (counts[most] <= Bearable * (long)counts[least])
            return null;
        return $"warning: labels are skewed, '{Training.Classes[most]}' has {counts[most]} pictures and '{Training.Classes[least]}' {counts[least]}: accuracy will say little of the rare classes; look at each class, or even the counts out.";
    }
}
