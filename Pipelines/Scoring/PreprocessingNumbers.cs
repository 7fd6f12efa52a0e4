using AlexNetMl.Imaging;
using AlexNetMl.Onnx;

namespace AlexNetMl.Scoring;

/// <summary>A picture's preprocessing as the numbers that go into a graph.</summary>
public static class PreprocessingNumbers
{
    /// <summary>The numbers of a preprocessing.</summary>
    /// <param name="preprocessing">How a picture becomes a network's input.</param>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public static PictureNumbers From(ImagePreprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        preprocessing.Validate();
        return new PictureNumbers
        {
            Side = preprocessing.ShorterSide,
            CropSide = preprocessing.CropSide,
            CentreStart = preprocessing.Center(preprocessing.ShorterSide),
            RescaleFactor = preprocessing.RescaleFactor,
            Mean = preprocessing.Mean,
            MeanImage = preprocessing.MeanImage is { } image ? image.Values.ToArray() : (ReadOnlyMemory<float>?)null,
            Deviation = preprocessing.StandardDeviation,
            BlueFirst = preprocessing.ChannelOrder == ChannelOrder.Bgr,
        };
    }
}
