using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>
/// Labelled pictures: class names, and for every picture its label, its name and its pixels. Immutable; safe for several threads.
/// </summary>
public abstract class PictureSet
{
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

    /// <summary>Reads and decodes a picture.</summary>
    /// <param name="index">The picture, from 0 to <see cref="Count"/> − 1.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="ImageFormatException">It is not a usable picture; the message starts with its <see cref="Name"/>.</exception>
    public abstract RgbImage Load(int index);
}
