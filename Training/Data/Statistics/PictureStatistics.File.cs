using System.Globalization;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

public sealed partial class PictureStatistics
{
    private const string MeanImageName = "mean_image", MeanName = "mean", DeviationName = "standard_deviation", CovarianceName = "covariance";
    private const string ValuesName = "eigenvalues", VectorsName = "eigenvectors", PicturesKey = "pictures";

    /// <summary>
    /// Writes one safetensors file: <c>mean_image</c> [3, Side, Side] float32; <c>mean</c>, <c>standard_deviation</c>, <c>eigenvalues</c> [3],
    /// <c>covariance</c> and <c>eigenvectors</c> [3, 3] float64; the number of pictures in its metadata.
    /// </summary>
    /// <param name="path">The file, replaced at once when all is written.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path)
    {
        using var scope = NewDisposeScope();
        SafeTensors.Save(
            [
                (MeanImageName, Filled<float>(_meanImage, ScalarType.Float32, 3, Side, Side)),
                (MeanName, Filled<double>(Mean.AsSpan(), ScalarType.Float64, 3)),
                (DeviationName, Filled<double>(StandardDeviation.AsSpan(), ScalarType.Float64, 3)),
                (CovarianceName, Filled<double>(Covariance.AsSpan(), ScalarType.Float64, 3, 3)),
                (ValuesName, Filled<double>(Eigenvalues.AsSpan(), ScalarType.Float64, 3)),
                (VectorsName, Filled<double>(Eigenvectors.AsSpan(), ScalarType.Float64, 3, 3)),
            ],
            path,
            new Dictionary<string, string> { ["format"] = "pt", [PicturesKey] = Pictures.ToString(CultureInfo.InvariantCulture) });

        static Tensor Filled<T>(ReadOnlySpan<T> values, ScalarType type, params long[] shape)
            where T : unmanaged
        {
            Tensor tensor = empty(shape, dtype: type);
            MemoryMarshal.AsBytes(values).CopyTo(tensor.bytes);
            return tensor;
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote; deviation and principal components are derived from the covariance again.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">It does not exist.</exception>
    /// <exception cref="InvalidDataException">It holds no statistics, or impossible ones.</exception>
    /// <exception cref="SafeTensorsFormatException">It is not a valid safetensors file.</exception>
    public static PictureStatistics Load(string path)
    {
        SafeTensorsHeader header = SafeTensors.ReadHeader(path);
        long side = header.Tensors.FirstOrDefault(entry => entry.Name == MeanImageName)?.Shape is [3, var rows, _] ? rows : 0;
        if (side is < 1 or > Imaging.ImagePreprocessing.LargestSide)
            throw Wrong("there is no mean_image");
        if (!header.Metadata.TryGetValue(PicturesKey, out string? text) || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int pictures) || pictures < 1)
            throw Wrong("its metadata give no number of pictures");

        IReadOnlyDictionary<string, Tensor> tensors = SafeTensors.Load(path);
        try
        {
            float[] meanImage = Read<float>(MeanImageName, ScalarType.Float32, 3, side, side);
            double[] mean = Read<double>(MeanName, ScalarType.Float64, 3), covariance = Read<double>(CovarianceName, ScalarType.Float64, 3, 3);
            if (!meanImage.All(value => value is >= 0 and <= 1) || !mean.All(value => value is >= 0 and <= 1))
                throw Wrong("a mean is outside 0 … 1");
            for (int i = 0; i < 9; i++)
            {
                if (!(Math.Abs(covariance[i]) <= 0.25) || covariance[i] != covariance[i % 3 * 3 + i / 3] || (i % 4 == 0 && covariance[i] < 0))
                    throw Wrong("its covariance is not that of pixels in [0, 1]");
            }
            return new PictureStatistics((int)side, pictures, meanImage, mean, covariance);
        }
        finally
        {
            foreach (Tensor tensor in tensors.Values)
                tensor.Dispose();
        }

        T[] Read<T>(string name, ScalarType type, params long[] shape)
            where T : unmanaged
        {
            return tensors.TryGetValue(name, out Tensor? tensor) && tensor.dtype == type && tensor.shape.SequenceEqual(shape)
                ? MemoryMarshal.Cast<byte, T>(tensor.bytes).ToArray()
                : throw Wrong($"'{name}' is missing or not {type} [{string.Join(", ", shape)}]");
        }

        InvalidDataException Wrong(string what) => new($"'{path}' holds no picture statistics, {what}: measure them again.");
    }
}
