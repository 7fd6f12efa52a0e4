using System.Security.Cryptography;

namespace AlexNetMl.Training;

/// <summary>What state.json of a checkpoint holds.</summary>
internal sealed record CheckpointFile
{
    public int Format { get; init; } = 1;

    public required TrainingState State { get; init; }

    /// <summary>SHA-256 of each tensor file, so that a damaged one is known for it.</summary>
    public required IReadOnlyDictionary<string, string> Sha256 { get; init; }
}

/// <summary>
/// The checkpoints of a run: <c>checkpoints/STEP/{weights,optimizer}.safetensors + state.json</c>. Each is written beside its place and renamed
/// into it when all of it is on the disk; the newest two are kept.
/// </summary>
internal sealed class CheckpointStore(string folder)
{
    private const int Kept = 2;
    private const string Weights = "weights.safetensors", Optimizer = "optimizer.safetensors", State = "state.json", Partial = ".partial", Replaced = ".replaced" + Partial, Damaged = ".damaged" + Partial;
    private static readonly string[] TensorFiles = [Weights, Optimizer];

    /// <summary>Steps of the checkpoints that are there, newest first.</summary>
    internal IReadOnlyList<long> Steps => !Directory.Exists(folder) ? [] :
        [.. Directory.GetDirectories(folder).Select(Path.GetFileName).Where(name => long.TryParse(name, out _)).Select(name => long.Parse(name!)).OrderDescending()];

    /// <summary>Step of the newest checkpoint that is whole; null where none is after step <paramref name="after"/>.</summary>
    internal long? NewestWhole(long after)
    {
        foreach (long step in Steps.TakeWhile(step => step > after))
        {
            try
            {
                ReadState(step);
                return step;
            }
            catch (InvalidDataException)
            {
                // The one before may be whole.
            }
        }
        return null;
    }

    /// <summary>Writes a checkpoint.</summary>
    /// <exception cref="IOException">It cannot be written; the earlier ones are as they were.</exception>
    internal void Write(TrainingState state, IEnumerable<(string, TorchSharp.torch.Tensor)> weights, IEnumerable<(string, TorchSharp.torch.Tensor)> velocities)
    {
        Directory.CreateDirectory(folder);
        string target = PathOf(state.Step), partial = target + Partial;
        try
        {
            Delete(partial);
            Directory.CreateDirectory(partial);
            SafeTensors.Save(weights, Path.Combine(partial, Weights));
            SafeTensors.Save(velocities, Path.Combine(partial, Optimizer));
            var file = new CheckpointFile { State = state, Sha256 = TensorFiles.ToDictionary(name => name, name => Hash(Path.Combine(partial, name))) };
            TextFile.Write(Path.Combine(partial, State), System.Text.Json.JsonSerializer.Serialize(file, RunJson.Indented));
            if (Directory.Exists(target))
                Directory.Move(target, target + Replaced);
            Directory.Move(partial, target);
        }
        catch
        {
            Quietly(() => Delete(partial));
            throw;
        }
        foreach (long old in Steps.Where(step => step != state.Step).Skip(Kept - 1))
            Quietly(() => Delete(PathOf(old)));
        foreach (string leftOver in Directory.GetDirectories(folder, "*" + Partial))
            Quietly(() => Delete(leftOver));
    }

    /// <summary>Takes a damaged checkpoint out of the count, so that it is not kept in place of a whole one; the next that is written deletes it.</summary>
    internal void SetAside(long step) => Quietly(() => Directory.Move(PathOf(step), PathOf(step) + Damaged));

    /// <summary>Reads the state of a checkpoint and proves its tensor files whole.</summary>
    /// <exception cref="InvalidDataException">It is damaged; the message says how.</exception>
    internal TrainingState ReadState(long step)
    {
        string path = PathOf(step);
        try
        {
            var file = RunJson.Read<CheckpointFile>(Path.Combine(path, State));
            if (file.Format != 1)
                throw new InvalidDataException($"'{Path.Combine(path, State)}' has format {file.Format}; this version reads format 1.");
            if (file.State.Step != step)
                throw new InvalidDataException($"'{path}' holds step {file.State.Step}.");
            foreach (string name in TensorFiles)
            {
                if (!file.Sha256.TryGetValue(name, out string? expected) || Hash(Path.Combine(path, name)) != expected)
                    throw new InvalidDataException($"'{Path.Combine(path, name)}' is not as it was written (its SHA-256 differs).");
            }
            return file.State;
        }
        catch (IOException exception)
        {
            throw new InvalidDataException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    internal string WeightsPath(long step) => Path.Combine(PathOf(step), Weights);

    internal string OptimizerPath(long step) => Path.Combine(PathOf(step), Optimizer);

    private string PathOf(long step) => Path.Combine(folder, step.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static string Hash(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }

    // The error that is on its way, or the checkpoint just written, matters more than what is left lying.
    private static void Quietly(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }
}
