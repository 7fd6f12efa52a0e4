using AlexNetMl.Imaging;

namespace AlexNetMl.Scoring;

/// <summary>
/// The picture of a golden row: a function of (seed, row, index) in integers alone, so that every machine and every language makes the same
/// bytes. Each sample is ⌊(5 C + 2 F + N) / 8⌋, stretched about its middle by two: C and F are random grids of 5 × 5 and 17 × 17 nodes a channel,
/// blown up to the picture linearly, N is noise. White noise alone would average out in the first convolution.
/// </summary>
internal static class GoldenPicture
{
    private const int CoarseCells = 4;
    private const int FineCells = 16;
    private const int CoarseNodes = (CoarseCells + 1) * (CoarseCells + 1);
    private const int FineNodes = (FineCells + 1) * (FineCells + 1);

    /// <summary>A square picture.</summary>
    public static RgbImage Make(long seed, int row, int side)
    {
        var image = new RgbImage(side, side);
        int[][] coarseGrids = [.. Enumerable.Range(0, RgbImage.Channels).Select(c => Grid(seed, row, c * CoarseNodes, CoarseNodes))];
        int[][] fineGrids = [.. Enumerable.Range(0, RgbImage.Channels).Select(c => Grid(seed, row, (RgbImage.Channels * CoarseNodes) + (c * FineNodes), FineNodes))];
        const int Nodes = RgbImage.Channels * (CoarseNodes + FineNodes);
        int at = 0;
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                for (int c = 0; c < RgbImage.Channels; c++, at++)
                {
                    int coarse = Smooth(coarseGrids[c], CoarseCells, x, y, side);
                    int fine = Smooth(fineGrids[c], FineCells, x, y, side);
                    int noise = Random(seed, row, Nodes + at);
                    int mixed = ((5 * coarse) + (2 * fine) + noise) >> 3;
                    image.Pixels[at] = (byte)Math.Clamp(128 + ((mixed - 128) * 2), 0, 255);
                }
            }
        }

        return image;
    }

    /// <summary>A random byte: the top eight bits of SplitMix64's output function (Steele, Lea, Flood 2014) at counter row × 2³² + index.</summary>
    internal static int Random(long seed, int row, int index)
    {
        unchecked
        {
            ulong z = (ulong)seed + (0x9E3779B97F4A7C15 * (((ulong)row << 32) + (ulong)index + 1));
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (int)((z ^ (z >> 31)) >> 56);
        }
    }

    private static int[] Grid(long seed, int row, int first, int nodes) => [.. Enumerable.Range(first, nodes).Select(index => Random(seed, row, index))];

    // Positions count in 1/256 of a cell.
    private static int Smooth(int[] grid, int cells, int x, int y, int side)
    {
        int px = x * cells * 256 / side, py = y * cells * 256 / side;
        int fx = px & 255, fy = py & 255, node = ((py >> 8) * (cells + 1)) + (px >> 8), next = node + cells + 1;
        int above = (grid[node] * (256 - fx)) + (grid[node + 1] * fx);
        int below = (grid[next] * (256 - fx)) + (grid[next + 1] * fx);
        return ((above * (256 - fy)) + (below * fy)) >> 16;
    }
}
