using System.Globalization;
using System.Text;

namespace AlexNetMl.Imaging;

/// <summary>The encodings that every stack decodes.</summary>
public enum EncodedFormat
{
    /// <summary>JPEG, ITU-T T.81: baseline and progressive, 8 bits, 1, 3 or 4 components.</summary>
    Jpeg = 0,

    /// <summary>PNG, ISO/IEC 15948: all colour types and bit depths.</summary>
    Png = 1,

    /// <summary>WebP, RFC 9649: lossy, lossless, and an animation's first frame.</summary>
    WebP = 2,

    /// <summary>Windows and OS/2 bitmaps: 1, 4, 8, 16, 24 and 32 bits, run lengths, bit fields.</summary>
    Bmp = 3,

    /// <summary>GIF 87a and 89a: the first frame.</summary>
    Gif = 4,
}

/// <summary>What an encoded picture says about itself, read without decoding it.</summary>
/// <param name="Format">The encoding, told from the first bytes, never from a file's name.</param>
/// <param name="Width">Pixels in a row, at least 1.</param>
/// <param name="Height">Rows, at least 1.</param>
/// <param name="Components">Samples of one pixel: 1 gray or palette index, 2 gray and alpha, 3 colour, 4 CMYK (JPEG) or colour and alpha
/// (the others).</param>
/// <param name="BitDepth">Bits of one sample or palette index: 1, 2, 4, 8 or 16 for PNG, 1, 4 or 8 for BMP, 8 for the others.</param>
public readonly record struct ImageHeader(EncodedFormat Format, int Width, int Height, int Components, int BitDepth)
{
    /// <summary>Reads the header.</summary>
    /// <param name="encoded">The file's bytes, or enough of its beginning.</param>
    /// <returns>Format and sizes; both sides are at least 1 and nothing else has been checked against limits.</returns>
    /// <exception cref="ImageFormatException">None of the formats, or the header is cut off or contradicts itself.</exception>
    public static ImageHeader Read(ReadOnlySpan<byte> encoded)
    {
        if (encoded.IsEmpty)
        {
            throw new ImageFormatException("the file is empty; a JPEG, PNG, WebP, GIF or BMP picture is expected");
        }

        if (PngStructure.IsPng(encoded))
        {
            return PngStructure.ReadHeader(encoded);
        }

        if (JpegStructure.IsJpeg(encoded))
        {
            return JpegStructure.ReadHeader(encoded);
        }

        if (WebPStructure.IsWebP(encoded))
        {
            return WebPStructure.ReadHeader(encoded);
        }

        if (GifStructure.IsGif(encoded))
        {
            return GifStructure.ReadHeader(encoded);
        }

        if (BmpHeader.IsBmp(encoded))
        {
            var bmp = BmpHeader.Read(encoded);
            return new ImageHeader(EncodedFormat.Bmp, bmp.Width, bmp.Height, bmp.HasPalette ? 1 : bmp.Bits == 32 ? 4 : 3, bmp.HasPalette ? bmp.Bits : 8);
        }

        throw new ImageFormatException($"not a JPEG, PNG, WebP, GIF or BMP picture (starts with {Describe(encoded)})");
    }

    private static string Describe(ReadOnlySpan<byte> encoded)
    {
        var start = encoded[..Math.Min(encoded.Length, 8)];
        var text = new StringBuilder();
        if (start.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7e) < 0)
        {
            return $"\"{Encoding.ASCII.GetString(start)}\"";
        }

        foreach (var value in start)
        {
            text.Append(text.Length == 0 ? string.Empty : " ").Append(value.ToString("x2", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }
}
