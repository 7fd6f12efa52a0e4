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
}

/// <summary>What an encoded picture says about itself, read without decoding it.</summary>
/// <param name="Format">The encoding, told from the first bytes, never from a file's name.</param>
/// <param name="Width">Pixels in a row, at least 1.</param>
/// <param name="Height">Rows, at least 1.</param>
/// <param name="Components">Samples of one pixel: 1 gray or palette index, 2 gray and alpha, 3 colour, 4 CMYK (JPEG) or colour and alpha
/// (PNG).</param>
/// <param name="BitDepth">Bits of one sample: 8 for JPEG; 1, 2, 4, 8 or 16 for PNG.</param>
public readonly record struct ImageHeader(EncodedFormat Format, int Width, int Height, int Components, int BitDepth)
{
    /// <summary>Reads the header.</summary>
    /// <param name="encoded">The file's bytes, or enough of its beginning.</param>
    /// <returns>Format and sizes; both sides are at least 1 and nothing else has been checked against limits.</returns>
    /// <exception cref="ImageFormatException">Neither JPEG nor PNG, or the header is cut off or contradicts itself.</exception>
    public static ImageHeader Read(ReadOnlySpan<byte> encoded)
    {
        if (encoded.IsEmpty)
        {
            throw new ImageFormatException("the file is empty; a JPEG or PNG picture is expected");
        }

        if (PngStructure.IsPng(encoded))
        {
            return PngStructure.ReadHeader(encoded);
        }

        if (JpegStructure.IsJpeg(encoded))
        {
            return JpegStructure.ReadHeader(encoded);
        }

        throw new ImageFormatException($"not a JPEG or PNG picture (starts with {Describe(encoded)})");
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
