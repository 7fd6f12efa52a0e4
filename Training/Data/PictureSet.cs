using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>
/// Labelled pictures: class names, and for every picture its label, its name and its pixels. Immutable; safe for several threads.
/// </summary>
public abstract partial class PictureSet
{
    private readonly Lazy<string> _fingerprint;

    /// <summary>A set.</summary>
    protected PictureSet() => _fingerprint = new Lazy<string>(ComputeFingerprint);

    /// <summary>Class names in the order of their labels.</summary>
    public abstract IReadOnlyList<string> Classes { get; }

    /// <summary>Number of pictures.</summary>
    public abstract int Count { get; }

    /// <summary>The label of a picture: an index into <see cref="Classes"/>.</summary>
    /// <param name="index">The picture, from 0 to <see cref="Count"/> − 1.</param>
    public abstract int Label(int index);

    /// <summary>What messages call a picture: its path, or shard and entry.</summary>
    /// <param name="index">The picture, from 0 to <see cref="Count"/> − 1.</param>
    public abstract string Name(int index);

    /// <summary>A picture's name below the root of its source, with '/' between folders: the same on every machine. Unless overridden <see cref="Name"/>.</summary>
    /// <param name="index">The picture, from 0 to <see cref="Count"/> − 1.</param>
    public virtual string RelativeName(int index) => Name(index);

    /// <summary>Reads and decodes a picture.</summary>
    /// <param name="index">The picture, from 0 to <see cref="Count"/> − 1.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="ImageFormatException">It is not a usable picture; the message starts with its <see cref="Name"/>.</exception>
    public abstract RgbImage Load(int index);

    /// <summary>The same into memory that is used again and again.</summary>
    /// <param name="index">The picture, from 0 to <see cref="Count"/> − 1.</param>
    /// <param name="picture">Receives it; the calling thread's own.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="ImageFormatException">It is not a usable picture; the message starts with its <see cref="Name"/>.</exception>
    public virtual void Load(int index, ImageBuffer picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        picture.Set(Load(index));
    }

    /// <summary>
    /// SHA-256 over classes, labels and relative names, in hexadecimal: tells whether a resumed run sees the data that it began with. A cache has
    /// that of the pictures it was built from.
    /// </summary>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>
    /// Holds <paramref name="heldOut"/> pictures out, each class in proportion to its size, drawn by <paramref name="seed"/>; every class
    /// keeps at least one picture for training.
    /// </summary>
    /// <param name="heldOut">Number of pictures to hold out.</param>
    /// <param name="seed">Seed of the draw.</param>
    /// <returns>Views on this set: the pictures to train on and those held out, both in this set's order.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="heldOut"/> is below 1 or leaves a class empty.</exception>
    public (PictureSet Training, PictureSet HeldOut) Split(int heldOut, long seed)
    {
        (int[] training, int[] held) = StratifiedSplit.Draw(this, heldOut, seed);
        return (new PictureSubset(this, training), new PictureSubset(this, held));
    }

    /// <summary>Checks that labels mean the same in two sets.</summary>
    /// <param name="training">The pictures to train on.</param>
    /// <param name="validation">Others.</param>
    /// <exception cref="ArgumentException">Classes are missing, too many or in another order; the message lists what differs.</exception>
    public static void RequireSameClasses(PictureSet training, PictureSet validation)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(validation);
        RequireSameClasses("training pictures", training.Classes, "validation pictures", validation.Classes);
    }

    /// <summary>Checks that labels of pictures mean what a network was trained on.</summary>
    /// <param name="network">The network's class names in the order of its outputs.</param>
    /// <param name="pictures">The pictures.</param>
    /// <exception cref="ArgumentException">Classes are missing, too many or in another order; the message lists what differs.</exception>
    public static void RequireSameClasses(IReadOnlyList<string> network, PictureSet pictures)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(pictures);
        RequireSameClasses("network's outputs", network, "pictures", pictures.Classes);
    }

    private static void RequireSameClasses(string first, IReadOnlyList<string> expected, string second, IReadOnlyList<string> found)
    {
        if (expected.SequenceEqual(found))
            return;
        string[] missing = [.. expected.Except(found)], extra = [.. found.Except(expected)];
        var differences = new List<string>();
        if (missing.Length > 0)
            differences.Add($"lack {Some(missing)}");
        if (extra.Length > 0)
            differences.Add($"have {Some(extra)} besides");
        if (differences.Count == 0)
        {
            int at = Enumerable.Range(0, expected.Count).First(i => i >= found.Count || expected[i] != found[i]);
            differences.Add($"have the same names in another order, from label {at} on");
        }
        throw new ArgumentException(
            $"The {second} have {found.Count} classes, the {first} {expected.Count}; the former {string.Join(" and ", differences)}: give both the same classes.");

        static string Some(string[] names) => string.Join(", ", names.Take(5).Select(name => $"'{name}'")) + (names.Length > 5 ? $" and {names.Length - 5} more" : "");
    }

    /// <summary>Whether <see cref="Square"/> takes no decoding.</summary>
    internal virtual bool HoldsSquares => false;

    /// <summary>Checks that the squares this set holds, if any, are those that a preprocessing asks for.</summary>
    /// <exception cref="ArgumentException">They are others.</exception>
    internal virtual void RequireSquares(ImagePreprocessing preprocessing)
    {
    }

    /// <summary>A picture as <see cref="ImagePreprocessing.ToSquare(ImageBuffer, Span{byte})"/> gives it.</summary>
    /// <param name="index">The picture.</param>
    /// <param name="preprocessing">One that passed <see cref="RequireSquares"/>.</param>
    /// <param name="scratch">The calling thread's own; what is returned may be in it.</param>
    internal virtual ReadOnlySpan<byte> Square(int index, ImagePreprocessing preprocessing, SquareScratch scratch)
    {
        Load(index, scratch.Picture);
        Span<byte> square = scratch.Square(preprocessing.SquareLength);
        try
        {
            preprocessing.ToSquare(scratch.Picture, square);
        }
        catch (ImageFormatException exception)
        {
            throw new ImageFormatException($"{Name(index)}: {exception.Message}", exception);
        }
        return square;
    }

    /// <summary>Keeps what <see cref="Square"/> returns valid until disposed, also where the set is disposed first.</summary>
    internal virtual IDisposable? Hold() => null;

    private string ComputeFingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[256];
        AppendNumber(Classes.Count);
        foreach (string name in Classes)
            AppendText(name);
        AppendNumber(Count);
        for (int i = 0; i < Count; i++)
        {
            AppendNumber(Label(i));
            AppendText(RelativeName(i));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void AppendNumber(int value)
        {
            BinaryPrimitives.WriteInt32LittleEndian(buffer, value);
            hash.AppendData(buffer, 0, sizeof(int));
        }

        void AppendText(string text)
        {
            int most = Encoding.UTF8.GetMaxByteCount(text.Length);
            if (buffer.Length < most)
                buffer = new byte[most];
            AppendNumber(Encoding.UTF8.GetByteCount(text));
            hash.AppendData(buffer, 0, Encoding.UTF8.GetBytes(text, buffer));
        }
    }
}
