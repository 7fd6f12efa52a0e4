using System.Collections.Concurrent;
using System.Globalization;

namespace AlexNetMl.Scoring.Tests;

/// <summary>The decoders of a job, which has the machine to itself, run at a lower priority than the network; those of an application's scorer do not.</summary>
[TestClass]
public sealed class DecoderPriorityTests
{
    private const int Pictures = 20;

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void A_jobs_decoders_are_ten_steps_nicer_and_nobody_else_is()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder);
        Directory.CreateDirectory(folder.File("pictures"));
        byte[][] pictures = TestModel.Pictures(Pictures);
        for (int i = 0; i < Pictures; i++)
        {
            File.WriteAllBytes(folder.File($"pictures/{i:D3}.png"), pictures[i]);
        }

        var seen = new ConcurrentBag<int>();
        var options = new OnnxImageScorerOptions { BatchSize = 8, Decoder = new RecordingDecoder(_ => seen.Add(Niceness())) };
        int own = Niceness();
        using (ScoringJob job = ScoringJob.Open(new ScoringJobOptions
        {
            Model = folder.Path, Pictures = PictureList.Open(folder.File("pictures")), Output = folder.File("r.jsonl"), Scorer = options,
        }))
        {
            job.Run();
        }

        CollectionAssert.AreEqual(Enumerable.Repeat(Math.Min(19, own + 10), Pictures).ToArray(), seen.ToArray());
        Assert.AreEqual(own, Niceness());
        seen.Clear();
        using var scorer = OnnxImageScorer.Load(folder.Path, options);
        Assert.HasCount(Pictures, scorer.Score(Directory.GetFiles(folder.File("pictures")).Select(ImageInput.FromFile)));
        CollectionAssert.AreEqual(Enumerable.Repeat(own, Pictures).ToArray(), seen.ToArray());
    }

    // The 19th field of proc(5)'s stat; the second, in brackets, may hold spaces.
    private static int Niceness() => int.Parse(File.ReadAllText("/proc/thread-self/stat").Split(") ")[^1].Split(' ')[16], CultureInfo.InvariantCulture);
}
