namespace AlexNetMl.Imaging;

/// <summary>libwebp through its simple API, which takes a picture's chunk without the file around it.</summary>
internal sealed unsafe class WebPCodec : IPictureCodec
{
    /// <summary>The bitstreams are decoded exactly and its way from there to RGB is the same throughout 1.x.</summary>
    public string Name => "libwebp 1.x";

    public bool Scales => false;

    internal static bool IsThere => CodecLibraries.IsThere(CodecLibraries.WebP);

    public void Decode(ReadOnlySpan<byte> encoded, in ImageHeader header, int width, int height, Span<byte> rgb, int stride)
    {
        // It wants a whole last row, also where the frame's is the canvas's last and shorter.
        var bytes = ((height - 1) * stride) + (width * RgbImage.Channels);
        fixed (byte* source = encoded, pixels = rgb[..bytes])
        {
            var length = (nuint)encoded.Length;
            if (NativeCodecs.WebPReadHeader(source, length, out var foundWidth, out var foundHeight) == 0)
            {
                throw new ImageFormatException("WebP data cannot be decoded: libwebp does not accept its header");
            }

            if (foundWidth != width || foundHeight != height)
            {
                throw new ImageFormatException($"WebP data contradicts itself: {width} x {height} pixels in one place, {foundWidth} x {foundHeight} in another");
            }

            if (NativeCodecs.WebPDecode(source, length, pixels, (nuint)bytes, stride) == 0)
            {
                throw new ImageFormatException("WebP data cannot be decoded: it is broken or ends early");
            }
        }
    }
}
