using System.Runtime.InteropServices;
using AlexNetMl.Imaging;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>Scores labelled pictures with anything that gives log-probabilities: a torch network or an exported one.</summary>
public static class PictureEvaluation
{
    /// <summary>Scores pictures.</summary>
    /// <param name="logProbabilities">
    /// From a batch <c>[N, 3, CropSide, CropSide]</c> in float32 on the CPU to <c>[N, classes]</c>, the natural logarithms of the probabilities. Called
    /// without recording of gradients, inside a dispose scope.
    /// </param>
    /// <param name="pictures">The pictures.</param>
    /// <param name="preprocessing">How a picture becomes a tensor.</param>
    /// <param name="crops">Which windows are scored.</param>
    /// <param name="options">Batch size, threads, workers, memory, and what to do with broken pictures.</param>
    /// <param name="progress">Told the share of the pictures that is done.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="ArgumentException">The classifier gives another number of columns than there are classes.</exception>
    /// <exception cref="InvalidDataException">No picture can be decoded.</exception>
    /// <exception cref="ImageFormatException">A picture cannot be decoded, and broken ones are not skipped.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> asked for it.</exception>
    public static EvaluationResult Run(
        Func<Tensor, Tensor> logProbabilities, PictureSet pictures, ImagePreprocessing preprocessing, EvaluationCrops crops, TrainerOptions options,
        IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(logProbabilities);
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentNullException.ThrowIfNull(preprocessing);
        ArgumentNullException.ThrowIfNull(options);
        PictureStore store = PictureStore.Open(pictures, preprocessing, options, options.ResolvedThreads, cancellationToken);
        EvaluationResult result = Run(logProbabilities, store, preprocessing, pictures.Classes.Count, crops, options, progress, cancellationToken);
        return result.Images > 0 ? result : throw NetworkTrainer.NoneReadable(pictures);
    }

