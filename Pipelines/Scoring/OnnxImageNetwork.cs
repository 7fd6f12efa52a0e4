using AlexNetMl.Imaging;

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
    /// <exception cref="OnnxScoringException">ONNX Runtime fails.</exception>
    public float[] Score(float[] pixels, int rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        if (pixels.Length < (long)rows * _session.PictureLength)
        {
            throw new ArgumentException($"{pixels.Length} floats are fewer than the {(long)rows * _session.PictureLength} of {rows} pictures.", nameof(pixels));
        }

        return _session.Run(pixels, rows, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();
}
