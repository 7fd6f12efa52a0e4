namespace AlexNetMl.Imaging;

/// <summary>
/// How a picture's stored rows and columns lie, the numbers of EXIF's tag 0x0112: where row 0 and column 0 are to be seen. What has to be done to set
/// the picture upright stands beside each.
/// </summary>
public enum ImageOrientation
{
    /// <summary>Upright as it is.</summary>
    TopLeft = 1,

    /// <summary>Mirrored: swap left and right.</summary>
    TopRight = 2,

    /// <summary>Upside down: turn by 180 degrees.</summary>
    BottomRight = 3,

    /// <summary>Swap top and bottom.</summary>
    BottomLeft = 4,

    /// <summary>Swap rows and columns.</summary>
    LeftTop = 5,

    /// <summary>Turn clockwise by 90 degrees.</summary>
    RightTop = 6,

    /// <summary>Swap rows and columns along the other diagonal.</summary>
    RightBottom = 7,

    /// <summary>Turn counter-clockwise by 90 degrees.</summary>
    LeftBottom = 8,
}
