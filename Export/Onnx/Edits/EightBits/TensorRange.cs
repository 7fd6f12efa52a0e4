namespace AlexNetMl.Onnx;

/// <summary>The values of a tensor that eight bits are spread over; what lies outside is cut off.</summary>
/// <param name="Minimum">The smallest; 0 where it is above 0, since a border of zeros has to be exact.</param>
/// <param name="Maximum">The largest; 0 where it is below 0.</param>
public readonly record struct TensorRange(float Minimum, float Maximum)
{
    /// <summary>Steps between the smallest and the largest value.</summary>
    internal const int Steps = 255;

    /// <summary>The length of a step.</summary>
    internal float Scale
    {
        get
        {
            float scale = (float)(((double)Math.Max(0, Maximum) - Math.Min(0, Minimum)) / Steps);
            return scale > 0 ? scale : 1; // a tensor of zeros: any will do
        }
    }

    /// <summary>The byte that stands for zero.</summary>
    internal byte ZeroPoint => (byte)Math.Clamp(MathF.Round(-Math.Min(0, Minimum) / Scale), 0, Steps);
}
