using System.Numerics.Tensors;

namespace AlexNetMl.Samples.ImageSearch;

/// <summary>A picture that was found.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Distance">Euclidean distance from what was searched with.</param>
internal sealed record Neighbour(PictureRow Picture, float Distance);

/// <summary>Pictures and a vector of each; finds those whose vectors are nearest.</summary>
internal sealed class PictureIndex(IReadOnlyList<PictureRow> pictures, IReadOnlyList<float[]> vectors)
{
    /// <summary>The nearest pictures, nearest first; of equal ones the first.</summary>
    public Neighbour[] Nearest(float[] vector, int count)
    {
        var distances = new float[vectors.Count];
        for (int i = 0; i < distances.Length; i++)
        {
            distances[i] = TensorPrimitives.Distance<float>(vector, vectors[i]);
        }

        int[] order = [.. Enumerable.Range(0, distances.Length)];
        Array.Sort(distances, order);
        return [.. order.Take(count).Select((index, place) => new Neighbour(pictures[index], distances[place]))];
    }
}
