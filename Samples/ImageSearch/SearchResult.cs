namespace AlexNetMl.Samples.ImageSearch;

/// <summary>What was found.</summary>
internal sealed record SearchResult(
    SearchOptions Options, IReadOnlyList<PictureRow> Gallery, IReadOnlyList<PictureRow> Queries, IReadOnlyList<Neighbour[]> ByFeatures, IReadOnlyList<Neighbour[]> ByPixels)
{
    /// <summary>Share of neighbours of the query's class, by the layer's activations.</summary>
    public double FeatureShare => Share(ByFeatures);

    /// <summary>The same by the distance of pixels.</summary>
    public double PixelShare => Share(ByPixels);

    /// <summary>The same of pictures that are drawn at random.</summary>
    public double ChanceShare
    {
        get
        {
            var sizes = Gallery.GroupBy(row => row.ClassName).ToDictionary(rows => rows.Key, rows => rows.Count());
            return Queries.Average(query => sizes.GetValueOrDefault(query.ClassName) / (double)Gallery.Count);
        }
    }

    private double Share(IReadOnlyList<Neighbour[]> found) =>
        found.Zip(Queries, (neighbours, query) => neighbours.Average(neighbour => neighbour.Picture.ClassName == query.ClassName ? 1.0 : 0.0)).Average();
}
