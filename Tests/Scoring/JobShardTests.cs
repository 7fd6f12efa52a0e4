namespace AlexNetMl.Scoring.Tests;

/// <summary>Which share of the input a process takes.</summary>
[TestClass]
public sealed class JobShardTests
{
    [TestMethod]
    [DataRow("0/1", 0, 1)]
    [DataRow("7/8", 7, 8)]
    public void A_shard_is_read(string text, int index, int count) => Assert.AreEqual(new JobShard(index, count), JobShard.Parse(text));

    [TestMethod]
    [DataRow("")]
    [DataRow("1")]
    [DataRow("8/8")]
    [DataRow("-1/8")]
    [DataRow("0/0")]
    [DataRow("1/2/3")]
    [DataRow(" 1/2")]
    [DataRow("1/99999999999")]
    public void What_is_no_shard_is_refused(string text) => Assert.Contains("i/n", Assert.ThrowsExactly<ArgumentException>(() => JobShard.Parse(text)).Message);

    [TestMethod]
    [DataRow(0, 0, 7, 1, 8, 0)]
    [DataRow(7, 0, 7, 1, 8, 7)]
    [DataRow(5, 5, 9, 1, 5, 0)]         // --array=5-9
    [DataRow(9, 5, 9, 1, 5, 4)]
    [DataRow(11, 3, 15, 4, 4, 2)]       // --array=3-15:4
    [DataRow(42, 42, 42, 1, 1, 0)]
    public void A_slurm_task_finds_its_place(int id, int min, int max, int step, int count, int index) =>
        Assert.AreEqual(new JobShard(index, count), JobShard.FromSlurm(Slurm(id, min, max, step, count)));

    [TestMethod]
    [DataRow(7, 1, 7, 1, 3)]            // --array=1,3,7: which place 7 has does not follow
    [DataRow(4, 3, 15, 4, 4)]
    [DataRow(9, 0, 7, 1, 8)]
    [DataRow(0, 0, 7, 0, 8)]
    public void An_uneven_array_needs_an_explicit_shard(int id, int min, int max, int step, int count) =>
        Assert.Contains("--shard i/n", Assert.ThrowsExactly<ArgumentException>(() => JobShard.FromSlurm(Slurm(id, min, max, step, count))).Message);

    [TestMethod]
    public void Outside_of_slurm_there_is_none()
    {
        Assert.IsNull(JobShard.FromSlurm(_ => null));
        Assert.Contains("SLURM_ARRAY_TASK_MIN", Assert.ThrowsExactly<ArgumentException>(() => JobShard.FromSlurm(name => name == "SLURM_ARRAY_TASK_ID" ? "3" : null)).Message);
    }

    [TestMethod]
    public void Every_row_is_one_shards_and_numbers_agree()
    {
        var random = new Random(1);
        for (int trial = 0; trial < 200; trial++)
        {
            int batch = random.Next(1, 9), count = random.Next(1, 7);
            long rows = random.Next(0, 120);
            var seen = new List<long>();
            for (int index = 0; index < count; index++)
            {
                var shard = new JobShard(index, count);
                long own = shard.Own(rows, batch);
                for (long k = 0; k < own; k++)
                {
                    seen.Add(shard.Row(k, batch));
                }
            }

            CollectionAssert.AreEquivalent(Enumerable.Range(0, (int)rows).Select(row => (long)row).ToArray(), seen, $"{rows} rows, batches of {batch}, {count} shards");
        }
    }

    private static Func<string, string?> Slurm(int id, int min, int max, int step, int count) => name => name switch
    {
        "SLURM_ARRAY_TASK_ID" => $"{id}",
        "SLURM_ARRAY_TASK_MIN" => $"{min}",
        "SLURM_ARRAY_TASK_MAX" => $"{max}",
        "SLURM_ARRAY_TASK_STEP" => $"{step}",
        "SLURM_ARRAY_TASK_COUNT" => $"{count}",
        _ => null,
    };
}
