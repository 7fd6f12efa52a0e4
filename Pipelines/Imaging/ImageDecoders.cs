using System.Buffers;

namespace AlexNetMl.Imaging;

/// <summary>Turns encoded bytes into RGB pixels. Implementations are safe for concurrent use.</summary>
public interface IImageDecoder
{
    /// <summary>Codecs and versions, e.g. "libjpeg-turbo 2.x, libpng 1.6.39" or "ImageSharp 3.1.12". Written into models: JPEG pixels
    /// differ between codecs.</summary>
    string Name { get; }

    /// <summary>Decodes one JPEG or PNG picture.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <returns>
    /// RGB pixels as Pillow's <c>convert("RGB")</c> gives them: gray is repeated, alpha is dropped (nothing is blended), CMYK is taken as
    /// Adobe's inverted CMYK. Of 16 bits the upper eight are kept. Gamma, colour profiles and EXIF orientation are not applied.
    /// </returns>
    /// <exception cref="ImageFormatException">Not a JPEG or PNG, broken, cut off, or over the decoder's limits.</exception>
    RgbImage Decode(ReadOnlySpan<byte> encoded);
}

/// <summary>The decoders of this build.</summary>
public static class ImageDecoders
{
    /// <summary>JPEG and PNG through the codecs of the stack that this library was built on, under <see
    /// cref="ImageLimits.Default"/>.</summary>
    public static IImageDecoder Default { get; } = new StackDecoder(ImageLimits.Default);

    /// <summary>The same codecs under other limits.</summary>
    /// <param name="limits">Checked from the header, before anything is allocated.</param>
    /// <returns>A decoder for concurrent use.</returns>
    public static IImageDecoder Create(ImageLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        return new StackDecoder(limits);
    }

    /// <summary>Checks that hold for every codec, then the stack's codec.</summary>
    private sealed class StackDecoder(ImageLimits limits) : IImageDecoder
    {
        public string Name => StackCodecs.Name;

        public RgbImage Decode(ReadOnlySpan<byte> encoded)
        {
            limits.CheckBytes(encoded.Length);
            var header = ImageHeader.Read(encoded);
            limits.CheckPixels(header.Width, header.Height);
            if (header.Format == EncodedFormat.Jpeg)
            {
                JpegStructure.RequireEnd(encoded);
                return StackCodecs.DecodeJpeg(encoded, header);
            }

            return DecodePng(encoded, header);
        }

        private static RgbImage DecodePng(ReadOnlySpan<byte> encoded, in ImageHeader header)
        {
            var layout = PngStructure.RequireEnd(encoded, header);
            encoded = encoded[..layout.End];
            if (header.BitDepth == WidePng.BitDepth)
            {
                return WidePng.Decode(encoded, header, layout);
            }

            if (!layout.HasAncillaryChunks)
            {
                return StackCodecs.DecodePng(encoded, header, layout);
            }

            var buffer = ArrayPool<byte>.Shared.Rent(encoded.Length);
            try
            {
                return StackCodecs.DecodePng(buffer.AsSpan(0, PngStructure.CopyCriticalChunks(encoded, buffer)), header, layout);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
