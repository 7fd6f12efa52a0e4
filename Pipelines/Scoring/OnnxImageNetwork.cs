using AlexNetMl.Imaging;
using AlexNetMl.Onnx;

namespace AlexNetMl.Scoring;

/// <summary>An exported network alone: tensors in, probabilities out, a batch at a time. <see cref="OnnxImageScorer"/> reads pictures as well.</summary>
public sealed class OnnxImageNetwork : IDisposable
{
    private readonly ImageModelFiles _files;
    private readonly ImageNetworkSession _session;

    private OnnxImageNetwork(ImageModelFiles files, ImageNetworkSession session) => (_files, _session) = (files, session);

    /// <summary>Class names in the order of the probabilities.</summary>
    public IReadOnlyList<string> Labels => _files.Labels;

    /// <summary>How a picture becomes a row of the batch.</summary>
    public ImagePreprocessing Preprocessing => _files.Preprocessing;

    /// <summary>What a row of the batch is.</summary>
    public OnnxInputForm InputForm => _session.Layout.Form;

    /// <summary>The ONNX Runtime provider that is really used.</summary>
    public string Provider => _session.Provider;

    /// <summary>Opens a network.</summary>
    /// <param name="modelPathOrFolder">The .onnx file, or a folder with model.onnx.</param>
    /// <param name="options">Device and threads; null for the defaults.</param>
    /// <exception cref="OnnxScoringException">The model cannot be used, or the device is not there.</exception>
    public static OnnxImageNetwork Load(string modelPathOrFolder, OnnxImageScorerOptions? options = null)
    {
        ImageModelFiles files = ImageModelFiles.Read(modelPathOrFolder);
        return new OnnxImageNetwork(files, ImageNetworkSession.Open(files, options ?? new OnnxImageScorerOptions()));
    }

    /// <summary>Scores a batch.</summary>
    /// <param name="pixels">At least rows × 3 × CropSide × CropSide floats, <c>[rows, 3, CropSide, CropSide]</c>.</param>
    /// <param name="rows">Pictures in the batch, at least 1.</param>
    /// <param name="cancellationToken">Given up before the batch starts.</param>
    /// <returns>Probabilities <c>[rows, labels]</c>.</returns>
    /// <exception cref="ArgumentException">The file takes bytes, or there are too few floats.</exception>
    /// <exception cref="OnnxScoringException">ONNX Runtime fails.</exception>
    public float[] Score(float[] pixels, int rows, CancellationToken cancellationToken = default)
    {
        return Run(pixels, rows, bytes: false, cancellationToken);
    }

    /// <summary>Scores a batch with a file that has the normalisation inside, whose <see cref="InputForm"/> is not <see cref="OnnxInputForm.Tensor"/>.</summary>
    /// <param name="pixels">At least rows × side × side × 3 bytes, <c>[rows, side, side, 3]</c>, as <see cref="ImagePreprocessing.ToPixels(RgbImage, int, Span{byte})"/> makes them.</param>
    /// <param name="rows">Pictures in the batch, at least 1.</param>
    /// <param name="cancellationToken">Given up before the batch starts.</param>
    /// <returns>Probabilities <c>[rows, labels]</c>.</returns>
    /// <exception cref="ArgumentException">The file takes normalised floats, or there are too few bytes.</exception>
    /// <exception cref="OnnxScoringException">ONNX Runtime fails.</exception>
    public float[] Score(byte[] pixels, int rows, CancellationToken cancellationToken = default)
    {
        return Run(pixels, rows, bytes: true, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private float[] Run<T>(T[] pixels, int rows, bool bytes, CancellationToken cancellationToken)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        PixelLayout layout = _session.Layout;
        if (layout.IsBytes != bytes)
        {
            throw new ArgumentException(
                $"The file '{_files.ModelPath}' takes {(layout.IsBytes ? "bytes: its normalisation is inside" : "normalised floats")}.", nameof(pixels));
        }

        long needed = (long)rows * layout.PictureLength;
        return pixels.Length >= needed
            ? _session.Run(count => PixelBuffer.ToOrt(layout, pixels, count), rows, cancellationToken).Scores
            : throw new ArgumentException($"{pixels.Length} {(bytes ? "bytes" : "floats")} are fewer than the {needed} of {rows} pictures.", nameof(pixels));
    }
}
