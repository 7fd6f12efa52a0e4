using AlexNetMl.Imaging;
using AlexNetMl.Onnx;
using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace AlexNetMl.Pipelines;

/// <summary>
/// Writes an image network as transformers of plain ML.NET: LoadImages → ResizeImages → ExtractPixels → ApplyOnnxModel. ML.NET cannot reload anybody else's transformer, so the
/// rest (window, mean, layout) goes into the graph, and our own options into its metadata.
/// </summary>
internal static class SavedImages
{
    /// <exception cref="NotSupportedException">The input is a column that plain ML.NET cannot score.</exception>
    public static void Save(LoadedImages loaded, ModelSaveContext context)
    {
        if (loaded.ColumnType is not TextDataViewType)
        {
            throw new NotSupportedException(
                $"The column '{loaded.InputColumn}' is {loaded.ColumnType}, and ML.NET has no transformer of its own that could score it after loading: fit the pipeline on a text column of "
                + $"paths to save it, or keep '{loaded.Scorer.ModelPath}' and build the pipeline from it again.");
        }

        using TemporaryModel variant = TemporaryModel.Create(path => WriteVariant(loaded, path));
        ITransformer[] transformers = Plain(loaded, variant.Path);
        try
        {
            ((ICanSaveModel)new TransformerChain<ITransformer>(transformers)).Save(context);
        }
        finally
        {
            (transformers[^1] as IDisposable)?.Dispose();
        }
    }

    private static ITransformer[] Plain(LoadedImages loaded, string variant)
    {
        TransformsCatalog catalog = loaded.Catalog;
        string path = loaded.InputColumn, image = ImageColumn(loaded), pixels = PixelColumn(loaded);
        int side = loaded.Scorer.Preprocessing.ShorterSide;
        string output = loaded.Features ?? ImageOutputs.ScoreColumn;
        IEstimator<ITransformer>[] estimators =
        [
            catalog.LoadImages(image, imageFolder: string.Empty, path),
            catalog.ResizeImages(image, side, side, image, ImageResizingEstimator.ResizingKind.IsoCrop, ImageResizingEstimator.Anchor.Center),
            catalog.ExtractPixels(
                pixels,
                image,
                ImagePixelExtractingEstimator.ColorBits.Rgb,
                ImagePixelExtractingEstimator.ColorsOrder.ARGB,
                interleavePixelColors: true,
                outputAsFloatArray: false),
            catalog.ApplyOnnxModel([output], [pixels], variant),
        ];
        EmptyView data = new((path, TextDataViewType.Instance));
        var transformers = new List<ITransformer>();
        foreach (IEstimator<ITransformer> estimator in estimators)
        {
            transformers.Add(estimator.Fit(data));
            data = new EmptyView(transformers[^1].GetOutputSchema(data.Schema).Select(column => (column.Name, column.Type)));
        }

        return [.. transformers];
    }

    private static string ImageColumn(LoadedImages loaded) => $"{loaded.InputColumn}.Image";

    private static string PixelColumn(LoadedImages loaded) => $"{loaded.InputColumn}.Pixels";

    private static void WriteVariant(LoadedImages loaded, string path)
    {
        ImageModelFiles files = ImageModelFiles.Read(loaded.Scorer.ModelPath, labelled: loaded.Features is null);
        OnnxModel model = OnnxModel.FromProto(OnnxFile.Read(files.ModelPath));
        SlotNames.Remove(model);
        model = WideWeights.Widen(model);
        model = OutputSelection.Select(model, loaded.Features is null
            ? new SelectedOutput(loaded.Scorer.ScoreTensor, ImageOutputs.ScoreColumn, files.Labels.Count)
            : new SelectedOutput(loaded.Scorer.FeatureTensor, loaded.Features, loaded.Scorer.FeatureLength));
        model = TakeSquare(model, files);
        model = InputEdit.Rename(model, PixelColumn(loaded));
        OnnxInputForm form = files.Layout.Form == OnnxInputForm.TenCrop ? OnnxInputForm.TenCrop : OnnxInputForm.Square;
        OnnxImageModelMetadata metadata = files.Metadata with
        {
            Labels = files.Labels,
            PreprocessingJson = files.Preprocessing.ToJson(),
            InputForm = form,
            Precision = OnnxPrecision.Float32,
            GoldenRowsJson = null,
            Features = new Dictionary<string, string>(),
        };
        SavedOptions options = SavedOptions.Of(loaded);
        if (loaded.Features is null)
        {
            SlotNames.Add(model, ImageOutputs.ScoreColumn, files.Labels);
        }
        else
        {
            // The layer's own tensor may have been renamed for the column; what is stored there are the same numbers.
            options = options with { Layer = loaded.Features };
        }

        model.RemoveMetadata(key => key.StartsWith(OnnxImageModelMetadata.KeyPrefix, StringComparison.Ordinal));
        model.SetMetadata(metadata.ToDictionary());
        model.SetMetadata([options.Entry()]);
        OnnxFile.Write(model, path);
        if (loaded.Features is null)
        {
            // Whoever loads the zip in batches proves it by these.
            OnnxFile.AppendMetadata(path, new Dictionary<string, string> { [OnnxImageModelMetadata.GoldenRowsKey] = GoldenRows.Compute(path) });
        }
    }

    private static OnnxModel TakeSquare(OnnxModel model, ImageModelFiles files)
    {
        PictureNumbers numbers = PreprocessingNumbers.From(files.Preprocessing);
        return files.Layout.Form switch
        {
            OnnxInputForm.Tensor => PictureInput.Add(model, numbers, OnnxInputForm.Square),
            OnnxInputForm.Window => InputEdit.CutWindow(model, numbers),
            _ => model,
        };
    }

    /// <summary>The transformer that a saved file was made of.</summary>
    public static BatchedOnnxTransformer Load(TransformsCatalog catalog, TemporaryModel file, SavedOptions saved, OnnxDevice? device, IHost? host)
    {
        OnnxImageScorerOptions options = saved.ToScorerOptions(device);
        string? features = saved.Kind == SavedKind.Features ? saved.OutputColumn : null;
        OnnxImageScorer scorer = OnnxImageScorer.Load(file.Path, options);
        LoadedImages loaded = ImageEstimation.Loaded(catalog, scorer, saved.InputColumn, options, features, host);
        return features is null ? new OnnxImageScoringTransformer(loaded, file) : new OnnxImageFeaturesTransformer(loaded, file);
    }
}
