using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>Fills a batch: for each picture its square, of that a window, normalised straight into the batch's tensor.</summary>
internal sealed class BatchFiller(PictureStore store, ImagePreprocessing preprocessing, Augmentation augmentation)
{
    private readonly PixelNormalizer _normalizer = new(preprocessing);

    /// <summary>Fills a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="pictures">Its pictures.</param>
    /// <param name="scratch">The calling thread's own.</param>
    /// <param name="stopped">Asked between pictures: whether the batch is wanted no longer.</param>
    internal void Fill(Batch batch, int epoch, ReadOnlySpan<int> pictures, SquareScratch scratch, ref readonly bool stopped)
    {
        batch.Count = batch.Skipped = 0;
        (int Left, int Top, bool Flip) window = default;
        for (int i = 0; i < pictures.Length && !Volatile.Read(in stopped); i++)
        {
            int picture = pictures[i];
            if (i % augmentation.PicturesPerCrop == 0)
                window = augmentation.Window(epoch, i, picture, preprocessing);
            ReadOnlySpan<byte> square = store.Read(picture, scratch);
            if (square.IsEmpty)
            {
                batch.Skipped++;
                continue;
            }
            _normalizer.RunPlanes(square, window.Left, window.Top, window.Flip, batch.Picture(batch.Count), augmentation.Noise(epoch, picture));
            batch.LabelValues[batch.Count++] = store.Label(picture);
        }
    }
}
