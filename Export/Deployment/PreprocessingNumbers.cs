using AlexNetMl.Imaging;
using AlexNetMl.Onnx;

namespace AlexNetMl.Deployment;

/// <summary>A picture's preprocessing as the numbers that go into a graph.</summary>
internal static class PreprocessingNumbers
{
    public static PictureNumbers From(ImagePreprocessing preprocessing)
    {
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
