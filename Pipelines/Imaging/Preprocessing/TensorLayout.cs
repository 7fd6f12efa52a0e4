namespace AlexNetMl.Imaging;

/// <summary>In which order a picture's elements stand in a batch.</summary>
public enum TensorLayout
{
    /// <summary>[3, H, W]: one plane for each channel, as PyTorch and ONNX networks have it.</summary>
    Nchw = 0,

    /// <summary>[H, W, 3]: the channels of a pixel side by side, as TensorFlow networks and those with bytes as input have it.</summary>
    Nhwc = 1,
}
