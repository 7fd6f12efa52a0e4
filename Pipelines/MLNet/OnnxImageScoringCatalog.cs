using AlexNetMl.Pipelines;
using AlexNetMl.Scoring;

namespace Microsoft.ML;

/// <summary>What AlexNetMl adds to <c>mlContext.Transforms</c>.</summary>
public static class OnnxImageScoringCatalog
{
    /// <summary>
    /// Scores pictures with an ONNX network: a column of picture paths in, probabilities and the predicted label out. Pictures are decoded
    /// on worker threads and scored in full batches, and the rows keep their order.
    /// </summary>
    /// <param name="catalog">The catalog that the estimator is made from.</param>
    /// <param name="model">The ONNX file, or the folder that holds it as <c>model.onnx</c>. Its metadata says how a picture becomes the
    /// network's input and what its classes are called. It is read by <c>Fit</c>.</param>
    /// <param name="inputColumn">
    /// A column with one picture in each row: a text, the path of a file (JPEG, PNG, WebP, GIF or BMP); a vector of bytes (<c>byte[]</c>), the content of such a file; or an image
    /// (<c>MLImage</c>, from <c>LoadImages</c> for example), whose pixels are copied when the row is read.
    /// </param>
    /// <param name="options">Batch size, device, threads, what happens to a picture that cannot be read; null for the defaults.</param>
    /// <param name="context">Where to log, and whose <see cref="MLContext.GpuDeviceId"/> and <see cref="MLContext.FallbackToCpu"/> say
    /// where to run when <paramref name="options"/> name no device; null for no log and the processor.</param>
    /// <returns>
    /// An estimator whose output has these columns more than its input. A column of the same name that was there before is hidden, as
    /// ML.NET does it.
    /// Only those that a consumer asks for cost anything.
    /// <list type="bullet">
    /// <item><c>Score</c>: <c>Vector&lt;Single, classes&gt;</c>, the probabilities; its slot names are the model's labels.</item>
    /// <item><c>PredictedLabel</c>: <c>Key&lt;UInt32&gt;</c>, the most probable class; its key values are the model's labels in the order
    /// of <c>Score</c>'s slots.</item>
    /// <item><c>TopLabels</c> and <c>TopScores</c>: <c>Vector&lt;String, k&gt;</c> and <c>Vector&lt;Single, k&gt;</c>, only with
    /// <see cref="OnnxImageScorerOptions.TopK"/>; the best classes, best first.</item>
    /// <item><c>Logits</c>: <c>Vector&lt;Single, classes&gt;</c>, only with <see cref="OnnxImageScorerOptions.Logits"/>; what goes into the softmax.</item>
    /// <item><c>Error</c>: text, only with <see cref="InvalidImageHandling.Mark"/>; empty for a picture that was scored, otherwise what was
    /// wrong with it. Such a row's <c>Score</c> is all NaN and its <c>PredictedLabel</c> missing, so that <c>Evaluate</c> leaves it out;
    /// its figures are then about the other pictures only.</item>
    /// </list>
    /// </returns>
    /// <remarks>
    /// To evaluate, map the label column with <see cref="MapLabelsToKeys"/>. The keys of a plain <c>MapValueToKey</c> stand in the order in
    /// which labels appear in the data, and <c>Evaluate</c> would compare the wrong classes without a word.
    /// </remarks>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public static OnnxImageScoringEstimator ScoreOnnxImages(this TransformsCatalog catalog, string model, string inputColumn = "ImagePath",
        OnnxImageScorerOptions? options = null, MLContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumn);
        return new OnnxImageScoringEstimator(catalog, model, inputColumn, options, context);
    }

    /// <summary>
    /// Extracts what an inner layer of an ONNX network says about pictures, as a vector column for ML.NET's own trainers (transfer learning). Any layer can be named, also one
    /// that the file does not give out: it is made an output in memory, the file on disk stays as it is.
    /// </summary>
    /// <param name="catalog">The catalog that the estimator is made from.</param>
    /// <param name="model">The ONNX file, or the folder that holds it as <c>model.onnx</c>; it needs no labels. It is read by <c>Fit</c>.</param>
    /// <param name="inputColumn">A column with one picture in each row, as for <see cref="ScoreOnnxImages"/>.</param>
    /// <param name="layer">The layer, by the name of its tensor or node: <c>fc7</c> for the values before its ReLU, <c>relu7</c> for those behind it, in this library's AlexNet.
    /// A name that is not there is an error that lists those that are.</param>
    /// <param name="outputColumn">The new column, <c>Vector&lt;Single, length&gt;</c>: the layer's axes behind the batch, row-major.</param>
    /// <param name="options">Batch size, device, threads, what happens to a picture that cannot be read (with <see cref="InvalidImageHandling.Mark"/> there is a column
    /// <c>Error</c>, and such a row's features are NaN); null for the defaults.</param>
    /// <param name="context">Where to log, and whose device to take, as for <see cref="ScoreOnnxImages"/>.</param>
    /// <returns>An estimator whose output has that column more than its input.</returns>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public static OnnxImageFeaturesEstimator ExtractOnnxImageFeatures(this TransformsCatalog catalog, string model, string inputColumn = "ImagePath", string layer = "fc7",
        string outputColumn = "Features", OnnxImageScorerOptions? options = null, MLContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumn);
        ArgumentException.ThrowIfNullOrWhiteSpace(layer);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumn);
        return new OnnxImageFeaturesEstimator(catalog, model, inputColumn, layer, outputColumn, options, context);
    }

    /// <summary>
    /// Maps a text column of labels to keys in the order of the model's classes, which is what <c>Evaluate</c> compares with the slots of
    /// <c>Score</c>. A label that the model does not know is an error of <c>Fit</c>, which looks through the column: with <c>MapValueToKey</c> it would become a missing
    /// key, and <c>Evaluate</c> would leave its row out without a word.
    /// </summary>
    /// <param name="catalog">The catalog that the estimator is made from.</param>
    /// <param name="model">The ONNX file, or the folder that holds it as <c>model.onnx</c>. Only its labels are read, by <c>Fit</c>; no two
    /// may be the same.</param>
    /// <param name="outputColumn">The key column.</param>
    /// <param name="inputColumn">The text column; null when it is <paramref name="outputColumn"/> itself that is replaced.</param>
    /// <param name="allowUnknown">Whether labels that the model does not know become missing keys. An empty label is a missing one in any case, and so is every unknown label in data
    /// that only <c>Transform</c> sees.</param>
    /// <returns>An estimator whose transformer is ML.NET's own value-to-key mapping.</returns>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public static IEstimator<ITransformer> MapLabelsToKeys(this TransformsCatalog catalog, string model, string outputColumn = "Label",
        string? inputColumn = null, bool allowUnknown = false)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumn);
        return new LabelKeyEstimator(catalog, model, outputColumn, string.IsNullOrEmpty(inputColumn) ? outputColumn : inputColumn, allowUnknown);
    }
}
