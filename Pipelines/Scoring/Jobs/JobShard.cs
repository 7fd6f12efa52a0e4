using System.Globalization;

namespace AlexNetMl.Scoring;

/// <summary>
/// One of several processes that share an input. The input is cut into the batches of an undivided run, which are dealt out in turn: batch <c>b</c> is shard <c>b mod Count</c>'s.
/// So each row is computed in the same batch, and with the same bits, whatever the number of shards.
/// </summary>
/// <param name="Index">From 0.</param>
/// <param name="Count">Number of shards, at least 1.</param>
public sealed record JobShard(int Index, int Count)
{
    private const int MaxCount = 1_000_000;

    /// <summary>The whole input.</summary>
    public static JobShard Whole { get; } = new(0, 1);

    /// <summary>Reads <c>i/n</c>, <c>i</c> from 0.</summary>
    /// <param name="text">Such as <c>3/8</c>.</param>
    /// <exception cref="ArgumentException">It is not of that form, or <c>i</c> is not below <c>n</c>.</exception>
    public static JobShard Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split('/');
        return parts.Length == 2 && Number(parts[0]) is { } index && Number(parts[1]) is { } count && index < count && count <= MaxCount
            ? new JobShard(index, count)
            : throw new ArgumentException($"The shard '{text}' is not i/n with 0 <= i < n <= {MaxCount}: the first of eight is 0/8, the last 7/8.", nameof(text));
    }

    /// <summary>The shard of a task of a Slurm array job: its place among the array's tasks, and their number.</summary>
    /// <param name="variable">The environment, such as <see cref="Environment.GetEnvironmentVariable(string)"/>.</param>
    /// <returns>Null outside an array job.</returns>
    /// <exception cref="ArgumentException">The array's tasks are not evenly spaced, or the variables do not hold together.</exception>
    public static JobShard? FromSlurm(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        if (string.IsNullOrEmpty(variable("SLURM_ARRAY_TASK_ID")))
        {
            return null;
        }

        int id = Required("SLURM_ARRAY_TASK_ID"), first = Required("SLURM_ARRAY_TASK_MIN"), last = Required("SLURM_ARRAY_TASK_MAX"), count = Required("SLURM_ARRAY_TASK_COUNT");
        int step = string.IsNullOrEmpty(variable("SLURM_ARRAY_TASK_STEP")) ? 1 : Required("SLURM_ARRAY_TASK_STEP");
        if (step < 1 || count is < 1 or > MaxCount || id < first || id > last || (id - first) % step != 0 || (long)first + ((long)step * (count - 1)) != last)
        {
            throw new ArgumentException(
                $"The Slurm array has {count} tasks from {first} to {last} in steps of {step} and this is task {id}: which share of the input that is does not follow, so say it with --shard i/n.");
        }

        return new JobShard((id - first) / step, count);

        int Required(string name) => Number(variable(name) ?? "") ?? throw new ArgumentException($"This is a task of a Slurm array, but {name} is '{variable(name)}': say the share with --shard i/n.");
    }

    /// <summary><c>i/n</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");

    /// <summary>The place in the whole input of one of this shard's rows.</summary>
    /// <param name="own">Counted within the shard, from 0.</param>
    /// <param name="batch">Rows of a batch.</param>
    internal long Row(long own, int batch) => checked((((own / batch * Count) + Index) * batch) + (own % batch));

    /// <summary>How many of the first rows of the input are this shard's.</summary>
    /// <param name="rows">Rows of the input.</param>
    /// <param name="batch">Rows of a batch.</param>
    internal long Own(long rows, int batch)
    {
        long blocks = rows / batch, whole = (blocks / Count) + (blocks % Count > Index ? 1 : 0);
        return (whole * batch) + (blocks % Count == Index ? rows % batch : 0);
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
