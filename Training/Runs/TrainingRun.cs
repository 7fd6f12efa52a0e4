using System.Diagnostics;
using AlexNetMl.Imaging;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>
/// A run's folder: <c>run.json, preprocessor_config.json, statistics.safetensors, metrics.jsonl, report.html, weights.safetensors,
/// best.safetensors, checkpoints/STEP/…</c>. While it is open no other process can open it.
/// </summary>
/// <remarks>
/// Every file is written beside its place and renamed into it; a process that is killed at any moment leaves the run as it was after its last
/// checkpoint. A run resumed on the same number of threads takes the very steps it would have taken.
/// </remarks>
public sealed class TrainingRun : IDisposable
{
    private readonly TrainingRunOptions _options;
    private readonly FileStream _lock;
    private readonly bool _resumed;
    private readonly CheckpointStore _checkpoints;
    private readonly Stopwatch _sinceCheckpoint = Stopwatch.StartNew();
    private readonly RunReport _report;
    private MetricsLog? _log;
    private (long Step, int Epochs)? _lastCheckpoint;
    private bool _stepped;

    private TrainingRun(string folder, RunDescription description, ImagePreprocessing preprocessing, PictureStatistics? statistics, TrainingRunOptions options, FileStream held, bool resumed)
    {
        (Folder, Description, Preprocessing, Statistics, _options, _lock, _resumed) = (folder, description, preprocessing, statistics, options, held, resumed);
        _checkpoints = new CheckpointStore(PathOf(RunFiles.Checkpoints));
        _report = new RunReport(PathOf(RunFiles.Report), PathOf(RunFiles.Metrics), description, options.ReportInterval);
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>What is trained and how.</summary>
    public RunDescription Description { get; private set; }

    /// <summary>How a picture becomes a tensor.</summary>
    public ImagePreprocessing Preprocessing { get; }

    /// <summary>What was measured of the training pictures; null where nothing was.</summary>
    public PictureStatistics? Statistics { get; }

    /// <summary>Whether it goes on with an earlier session's.</summary>
    internal bool IsResumed => _resumed;

    /// <summary>Told what a person should know, such as a damaged checkpoint that was passed over.</summary>
    public Action<string>? Notice { get; set; }

    /// <summary>Whether <paramref name="folder"/> holds a run.</summary>
    /// <param name="folder">The folder.</param>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, RunFiles.Description));

    /// <summary>Step of a run's newest checkpoint; null where there is none.</summary>
    /// <param name="folder">The run's folder.</param>
    public static long? NewestCheckpoint(string folder) =>
        new CheckpointStore(Path.Combine(folder, RunFiles.Checkpoints)).Steps.Cast<long?>().FirstOrDefault();

    /// <summary>Checks that a run can be kept in a folder, and leaves it as it was.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="IOException">It cannot be written, or another process has it open.</exception>
    public static void RequireWritable(string folder)
    {
        bool made = !Directory.Exists(folder), locked = File.Exists(Path.Combine(folder, RunFiles.Lock));
        Hold(folder).Dispose();
        if (!locked)
            File.Delete(Path.Combine(folder, RunFiles.Lock));
        if (made)
            Directory.Delete(folder);
    }

    /// <summary>What a folder holds of a run that a new one would take for its own: checkpoints, best weights and, where asked for, last ones; null where nothing.</summary>
    internal static string? LeftOver(string folder, bool weights) =>
        NewestCheckpoint(folder) is { } step ? Path.Combine(RunFiles.Checkpoints, step.ToString(System.Globalization.CultureInfo.InvariantCulture))
        : File.Exists(Path.Combine(folder, RunFiles.Best)) ? RunFiles.Best
        : weights && File.Exists(Path.Combine(folder, RunFiles.Weights)) ? RunFiles.Weights
        : null;

    /// <summary>Starts a run in a folder that holds none, or one of an imported network that has not been trained (<see cref="RunDescription.IsImported"/>).</summary>
    /// <param name="folder">The folder, made if it is not there.</param>
    /// <param name="description">What is trained and how.</param>
    /// <param name="preprocessing">How a picture becomes a tensor.</param>
    /// <param name="statistics">What was measured of the training pictures, if anything.</param>
    /// <param name="options">How the run keeps itself.</param>
    /// <exception cref="InvalidOperationException">The folder holds a run already, or weights of one.</exception>
    /// <exception cref="IOException">The folder cannot be written, or is in use.</exception>
    public static TrainingRun Create(string folder, RunDescription description, ImagePreprocessing preprocessing, PictureStatistics? statistics = null, TrainingRunOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(preprocessing);
        options ??= new TrainingRunOptions();
        options.Validate();
        FileStream held = Hold(folder);
        try
        {
            bool imported = Exists(folder) && RunDescription.Read(folder).Description.IsImported;
            if (Exists(folder) && !imported)
                throw new InvalidOperationException($"'{folder}' holds a run already: resume it or choose another folder.");
            if (LeftOver(folder, weights: !imported && !description.IsImported) is { } left)
                throw new InvalidOperationException($"'{folder}' holds '{left}' of a run whose {RunFiles.Description} is gone: restore that file, or choose another folder.");
            var run = new TrainingRun(folder, description, preprocessing, statistics, options, held, resumed: false);
            run.Guarded("description", () =>
            {
                File.Delete(run.PathOf(RunFiles.Skipped));
                statistics?.Save(run.PathOf(RunFiles.Statistics));
                TextFile.Write(run.PathOf(RunFiles.Preprocessing), preprocessing.ToJson());
                // Last: a folder with it is a run.
                run.Write(description);
                // The run starts from an imported network's weights by itself; left there they would be taken for what it has come to.
                if (imported)
                    File.Delete(run.PathOf(RunFiles.Weights));
            });
            return run;
        }
        catch
        {
            if (!Exists(folder) && LeftOver(folder, weights: true) is null)
                Delete(folder);
            held.Dispose();
            throw;
        }
    }

    /// <summary>Opens a run to go on with.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">How the run keeps itself.</param>
    /// <exception cref="FileNotFoundException">The folder holds no run.</exception>
    /// <exception cref="InvalidDataException">The run's files cannot be read.</exception>
    /// <exception cref="IOException">The folder cannot be written, or is in use.</exception>
    public static TrainingRun Open(string folder, TrainingRunOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new TrainingRunOptions();
        options.Validate();
        (RunDescription description, ImagePreprocessing preprocessing) = RunDescription.Read(folder);
        string path = Path.Combine(folder, RunFiles.Statistics);
        PictureStatistics? statistics = File.Exists(path) ? PictureStatistics.Load(path) : null;
        if (statistics is null && description.Training.Augmentation.ColorNoise is not null)
            throw new InvalidDataException($"The run in '{folder}' lacks its {RunFiles.Statistics}, which its colour noise is drawn by: restore the file, or start the run anew.");
        FileStream held = Hold(folder);
        try
        {
            return new TrainingRun(folder, description, preprocessing, statistics, options, held, resumed: true);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Checks that a run is the one asked for; what only says where and how fast it is computed may differ, and broken pictures that stopped it may be left out from now on.</summary>
    /// <param name="asked">What was asked for.</param>
    /// <exception cref="InvalidOperationException">It is another; the message lists what differs.</exception>
    public void RequireSame(RunDescription asked)
    {
        ArgumentNullException.ThrowIfNull(asked);
        RunDescription own = asked.Training.OnBrokenImage == BrokenImageHandling.Skip ? Skipping(Description) : Description;
        string[] differences = [.. RunJson.Differences(Lasting(own), Lasting(asked))];
        if (differences.Length > 0)
            throw new InvalidOperationException($"The run in '{Folder}' is another than the one asked for ({string.Join("; ", differences.Take(6))}): give the same options, or another folder.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _log?.Dispose();
        _lock.Dispose();
    }

    /// <summary>From now on the run leaves broken pictures out, also when it is resumed without being asked for that.</summary>
    internal void SkipBroken()
    {
        Description = Skipping(Description);
        Guarded("description", () => Write(Description));
    }

    /// <summary>Keeps the list of pictures that are left out, with those of earlier sessions.</summary>
    internal void KeepSkipped(SkippedPictures skips) => Guarded("list of broken pictures", () => skips.KeepIn(PathOf(RunFiles.Skipped)));

    /// <summary>Takes away a run of an imported network that has not been trained, but for the network's file.</summary>
    /// <returns>Whether there was one.</returns>
    internal static bool DeleteImported(string folder)
    {
        if (!Exists(folder) || !RunDescription.Read(folder).Description.IsImported)
            return false;
        Delete(folder);
        File.Delete(Path.Combine(folder, RunFiles.Weights));
        return true;
    }

    /// <summary>Takes a run away again that failed before its first step: there is nothing to resume, and the folder is free.</summary>
    internal void DeleteUnstarted()
    {
        if (_lastCheckpoint is not null || _checkpoints.Steps.Count > 0 || _stepped)
            return;
        _log?.Dispose();
        Delete(Folder);
    }

    /// <summary>The weights of the last checkpoint; null before any.</summary>
    internal string? LastWeights => _lastCheckpoint is { } last ? _checkpoints.WeightsPath(last.Step) : null;

    /// <summary>Sets weights and velocities to the newest whole checkpoint and gives its state; a new state where there is none yet.</summary>
    internal TrainingState Restore(TrainedWeights weights, MomentumSgd optimizer)
    {
        TrainingState? state = null;
        string? damage = null;
        var damaged = new List<long>();
        foreach (long step in _checkpoints.Steps)
        {
            try
            {
                state = _checkpoints.ReadState(step);
                if (damage is not null)
                    Notice?.Invoke($"warning: {damage} Going back to step {step}.");
                damaged.ForEach(_checkpoints.SetAside);
                SafeTensors.LoadInto([.. weights.State], _checkpoints.WeightsPath(step));
                SafeTensors.LoadInto([.. optimizer.NamedVelocities()], _checkpoints.OptimizerPath(step));
                break;
            }
            catch (Exception exception) when (exception is InvalidDataException or SafeTensorsFormatException && state is null)
            {
                damage ??= exception.Message;
                damaged.Add(step);
            }
        }
        if (state is null && damage is not null)
            throw new InvalidDataException($"No checkpoint of the run in '{Folder}' can be read: {damage} Start the run anew in another folder.");
        state ??= new TrainingState();
        state.Best = BestOnDisk(state);
        _lastCheckpoint = _checkpoints.Steps.Contains(state.Step) ? (state.Step, state.Epochs.Count) : null;
        Guarded("metrics", () => _log = new MetricsLog(PathOf(RunFiles.Metrics), state.Step));
        _report.Open();
        if (_resumed)
            Notice?.Invoke($"resumed at step {state.Step}");
        return state;
    }

    internal bool CheckpointIsDue(long step) => step % _options.CheckpointEvery == 0 || _sinceCheckpoint.Elapsed >= _options.CheckpointInterval;

    internal void Checkpoint(TrainingState state, TrainedWeights weights, MomentumSgd optimizer)
    {
        (long, int) moment = (state.Step, state.Epochs.Count);
        if (moment != _lastCheckpoint)
            Guarded("checkpoint", () => _checkpoints.Write(state, weights.State, optimizer.NamedVelocities()));
        _lastCheckpoint = moment;
        _sinceCheckpoint.Restart();
    }

    internal void StepDone(long step, int epoch, double loss, double accuracy, double rate, double imagesPerSecond, TrainingState state, nn.Module network)
    {
        _stepped = true;
        if (step % _options.LogEvery == 0)
        {
            Guarded("metrics", () => _log!.Add(new StepLine(step, epoch, loss, accuracy, rate, Math.Round(imagesPerSecond, 2), Math.Round(state.Seconds, 3))));
            _report.AddStep(step, loss, accuracy, rate);
        }
        Guarded("report", () => _report.StepDone(state, network));
    }

    internal void EpochDone(TrainingState state, EpochMetrics metrics, EvaluationResult? validation, bool partial, nn.Module network)
    {
        Guarded("metrics", () => _log!.Add(new EpochLine(
            state.Step, metrics.Epoch, metrics.TrainingLoss, metrics.TrainingAccuracy,
            validation?.Loss, validation?.Top1, validation?.Top5, metrics.LearningRate, Math.Round(metrics.ImagesPerSecond, 2), Math.Round(state.Seconds, 3)) { Kind = partial ? MetricsLog.PartialEpoch : MetricsLog.Epoch }));
        Guarded("report", () => _report.EpochDone(state, metrics, validation, network));
    }

    internal void SaveBest(TrainedWeights weights, BestEpoch best) => Guarded("best weights", () => SafeTensors.Save(weights.State, PathOf(RunFiles.Best), WeightsNote.Of(best)));

    internal void LoadBest(TrainedWeights weights) => SafeTensors.LoadInto([.. weights.State], PathOf(RunFiles.Best));

    internal void Finish(TrainingState state, TrainedWeights weights, nn.Module network)
    {
        Guarded("weights", () => SafeTensors.Save(weights.State, PathOf(RunFiles.Weights), WeightsNote.Of(state.Step)));
        Guarded("report", () => _report.Write(state, network, over: true));
    }

    // The best weights are written before the checkpoint that names them: those of an epoch that the run now takes again stay the best so far.
    private BestEpoch? BestOnDisk(TrainingState state)
    {
        string path = PathOf(RunFiles.Best);
        return File.Exists(path) && WeightsNote.Epoch(path) is { } best && best.Epoch > state.Epochs.Count ? best : state.Best;
    }

    private static RunDescription Skipping(RunDescription run) =>
        run with { Recipe = run.Recipe with { Training = run.Training with { OnBrokenImage = BrokenImageHandling.Skip } } };

    // Where and how fast a run is computed may change when it goes on; so may the step to stop at, and where the same pictures lie.
    private static RunDescription Lasting(RunDescription description)
    {
        var defaults = new TrainerOptions();
        return description with
        {
            Data = description.Data with { Training = [], Validation = null },
            Recipe = description.Recipe with
            {
                Training = description.Training with
                {
                    Device = defaults.Device, Threads = defaults.Threads, Workers = defaults.Workers, CacheBytes = defaults.CacheBytes,
                    ProgressInterval = defaults.ProgressInterval, MaxSteps = defaults.MaxSteps,
                },
            },
        };
    }

    private void Write(RunDescription description) => TextFile.Write(PathOf(RunFiles.Description), System.Text.Json.JsonSerializer.Serialize(description, RunJson.Indented) + "\n");

    private static void Delete(string folder)
    {
        try
        {
            foreach (string name in new[] { RunFiles.Description, RunFiles.Preprocessing, RunFiles.Statistics, RunFiles.Metrics, RunFiles.Report, RunFiles.Skipped, RunFiles.Lock })
                File.Delete(Path.Combine(folder, name));
            if (!Directory.EnumerateFileSystemEntries(folder).Any())
                Directory.Delete(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The error that is on its way says more.
        }
    }

    private static FileStream Hold(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(Path.Combine(folder, RunFiles.Lock), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The run's folder '{folder}' cannot be written, or another process has it open ({TextFile.Reason(exception)}): end that process or choose another folder.", exception);
        }
    }

    private void Guarded(string what, Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            string remedy = _lastCheckpoint is { } last ? $"the checkpoint of step {last.Step} is whole; make room and resume the run" : "make room and start the run again";
            throw new IOException($"The run's {what} could not be written to '{Folder}' ({TextFile.Reason(exception)}): {remedy}.", exception);
        }
    }

    private string PathOf(string name) => Path.Combine(Folder, name);
}