    /// <summary>Measures what takes whole pictures and cuts its windows by itself, a file with its preprocessing inside for example.</summary>
    /// <param name="prepare">A decoded picture as the classifier takes it; several threads call it. One that it refuses with an <see cref="ImageFormatException"/> is broken.</param>
    /// <param name="logProbabilities">Prepared pictures to natural logarithms of their classes' probabilities, row after row.</param>
    /// <param name="pictures">The pictures.</param>
    /// <param name="crops">The windows that are scored, which the result names.</param>
    /// <param name="options">Batch size, threads that decode, and what becomes of broken pictures.</param>
    /// <param name="progress">The share done, 0 to 1.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="ImageFormatException">A picture is broken, and they are not to be skipped.</exception>
    public static EvaluationResult RunWhole<T>(
        Func<RgbImage, T> prepare, Func<IReadOnlyList<T>, float[]> logProbabilities, PictureSet pictures, EvaluationCrops crops, TrainerOptions options,
        IProgress<double>? progress = null, CancellationToken cancellationToken = default)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(prepare);
        ArgumentNullException.ThrowIfNull(logProbabilities);
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentNullException.ThrowIfNull(options);
        int classes = pictures.Classes.Count;
        var counter = new ScoreCounter(classes);
        var skips = new SkippedPictures(options.OnBrokenImage);
        int skipped = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.ResolvedThreads, CancellationToken = cancellationToken };
        for (int first = 0; first < pictures.Count; first += options.BatchSize)
        {
            int start = first;
            var prepared = new T?[Math.Min(options.BatchSize, pictures.Count - start)];
            try
            {
                Parallel.For(0, prepared.Length, parallel, i => prepared[i] = PreparedOrNull(pictures, start + i, prepare, skips));
            }
            catch (AggregateException error) when (error.InnerExceptions[0] is ImageFormatException or IOException or UnauthorizedAccessException)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
            }

            int[] whole = [.. Enumerable.Range(0, prepared.Length).Where(i => prepared[i] is not null)];
            skipped += prepared.Length - whole.Length;
            float[] rows = whole.Length == 0 ? [] : logProbabilities([.. whole.Select(i => prepared[i]!)]);
            if (rows.Length != whole.Length * classes)
                throw new ArgumentException($"The network gives {rows.Length} numbers for {whole.Length} pictures; with {classes} classes it should be {whole.Length * classes}.");
            for (int i = 0; i < whole.Length; i++)
                counter.Add(rows.AsSpan(i * classes, classes), pictures.Label(start + whole[i]));
            progress?.Report((double)(start + prepared.Length) / pictures.Count);
        }

        return counter.Images > 0 ? counter.Result(skipped, crops) : throw NetworkTrainer.NoneReadable(pictures);
    }

    private static T? PreparedOrNull<T>(PictureSet pictures, int index, Func<RgbImage, T> prepare, SkippedPictures skips)
        where T : class
    {
        try
        {
            RgbImage image = pictures.Load(index);
            try
            {
                return prepare(image);
            }
            catch (ImageFormatException error)
            {
                throw new ImageFormatException($"{pictures.Name(index)}: {error.Message}", error);
            }
        }
        catch (Exception error) when (skips.Takes(pictures.Name(index), error))
        {
            return null;
        }
    }

    internal static EvaluationResult Run(
        Func<Tensor, Tensor> logProbabilities, PictureStore store, ImagePreprocessing preprocessing, int classes, EvaluationCrops crops, TrainerOptions options,
        IProgress<double>? progress, CancellationToken cancellationToken)
    {
        using IDisposable noGradients = no_grad();
        int windows = crops == EvaluationCrops.TenCrop ? TenCrop.Windows : 1;
        // A picture's windows stand next to each other, in one batch.
        int[] order = [.. store.All.SelectMany(picture => Enumerable.Repeat(picture, windows))];
        int batch = Math.Max(1, options.BatchSize / windows) * windows;
        using var loader = new BatchLoader(store, preprocessing, crops == EvaluationCrops.TenCrop ? new TenCrop() : Augmentation.None, _ => order, epochs: 1, batch, options.ResolvedWorkers(store.InMemory), windows: windows, lowPriority: options.OnCpu);
        var counter = new ScoreCounter(classes);
        int skipped = 0;
        var mean = new float[classes];
        for (int number = 0; number < loader.BatchesPerEpoch; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Batch inputs = loader.Take(number, cancellationToken);
            skipped += inputs.Skipped / windows;
            if (inputs.Count > 0)
            {
                using var scope = NewDisposeScope();
                Tensor scores = logProbabilities(inputs.Inputs.narrow(0, 0, inputs.Count));
                if (scores.ndim != 2 || scores.shape[0] != inputs.Count || scores.shape[1] != classes)
                    throw new ArgumentException($"The network gives [{string.Join(", ", scores.shape)}] for a batch of {inputs.Count}; with {classes} classes it should be [N, {classes}].");
                ReadOnlySpan<float> rows = MemoryMarshal.Cast<byte, float>(scores.cpu().contiguous().bytes);
                ReadOnlySpan<long> labels = MemoryMarshal.Cast<byte, long>(inputs.Labels.bytes);
                for (int row = 0; row < inputs.Count; row += windows)
                {
                    ReadOnlySpan<float> own = rows.Slice(row * classes, windows * classes);
                    counter.Add(windows == 1 ? own : Mean(own, mean), (int)labels[row]);
                }
            }
            loader.Release(inputs);
            progress?.Report((number + 1.0) / loader.BatchesPerEpoch);
        }
        return counter.Result(skipped, crops);
    }

    // The logarithm of the mean probability over a picture's windows.
    private static ReadOnlySpan<float> Mean(ReadOnlySpan<float> rows, float[] mean)
    {
        int classes = mean.Length, windows = rows.Length / classes;
        for (int c = 0; c < classes; c++)
        {
            double sum = 0;
            for (int window = 0; window < windows; window++)
                sum += Math.Exp(rows[window * classes + c]);
            mean[c] = (float)Math.Log(sum / windows);
        }
        return mean;
    }
}
