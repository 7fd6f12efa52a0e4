using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using AlexNetMl.Scoring;

namespace AlexNetMl.Deployment;

/// <summary>Makes files for other runtimes out of an exported network.</summary>
public static class ModelDeployment
{
    /// <summary>Writes a variant of an exported network; the file appears whole or not at all.</summary>
    /// <param name="source">An exported float32 file with labels and preprocessing in its metadata, taking normalised floats.</param>
    /// <param name="target">The file to write; may be the source.</param>
    /// <param name="options">What to change.</param>
    /// <param name="cancellationToken">Stops a calibration between two batches; no file is left.</param>
    /// <exception cref="ArgumentException">There is no such precision, or no calibration picture for eight bits.</exception>
    /// <exception cref="OnnxFormatException">The source is no such file, or a value does not fit the precision.</exception>
    /// <exception cref="OnnxScoringException">ONNX Runtime does not run what was made.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read or written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static void Write(string source, string target, DeploymentOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!Enum.IsDefined(options.Precision))
        {
            throw new ArgumentException($"There is no precision {options.Precision}: choose Float32, Float16 or Int8.", nameof(options));
        }

        if (options.Precision == OnnxPrecision.Int8 && options.Calibration is null)
        {
            throw new ArgumentException("Eight bits need calibration pictures, from which the ranges of activations are taken: give some hundred as Calibration.", nameof(options));
        }

        OnnxModel model = OnnxModel.FromProto(OnnxFile.Read(source));
        OnnxImageModelMetadata metadata = OnnxImageModelMetadata.FromDictionary(
            model.Proto.MetadataProps.GroupBy(e => e.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last().Value, StringComparer.Ordinal));
        if (metadata.InputForm != OnnxInputForm.Tensor || metadata.Precision != OnnxPrecision.Float32)
        {
            throw new OnnxFormatException($"'{source}' is such a variant itself; make others from the float32 file that takes normalised floats.");
        }

        if (options.Precision == OnnxPrecision.Float16)
        {
            model = Float16Weights.Convert(model);
        }

        if (options.Precision == OnnxPrecision.Int8)
        {
            model = EightBitGraph.Convert(model, Calibration.Measure(model, Preprocessing(metadata, source), options.Calibration!, cancellationToken).Ranges);
        }

        if (options.InputForm != OnnxInputForm.Tensor)
        {
            model = PictureInput.Add(model, PreprocessingNumbers.From(Preprocessing(metadata, source)), options.InputForm);
        }

        metadata = metadata with { InputForm = options.InputForm, Precision = options.Precision, GoldenRowsJson = null };
        model.RemoveMetadata(key => key.StartsWith(OnnxImageModelMetadata.KeyPrefix, StringComparison.Ordinal));
        model.SetMetadata(metadata.ToDictionary());
        OnnxFile.Write(model, target, temporary =>
        {
            if (options.GoldenRows >= 0)
            {
                OnnxFile.AppendMetadata(
                    temporary, new Dictionary<string, string> { [OnnxImageModelMetadata.GoldenRowsKey] = Scoring.GoldenRows.Compute(temporary, options.GoldenRows) });
            }
        });
    }

    private static ImagePreprocessing Preprocessing(OnnxImageModelMetadata metadata, string source)
    {
        try
        {
            return ImagePreprocessing.FromJson(metadata.PreprocessingJson ?? throw new OnnxFormatException($"'{source}' does not say how a picture becomes its input."));
        }
        catch (FormatException e)
        {
            throw new OnnxFormatException($"The preprocessing of '{source}' cannot be used: {e.Message}", e);
        }
    }
}
