using AlexNetMl.Imaging;

namespace AlexNetMl.Scoring;

/// <summary>One picture to score: a file, its encoded bytes, or its pixels. A string converts by itself to the file of that path.</summary>
public readonly struct ImageInput : IEquatable<ImageInput>
{
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(1)];

    private readonly string? _path;
    private readonly string? _name;
    private readonly ReadOnlyMemory<byte> _encoded;
    private readonly RgbImage? _image;
    private readonly ImageBuffer? _buffer;

    private ImageInput(string? path, string? name, ReadOnlyMemory<byte> encoded, RgbImage? image = null, ImageBuffer? buffer = null)
    {
        _path = path;
        _name = name;
        _encoded = encoded;
        _image = image;
        _buffer = buffer;
    }

    /// <summary>The file's path, or the name that was given with the bytes; null where there was none.</summary>
    public string? Source => _path ?? _name;

    /// <summary>A JPEG, PNG, WebP, GIF or BMP file.</summary>
    /// <param name="path">Its path. An empty path is a row without a picture: an invalid image like a missing file.</param>
    public static ImageInput FromFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new ImageInput(path, name: null, default);
    }

    /// <summary>An encoded picture that is in memory already.</summary>
    /// <param name="encoded">A whole JPEG, PNG, WebP, GIF or BMP file. It must not change until its row has been delivered.</param>
    /// <param name="name">What results and errors call it.</param>
    public static ImageInput FromBytes(ReadOnlyMemory<byte> encoded, string? name = null) => new(path: null, name, encoded);

    /// <summary>A picture that is decoded already.</summary>
    /// <param name="image">Its pixels. They must not change until its row has been delivered.</param>
    /// <param name="name">What results and errors call it.</param>
    public static ImageInput FromPixels(RgbImage image, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new ImageInput(path: null, name, default, image);
    }

    /// <summary>A picture that is decoded already, in memory that the next one uses again: for <see cref="OnnxImageScorer.ScoreOne"/>.</summary>
    internal static ImageInput FromBuffer(ImageBuffer buffer, string? name) => new(path: null, name, default, buffer: buffer);

    /// <summary>The same as <see cref="FromFile"/>.</summary>
    /// <param name="path">A file's path.</param>
    public static implicit operator ImageInput(string path) => FromFile(path);

    /// <summary>Whether both are the same picture: the same path, or the same memory and name.</summary>
    /// <param name="left">One picture.</param>
    /// <param name="right">Another.</param>
    public static bool operator ==(ImageInput left, ImageInput right) => left.Equals(right);

    /// <summary>Whether they are not the same picture.</summary>
    /// <param name="left">One picture.</param>
    /// <param name="right">Another.</param>
    public static bool operator !=(ImageInput left, ImageInput right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(ImageInput other) => _path == other._path && _name == other._name && _encoded.Equals(other._encoded) && ReferenceEquals(_image, other._image) && ReferenceEquals(_buffer, other._buffer);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ImageInput other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_path, _name, _encoded, _image, _buffer);

    /// <summary>Reads, decodes, resamples and crops the picture into its place in a batch.</summary>
    /// <param name="decoder">Turns bytes into pixels.</param>
    /// <param name="picture">The calling thread's own.</param>
    /// <param name="batch">Receives the pixels.</param>
    /// <param name="slot">Where.</param>
    internal void Write(IImageDecoder decoder, ImageBuffer picture, PixelBuffer batch, int slot)
    {
        if (_image is null && _buffer is null)
        {
            Decode(decoder, picture);
        }

        try
        {
            if (_image is null)
            {
                batch.Write(slot, _buffer ?? picture);
            }
            else
            {
                batch.Write(slot, _image);
            }
        }
        catch (ImageFormatException e)
        {
            throw Named(e);
        }
    }

    private void Decode(IImageDecoder decoder, ImageBuffer picture)
    {
        if (_path is null)
        {
            DecodeBytes(decoder, picture);
        }
        else
        {
            LoadFile(_path, decoder, picture);
        }
    }

    private static void LoadFile(string path, IImageDecoder decoder, ImageBuffer picture)
    {
        if (path.Length == 0)
        {
            throw new FileNotFoundException("The row has no image path.");
        }

        // The file system's own answer to a null character is an ArgumentException, as if the caller had a bug; it is a broken row.
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            throw new FileNotFoundException("The image path contains a null character.", path);
        }

        for (int attempt = 0; ; attempt++)
        {
            try
            {
                ImageFile.Load(path, picture, decoder);
                return;
            }
            catch (IOException e) when (attempt < Pauses.Length && e.GetType() == typeof(IOException))
            {
                // Storage that stumbles answers again in a moment. What is missing or forbidden has a type of its own.
                Thread.Sleep(Pauses[attempt]);
            }
        }
    }

    private void DecodeBytes(IImageDecoder decoder, ImageBuffer picture)
    {
        if (_encoded.IsEmpty)
        {
            throw new ImageFormatException($"{_name ?? "image"}: no bytes");
        }

        try
        {
            decoder.Decode(_encoded.Span, picture);
        }
        catch (ImageFormatException e)
        {
            throw Named(e);
        }
    }

    private ImageFormatException Named(ImageFormatException e) => new($"{Source ?? "image"}: {e.Message}", e);
}
