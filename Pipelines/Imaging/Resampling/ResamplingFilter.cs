namespace AlexNetMl.Imaging;

/// <summary>How new pixels are made from old ones. The numbers are Pillow's, which Hugging Face's <c>resample</c> key uses too.</summary>
public enum ResamplingFilter
{
    /// <summary>The pixel whose area holds the new pixel's centre.</summary>
    Nearest = 0,

    /// <summary>Sinc windowed by its own main lobe, three pixels to each side.</summary>
    Lanczos = 1,

    /// <summary>A triangle, one pixel to each side. What torchvision's and this library's preprocessing use by default.</summary>
    Bilinear = 2,

    /// <summary>Keys' cubic with a = −0.5, two pixels to each side.</summary>
    Bicubic = 3,

    /// <summary>The mean over the new pixel's area.</summary>
    Box = 4,

    /// <summary>A Hamming-windowed sinc, one pixel to each side.</summary>
    Hamming = 5,
}
