using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML;

/// <summary>Files to images, images to one size, images to numbers.</summary>
public static class ImageEstimatorsCatalog
{
    public static ImagePixelExtractingEstimator ExtractPixels(
        this TransformsCatalog catalog,
        string outputColumnName,
        string inputColumnName = null,
        ImagePixelExtractingEstimator.ColorBits colorsToExtract = ImagePixelExtractingEstimator.ColorBits.Rgb,
        ImagePixelExtractingEstimator.ColorsOrder orderOfExtraction = ImagePixelExtractingEstimator.ColorsOrder.ARGB,
        bool interleavePixelColors = false,
        float offsetImage = 0,
        float scaleImage = 1,
        bool outputAsFloatArray = true)
    {
        Errors.NotNull(catalog, nameof(catalog));
        return new(new ImagePixelExtractingTransformer([(outputColumnName, inputColumnName ?? outputColumnName)],
            new PixelExtraction(colorsToExtract, orderOfExtraction, interleavePixelColors, offsetImage, scaleImage, outputAsFloatArray)));
    }

    /// <summary>A row without a path gives no image (null).</summary>
    public static ImageLoadingEstimator LoadImages(this TransformsCatalog catalog, string outputColumnName, string imageFolder, string inputColumnName = null)
    {
        Errors.NotNull(catalog, nameof(catalog));
        return new ImageLoadingEstimator(imageFolder, decode: true, outputColumnName, inputColumnName);
    }

    public static ImageLoadingEstimator LoadRawImageBytes(this TransformsCatalog catalog, string outputColumnName, string imageFolder, string inputColumnName = null)
    {
        Errors.NotNull(catalog, nameof(catalog));
        return new ImageLoadingEstimator(imageFolder, decode: false, outputColumnName, inputColumnName);
    }

    public static ImageResizingEstimator ResizeImages(
        this TransformsCatalog catalog,
        string outputColumnName,
        int imageWidth,
        int imageHeight,
        string inputColumnName = null,
        ImageResizingEstimator.ResizingKind resizing = ImageResizingEstimator.ResizingKind.IsoCrop,
        ImageResizingEstimator.Anchor cropAnchor = ImageResizingEstimator.Anchor.Center)
    {
        Errors.NotNull(catalog, nameof(catalog));
        return new(new ImageResizingTransformer([(outputColumnName, inputColumnName ?? outputColumnName)], imageWidth, imageHeight, resizing, cropAnchor));
    }
}
