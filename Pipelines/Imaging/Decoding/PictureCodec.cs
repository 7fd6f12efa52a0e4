namespace AlexNetMl.Imaging;

/// <summary>A library that decodes one of the formats for which there is no reader here.</summary>
internal interface IPictureCodec
{
    /// <summary>Its name and as much of its version as matters for pixels.</summary>
    string Name { get; }

    /// <summary>Whether it can decode at 1/2, 1/4 and 1/8 of the size.</summary>
    bool Scales { get; }

    /// <summary>Decodes a JPEG file, or the one chunk of a lossy WebP file that holds the colours.</summary>
    /// <param name="encoded">It.</param>
    /// <param name="header">What the file's header said; a codec that reads other sizes must refuse.</param>
    /// <param name="width">Pixels in a row of the result.</param>
    /// <param name="height">Rows of the result.</param>
    /// <param name="rgb">The canvas from the picture's first pixel on; every row is written, nothing beside them.</param>
    /// <param name="stride">Bytes from row to row.</param>
    /// <exception cref="ImageFormatException">The data is broken.</exception>
    void Decode(ReadOnlySpan<byte> encoded, in ImageHeader header, int width, int height, Span<byte> rgb, int stride);
}

/// <summary>Which codec reads what.</summary>
internal sealed record PictureCodecs(IPictureCodec Jpeg, IPictureCodec WebP)
{
    internal string Name => Jpeg.Name == WebP.Name ? Jpeg.Name : $"{Jpeg.Name}, {WebP.Name}";
}
