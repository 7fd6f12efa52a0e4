namespace AlexNetMl.Onnx;

/// <summary>What preprocessing does with a resized picture's centre square, as numbers: what goes into a graph, without the resizing before it.</summary>
public sealed record PictureNumbers
{
    /// <summary>Side of the centre square in pixels.</summary>
    public required int Side { get; init; }

    /// <summary>Side of the window that the network sees, at most <see cref="Side"/>.</summary>
    public required int CropSide { get; init; }

    /// <summary>First row and column of the centre window in the square.</summary>
    public required int CentreStart { get; init; }

    /// <summary>What a sample of 0 to 255 is multiplied by.</summary>
    public float RescaleFactor { get; init; } = 1f / 255;

    /// <summary>Subtracted then: red, green, blue.</summary>
    public IReadOnlyList<float> Mean { get; init; } = [0, 0, 0];

    /// <summary>Subtracted pixel by pixel in place of <see cref="Mean"/>, <c>[3, Side, Side]</c>: red, green, blue. Null for none.</summary>
    public ReadOnlyMemory<float>? MeanImage { get; init; }

    /// <summary>Divided by at the end: red, green, blue.</summary>
    public IReadOnlyList<float> Deviation { get; init; } = [1, 1, 1];

    /// <summary>Whether the network takes blue, green, red.</summary>
    public bool BlueFirst { get; init; }

    /// <summary>The three numbers in the network's order.</summary>
    internal float[] InOrder(IReadOnlyList<float> numbers) => BlueFirst ? [numbers[2], numbers[1], numbers[0]] : [.. numbers];

    /// <summary>The mean of a square window of the centre square, in the network's order, <c>[3, side, side]</c>.</summary>
    internal float[] MeanWindow(ReadOnlySpan<float> image, int start, int side)
    {
        float[] window = new float[3 * side * side];
        for (int c = 0, at = 0; c < 3; c++)
        {
            int plane = BlueFirst ? 2 - c : c;
            for (int y = 0; y < side; y++, at += side)
            {
                image.Slice((((plane * Side) + start + y) * Side) + start, side).CopyTo(window.AsSpan(at));
            }
        }

        return window;
    }

    internal void Validate()
    {
        Require(Side is >= 1 and <= 8192, nameof(Side), Side, "1 to 8192");
        Require(CropSide >= 1 && CropSide <= Side, nameof(CropSide), CropSide, $"1 to {nameof(Side)} = {Side}");
        Require(CentreStart >= 0 && CentreStart <= Side - CropSide, nameof(CentreStart), CentreStart, $"0 to {Side - CropSide}");
        Require(Mean.Count == 3, nameof(Mean), Mean.Count, "three numbers");
        Require(Deviation.Count == 3 && Deviation.All(d => d > 0), nameof(Deviation), Deviation.Count, "three numbers above 0");
        Require(MeanImage is not { } image || image.Length == 3 * Side * Side, nameof(MeanImage), MeanImage?.Length ?? 0, $"{3 * Side * Side} numbers");
    }

    private static void Require(bool holds, string name, int value, string allowed)
    {
        if (!holds)
        {
            throw new ArgumentException($"{name} is {value}; allowed is {allowed}.", name);
        }
    }
}
