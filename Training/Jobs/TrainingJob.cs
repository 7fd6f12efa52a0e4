using AlexNetMl.Imaging;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AlexNetMl.Training;

/// <summary>What a <see cref="TrainingJob"/> tells while it works.</summary>
/// <param name="Notice">Told lines for a person.</param>
/// <param name="Training">Told how training goes.</param>
/// <param name="Statistics">Told how the pass over the training pictures goes.</param>
public sealed record TrainingListeners(Action<string>? Notice = null, IProgress<TrainingProgress>? Training = null, IProgress<PictureProgress>? Statistics = null);

/// <summary>What a job came to.</summary>
/// <param name="Run">What was trained and how.</param>
/// <param name="Result">The figures.</param>
/// <param name="Parameters">Parameters of the network.</param>
public sealed record TrainingOutcome(RunDescription Run, TrainingResult Result, long Parameters);

/// <summary>The whole way from a request to a finished run: pictures, statistics, network, training, in a folder that can be resumed.</summary>
public static class TrainingJob
{
    /// <summary>Does it.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="listeners">Whom to tell; null for nobody.</param>
    /// <param name="cancellationToken">Stops, after a checkpoint.</param>
    /// <exception cref="RunExistsException">The folder holds a run, and it is not to be resumed.</exception>
    /// <exception cref="TrainingRequestException">A name or value is not allowed.</exception>
    /// <exception cref="ArgumentException">The pictures do not fit: classes that differ, more held out than there are.</exception>
    /// <exception cref="InvalidOperationException">The run that is there is another than the one asked for, or the device is not there.</exception>
    /// <exception cref="InvalidDataException">Pictures or the run's files cannot be read.</exception>
    /// <exception cref="ImageFormatException">A picture cannot be decoded, and broken ones are not skipped; the inner exception says it without the remedy.</exception>
    /// <exception cref="IOException">A place does not exist or cannot be written.</exception>
    /// <exception cref="TrainingDivergedException">The loss, or every validation score, became NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> asked for it.</exception>
    public static TrainingOutcome Run(TrainingRequest request, TrainingListeners? listeners = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            return RunChecked(request, listeners ?? new TrainingListeners(), cancellationToken);
        }
        catch (ImageFormatException exception)
        {
            string resume = TrainingRun.Exists(request.Run) ? " and resume the run" : "";
            throw new ImageFormatException($"{exception.Message.TrimEnd('.')}: replace the picture, or set {nameof(request.OnBrokenImage)} to {BrokenImageHandling.Skip}{resume}.", exception);
        }
    }

    /// <summary>Checks what can be told to be wrong of a request for a new run: names and values, the device, the places of the pictures.</summary>
    /// <param name="request">What is asked for.</param>
    /// <exception cref="TrainingRequestException">A name or value is not allowed.</exception>
    /// <exception cref="ArgumentException">The pictures do not fit: classes that differ, more held out than there are.</exception>
    /// <exception cref="InvalidOperationException">The device is not there.</exception>
    /// <exception cref="InvalidDataException">There are no pictures at a place.</exception>
    /// <exception cref="IOException">A place does not exist.</exception>
    public static void Check(TrainingRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        TrainingRequestException.Guard(request.RunOptions.Validate);
        TrainingPlan.Check(request, stored: null);
        DevicePlacement.Parse(TrainingPlan.Device(request, stored: null));
        TrainingPictures.Open(request, TrainingPlan.Data(request, stored: null), TrainingPlan.Validation(request, stored: null), TrainingPlan.Seed(request, stored: null)).Dispose();
    }

    private static TrainingOutcome RunChecked(TrainingRequest request, TrainingListeners listeners, CancellationToken cancellationToken)
    {
        TrainingRequestException.Guard(request.RunOptions.Validate);
        bool exists = TrainingRun.Exists(request.Run);
        if (exists && !request.Resume)
            throw new RunExistsException($"'{request.Run}' holds a run already: resume it with --resume, or choose another folder.");
        if (!exists && TrainingRun.LeftOver(request.Run, weights: true) is { } left)
            throw new RunExistsException($"'{request.Run}' holds '{left}' of a run whose {RunFiles.Description} is gone: restore that file, or choose another folder.");
        if (request.Resume && !exists)
            listeners.Notice?.Invoke($"'{request.Run}' holds no run: training starts anew");

        using TrainingRun? opened = exists ? TrainingRun.Open(request.Run, request.RunOptions) : null;
        RunDescription? stored = opened?.Description;
        // An imported network's training begins: it keeps the preprocessing that its weights were made for, and its folder.
        bool imported = stored is { IsImported: true };
        TrainingRun? found = imported ? null : opened;
        if (imported)
            opened!.Dispose();
        TrainingPlan.Check(request, stored);
        string device = TrainingPlan.Device(request, stored);
        // Minutes of reading must not end at a device that is not there, weights that cannot be read, or a folder that cannot be written.
        DevicePlacement.Parse(device);
        if (found is null)
        {
            if (request.From is not null)
                SafeTensors.ReadHeader(request.From);
            TrainingRun.RequireWritable(request.Run);
        }
        IReadOnlyList<string> data = TrainingPlan.Data(request, stored);
        string validation = TrainingPlan.Validation(request, stored);
        using TrainingPictures pictures = TrainingPictures.Open(request, data, validation, TrainingPlan.Seed(request, stored));
        Recipe recipe = TrainingPlan.Recipe(request, stored, pictures.Training.Classes.Count);
        var description = new RunDescription
        {
            Architecture = TrainingPlan.Architecture(request, stored),
            Towers = device.Contains(',', StringComparison.Ordinal),
            Recipe = recipe,
            ShorterSide = TrainingPlan.ShorterSide(request, stored, recipe),
            From = request.From ?? stored?.From,
            Classes = pictures.Training.Classes,
            Data = new RunData(data, validation == "0" ? null : validation, pictures.Training.Count, pictures.Validation?.Count ?? 0, pictures.Fingerprint),
        };
        found?.RequireSame(description);
        if (found is not null && recipe.Training.OnBrokenImage != found.Description.Training.OnBrokenImage)
            found.SkipBroken();
        if (imported)
            RequireOrder(stored!.Classes, description.Classes);
        listeners.Notice?.Invoke($"pictures: {pictures.Training.Count} for training, {pictures.Validation?.Count ?? 0} for validation, {pictures.Training.Classes.Count} classes");
        foreach (string warning in pictures.Warnings())
            listeners.Notice?.Invoke(warning);

        using Module<Tensor, Tensor> network = request.Networks.Create(description.Architecture, recipe.Network, description.Towers);
        StartingWeights? start = description.From is not null && TrainingRun.NewestCheckpoint(request.Run) is null
            ? StartingWeights.Check(network, description, request.Freeze == true ? request.Networks.Get(description.Architecture) : null)
            : null;
        using TrainingRun run = found ?? Create(request, description, imported ? opened!.Preprocessing : null, pictures.Training, listeners, cancellationToken);
        run.Notice = listeners.Notice;
        start?.Load(network, listeners.Notice);
        long parameters = network.parameters().Sum(parameter => parameter.numel());
        listeners.Notice?.Invoke(FormattableString.Invariant(
            $"network: {description.Architecture}{(description.Towers ? " in two halves" : "")}, recipe {recipe.Title}, width {recipe.Network.Width}, side {recipe.Network.Side} of {description.ShorterSide}, {parameters:N0} parameters"));
        var trained = new TrainingData(pictures.Training, pictures.Validation, run.Preprocessing, run.Statistics);
        try
        {
            TrainingResult result = new NetworkTrainer(recipe.Training).Train(network, trained, run, listeners.Training, cancellationToken);
            return new TrainingOutcome(description, result, parameters);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            if (found is null && !imported)
                run.DeleteUnstarted();
            throw;
        }
    }

    // Outputs of other classes learn anew; the same classes in another order would have each output unlearn one class for another.
    private static void RequireOrder(IReadOnlyList<string> network, IReadOnlyList<string> pictures)
    {
        if (!network.SequenceEqual(pictures, StringComparer.Ordinal) && network.Count == pictures.Count && network.ToHashSet(StringComparer.Ordinal).SetEquals(pictures))
            throw new ArgumentException($"The imported network has its classes in the order {string.Join(", ", network)}, the pictures in the order {string.Join(", ", pictures)}: give the pictures the network's order, with a manifest or numbered folders.");
    }

    private static TrainingRun Create(TrainingRequest request, RunDescription description, ImagePreprocessing? given, PictureSet pictures, TrainingListeners listeners, CancellationToken cancellationToken)
    {
        Recipe recipe = description.Recipe;
        var size = new ImagePreprocessing { ShorterSide = description.ShorterSide, CropSide = recipe.Network.Side, Filter = recipe.Filter };
        var skips = new SkippedPictures(recipe.Training.OnBrokenImage);
        PictureStatistics statistics = PictureStatistics.MeasureAndList(pictures, size, new PictureStatisticsOptions { Threads = recipe.Training.Threads }, skips, listeners.Statistics, cancellationToken);
        ImagePreprocessing preprocessing = given ?? (recipe.Normalization == InputNormalization.MeanImage ? statistics.WithMeanImage(size with { RescaleFactor = 1 }) : statistics.WithMeanColor(size));
        TrainingRun run = TrainingRun.Create(request.Run, description, preprocessing, statistics, request.RunOptions);
        run.KeepSkipped(skips);
        return run;
    }
}
