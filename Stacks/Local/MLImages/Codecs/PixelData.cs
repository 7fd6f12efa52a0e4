namespace Microsoft.ML.Data;

/// <summary>A decoded picture: 4 bytes a pixel in the order B, G, R, A, colours premultiplied by alpha, as Skia hands them out.</summary>
internal sealed record PixelData(int Width, int Height, byte[] Bgra)
{
    internal const int Channels = 4;

    /// <summary>Room for a picture of that size; a header alone must not make us allocate what no picture has.</summary>
    internal static PixelData Of(long width, long height)
        => width > 0 && height > 0 && width <= int.MaxValue / Channels / height
            ? new PixelData((int)width, (int)height, new byte[width * height * Channels])
            : throw new InvalidDataException($"a picture of {width} x {height} pixels is beyond what an image can hold");

    internal void Premultiply()
    {
        for (int i = 0; i < Bgra.Length; i += Channels)
        {
            int alpha = Bgra[i + 3];
            if (alpha == byte.MaxValue)
            {
                continue;
            }
            for (int c = 0; c < 3; c++)
            {
                int product = (Bgra[i + c] * alpha) + 128;
                Bgra[i + c] = (byte)((product + (product >> 8)) >> 8);
            }
        }
    }
}
