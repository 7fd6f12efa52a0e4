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
    /// <param name="request">What hands them over, if anything does.</param>
    /// <param name="data">Where the training pictures are otherwise.</param>
    /// <param name="validation">A place, a share in (0, 1), a number of pictures, or 0 for none; of no matter where the request hands them over.</param>
    /// <param name="seed">Seed of the draw of held-out pictures.</param>
    /// <exception cref="ArgumentException">The classes of the two differ, or a share is outside its range.</exception>
    internal static TrainingPictures Open(TrainingRequest request, IReadOnlyList<string> data, string validation, long seed)
    {
        double? number = request.ValidationPictures is null ? CheckShare(validation) : null;
        PictureSet all = request.Pictures ?? PictureSet.Open(data);
        PictureSet[] opened = request.Pictures is null ? [all] : [];
        if (number is not { } share)
        {
            PictureSet other = request.ValidationPictures ?? PictureSet.Open(validation);
            PictureSet.RequireSameClasses(all, other);
            return new TrainingPictures(all, other, request.ValidationPictures is null ? [.. opened, other] : opened);
        }
        if (share == 0)
            return new TrainingPictures(all, null, opened);
        int count = share < 1 ? Math.Max(1, (int)Math.Round(share * all.Count)) : (int)share;
        (PictureSet training, PictureSet held) = all.Split(count, seed);
        return new TrainingPictures(training, held, opened);
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

    /// <summary>What a person should know of the numbers of pictures in the classes.</summary>
    internal IEnumerable<string> Warnings()
    {
        var counts = new int[Training.Classes.Count];
        for (int i = 0; i < Training.Count; i++)
            counts[Training.Label(i)]++;
        return new[] { Empty(counts), Skewed(counts) }.OfType<string>();
    }

    /// <summary>A sentence where classes have no pictures, else null: the network has outputs for them that nothing teaches.</summary>
    private string? Empty(int[] counts)
    {
        string[] names = [.. counts.Index().Where(pair => pair.Item == 0).Select(pair => $"'{Training.Classes[pair.Index]}'")];
        if (names.Length == 0)
            return null;
        string some = string.Join(", ", names.Take(5)) + (names.Length > 5 ? $" and {names.Length - 5} more" : "");
        return $"warning: no picture to train on has the label {some}: the network keeps an output for it and learns never to give it.";
    }

    /// <summary>A sentence where one class has more than ten times the pictures of another, else null: accuracy then says little of the rare ones.</summary>
    private string? Skewed(int[] counts)
    {
        const int Bearable = 10;
        int most = Array.IndexOf(counts, counts.Max()), least = Array.IndexOf(counts, counts.Where(count => count > 0).Min());
        if (counts[most] <= Bearable * (long)counts[least])
            return null;
        return $"warning: labels are skewed, '{Training.Classes[most]}' has {counts[most]} pictures and '{Training.Classes[least]}' {counts[least]}: accuracy will say little of the rare classes; look at each class, or even the counts out.";
    }
}
