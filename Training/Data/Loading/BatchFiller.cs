using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>Fills batches: for each picture its square, of that a window, normalised straight into the batch's tensor.</summary>
internal sealed class BatchFiller(PictureStore store, ImagePreprocessing preprocessing, Augmentation augmentation)
{
    private readonly PixelNormalizer _normalizer = new(preprocessing);

    /// <summary>Fills a batch on the calling thread.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="pictures">Its pictures.</param>
    /// <param name="scratch">The calling thread's own.</param>
    internal void Fill(Batch batch, int epoch, ReadOnlySpan<int> pictures, SquareScratch scratch)
    {
        batch.Begin(pictures.Length);
        Fill(batch, epoch, pictures, 0, pictures.Length, scratch);
        batch.Seal();
    }

    /// <summary>Fills some places of a batch that has begun. What stands in a place depends on epoch and pictures alone, so several threads may share a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="pictures">All its pictures.</param>
    /// <param name="first">The first place to fill.</param>
    /// <param name="end">The place behind the last.</param>
    /// <param name="scratch">The calling thread's own.</param>
    internal void Fill(Batch batch, int epoch, ReadOnlySpan<int> pictures, int first, int end, SquareScratch scratch)
    {
        (int Left, int Top, bool Flip) window = default;
        ReadOnlySpan<byte> square = [];
        bool found = false;
        for (int i = first; i < end; i++)
        {
            int picture = pictures[i], ofGroup = i % augmentation.PicturesPerCrop;
            if (i == first || ofGroup == 0)
                window = augmentation.Window(epoch, i - ofGroup, pictures[i - ofGroup], preprocessing);
            // Windows of one picture stand in a row: it is decoded once for all of them.
            if (i == first || picture != pictures[i - 1])
                square = store.Read(picture, scratch, out found);
            if (square.IsEmpty)
            {
                batch.Drop(i, found);
                continue;
            }
            _normalizer.RunPlanes(square, window.Left, window.Top, window.Flip, batch.Picture(i), augmentation.Noise(epoch, picture));
            batch.LabelValues[i] = store.Label(picture);
        }
    }
}
