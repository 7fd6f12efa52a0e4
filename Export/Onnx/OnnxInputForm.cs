namespace AlexNetMl.Onnx;

/// <summary>What an image network's file takes: how much of the preprocessing is inside the graph.</summary>
public enum OnnxInputForm
{
    /// <summary><c>tensor</c>: float32 <c>[batch, 3, crop, crop]</c>, normalised already. Nothing is inside.</summary>
    Tensor = 0,

    /// <summary><c>window</c>: uint8 <c>[batch, crop, crop, 3]</c>, the resized picture's centre window. Normalisation and layout are inside.</summary>
    Window = 1,

    /// <summary><c>square</c>: uint8 <c>[batch, side, side, 3]</c>, the resized picture's centre square. The centre window is cut inside.</summary>
    Square = 2,

    /// <summary>
    /// <c>ten-crop</c>: uint8 <c>[batch, side, side, 3]</c>, the resized picture's centre square. The mean over four corners, centre and their
    /// mirror images is taken inside.
    /// </summary>
    TenCrop = 3,
}
