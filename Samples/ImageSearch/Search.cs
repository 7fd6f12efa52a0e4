using System.Diagnostics;
using AlexNetMl.Imaging;
using AlexNetMl.Pipelines;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Samples.ImageSearch;

/// <summary>From pictures to their nearest neighbours, and a page that shows them.</summary>
internal static class Search
{
    public static void Run(SearchOptions options, CancellationToken cancellation)
    {
        var console = new ConsoleLines();
        (string galleryFolder, string queryFolder) = Folders(options, console, cancellation);
        IReadOnlyList<PictureRow> gallery = PictureRow.ListEvenly(galleryFolder, options.Pictures), queries = PictureRow.ListEvenly(queryFolder, options.Queries);

        var clock = Stopwatch.StartNew();
        var ml = new MLContext(seed: 1);
        var extractor = ml.Transforms.ExtractOnnxImageFeatures(options.Model, "ImagePath", layer: options.Layer, outputColumn: "Features");
        using var model = extractor.Fit(ml.Data.LoadFromEnumerable(gallery));
        float[][] galleryFeatures = Features(ml, model, gallery), queryFeatures = Features(ml, model, queries);
        console.Line($"features: {options.Layer}, {galleryFeatures[0].Length} numbers of each of {gallery.Count + queries.Count} pictures in {clock.Elapsed.TotalSeconds:F1} s");
        cancellation.ThrowIfCancellationRequested();

        // The paper says that distances of raw pixels find no such neighbours; here is what they find.
        float[][] galleryPixels = Pixels(gallery, model.Preprocessing, cancellation), queryPixels = Pixels(queries, model.Preprocessing, cancellation);
        Neighbour[][] byFeatures = Nearest(gallery, galleryFeatures, queryFeatures, options.Neighbours, cancellation);
        Neighbour[][] byPixels = Nearest(gallery, galleryPixels, queryPixels, options.Neighbours, cancellation);

        var result = new SearchResult(options, gallery, queries, byFeatures, byPixels);
        console.Line($"of the {options.Neighbours} nearest pictures show the same class: {result.FeatureShare:P1} by {options.Layer}, {result.PixelShare:P1} by pixels, {result.ChanceShare:P1} by chance ({queries.Count} queries)");
        Directory.CreateDirectory(options.Output);
        string page = Path.Combine(options.Output, "search.html");
        File.WriteAllText(page, SearchPage.Draw(result));
        console.Line($"page: {page.Replace('\\', '/')}");
    }

    private static (string Gallery, string Queries) Folders(SearchOptions options, ConsoleLines console, CancellationToken cancellation)
    {
        if (options is { Gallery: { } gallery, QueryFolder: { } queries })
        {
            return (gallery, queries);
        }

        string pictures = Path.Combine("artifacts", "fashion-mnist");
        FashionMnist.WriteFolders(pictures, console, cancellationToken: cancellation);
        return (Path.Combine(pictures, "train"), Path.Combine(pictures, "test"));
    }

    private static float[][] Features(MLContext ml, OnnxImageFeaturesTransformer model, IReadOnlyList<PictureRow> pictures) =>
        [.. model.Transform(ml.Data.LoadFromEnumerable(pictures)).GetColumn<float[]>("Features")];

    private static float[][] Pixels(IReadOnlyList<PictureRow> pictures, ImagePreprocessing preprocessing, CancellationToken cancellation)
    {
        var vectors = new float[pictures.Count][];
        Parallel.For(0, pictures.Count, new ParallelOptions { CancellationToken = cancellation }, i => vectors[i] = Window(preprocessing.Resize(ImageFile.Load(pictures[i].ImagePath)), preprocessing.CropSide));
        return vectors;
    }

    // The window that the network sees.
    private static float[] Window(RgbImage image, int side)
    {
        int left = (image.Width - side) / 2, top = (image.Height - side) / 2, row = side * RgbImage.Channels;
        var pixels = new float[side * row];
        for (int y = 0; y < side; y++)
        {
            int from = (((top + y) * image.Width) + left) * RgbImage.Channels;
            for (int i = 0; i < row; i++)
            {
                pixels[(y * row) + i] = image.Pixels[from + i];
            }
        }

        return pixels;
    }

    private static Neighbour[][] Nearest(IReadOnlyList<PictureRow> gallery, float[][] vectors, float[][] queries, int count, CancellationToken cancellation)
    {
        var index = new PictureIndex(gallery, vectors);
        var found = new Neighbour[queries.Length][];
        Parallel.For(0, queries.Length, new ParallelOptions { CancellationToken = cancellation }, i => found[i] = index.Nearest(queries[i], count));
        return found;
    }
}
