namespace AlexNetMl.Onnx;

/// <summary>How an image network's file holds its weights. Input pixels aside, what goes in and comes out is float32 in every one of them.</summary>
public enum OnnxPrecision
{
    /// <summary><c>fp32</c>: as trained.</summary>
    Float32 = 0,

    /// <summary><c>fp16</c>: weights stored as IEEE half precision, computed with in float32.</summary>
    Float16 = 1,

    /// <summary><c>int8</c>: weights and activations in eight bits, between QuantizeLinear and DequantizeLinear nodes.</summary>
    Int8 = 2,
}
