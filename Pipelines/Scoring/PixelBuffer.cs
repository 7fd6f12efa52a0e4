using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace AlexNetMl.Scoring;

/// <summary>What a network takes for one picture: normalised floats, or bytes where the normalisation is inside the file.</summary>
internal sealed record PixelLayout(OnnxInputForm Form, ImagePreprocessing Preprocessing)
{
    /// <summary>Whether the network takes bytes.</summary>
    public bool IsBytes => Form != OnnxInputForm.Tensor;

    /// <summary>Height and width of the input.</summary>
    public int Side => Form is OnnxInputForm.Square or OnnxInputForm.TenCrop ? Preprocessing.ShorterSide : Preprocessing.CropSide;

    /// <summary>Elements of one picture.</summary>
    public int PictureLength => checked(RgbImage.Channels * Side * Side);

    /// <summary>The input's axes.</summary>
    public long[] Shape(long rows) => IsBytes ? [rows, Side, Side, RgbImage.Channels] : [rows, RgbImage.Channels, Side, Side];
}

/// <summary>One batch of a network's input, pinned for ONNX Runtime.</summary>
internal sealed class PixelBuffer
{
    private readonly PixelLayout _layout;
    private readonly float[] _floats = [];
    private readonly byte[] _bytes = [];

    public PixelBuffer(PixelLayout layout, int rows)
    {
        _layout = layout;
        int length = checked(rows * layout.PictureLength);
        if (layout.IsBytes)
        {
            _bytes = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        }
        else
        {
            _floats = GC.AllocateUninitializedArray<float>(length, pinned: true);
        }
    }

    /// <summary>Resamples, crops and, where the file does not, normalises a picture into its place.</summary>
    public void Write(int slot, RgbImage image)
    {
        if (_layout.IsBytes)
        {
            _layout.Preprocessing.ToPixels(image, _layout.Side, Bytes(slot));
        }
        else
        {
            _layout.Preprocessing.ToTensor(image, Floats(slot));
        }
    }

    /// <inheritdoc cref="Write(int, RgbImage)"/>
    public void Write(int slot, ImageBuffer image)
    {
        if (_layout.IsBytes)
        {
            _layout.Preprocessing.ToPixels(image, _layout.Side, Bytes(slot));
        }
        else
        {
            _layout.Preprocessing.ToTensor(image, Floats(slot));
        }
    }

    public void Clear(int slot)
    {
        if (_layout.IsBytes)
        {
            Bytes(slot).Clear();
        }
        else
        {
            Floats(slot).Clear();
        }
    }

    /// <summary>The first rows as ONNX Runtime's input; the caller disposes it.</summary>
    public OrtValue ToOrt(int rows) => _layout.IsBytes ? ToOrt(_layout, _bytes, rows) : ToOrt(_layout, _floats, rows);

    /// <summary>The first rows of an array as ONNX Runtime's input.</summary>
    public static OrtValue ToOrt<T>(PixelLayout layout, T[] pixels, int rows)
        where T : unmanaged
        => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, pixels.AsMemory(0, rows * layout.PictureLength), layout.Shape(rows));

    private Span<byte> Bytes(int slot) => _bytes.AsSpan(slot * _layout.PictureLength, _layout.PictureLength);

    private Span<float> Floats(int slot) => _floats.AsSpan(slot * _layout.PictureLength, _layout.PictureLength);
}
