using System.Text;
using System.Text.Json.Nodes;
using AlexNetMl.Onnx;

namespace AlexNetMl.Scoring.Tests;

/// <summary>Jobs that are stopped, resumed and divided end with the bytes of one that was not; what is not the same job is refused.</summary>
[TestClass]
public sealed class ScoringJobTests : IDisposable
{
    private const int Batch = 8, Pictures = 83;
    private readonly TemporaryFolder _folder = new();

    public ScoringJobTests()
    {
        TestModel.Write(_folder);
        Directory.CreateDirectory(_folder.File("pictures"));
        byte[][] pictures = TestModel.Pictures(Pictures);
        for (int i = 0; i < Pictures; i++)
        {
            File.WriteAllBytes(_folder.File($"pictures/{i:D3}.png"), i % 20 == 7 ? pictures[i][..50] : pictures[i]);
        }
    }

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Rows_are_the_scorers()
    {
        ScoringJobResult result = Run("r.jsonl");
        Assert.AreEqual((Pictures, Pictures, 4, Pictures), (result.Rows, result.Scored, result.Errors, result.Total));
        using var scorer = OnnxImageScorer.Load(_folder.Path, new OnnxImageScorerOptions { BatchSize = Batch, OnInvalidImage = InvalidImageHandling.Mark });
        ImageScore[] expected = [.. scorer.Score(Directory.GetFiles(_folder.File("pictures")).Order(StringComparer.Ordinal).Select(ImageInput.FromFile))];
        JsonNode[] rows = [.. File.ReadLines(_folder.File("r.jsonl")).Select(line => JsonNode.Parse(line)!)];
        Assert.HasCount(Pictures, rows);
        for (int i = 0; i < Pictures; i++)
        {
            Assert.AreEqual(i, (int)rows[i]["row"]!);
            Assert.AreEqual($"{i:D3}.png", (string?)rows[i]["source"]);
            if (expected[i].Error is not null)
            {
                string error = (string)rows[i]["error"]!;
                Assert.DoesNotContain(_folder.Path, error);
                StringAssert.EndsWith(expected[i].Error, error);
                continue;
            }

            Assert.AreEqual(scorer.Labels[expected[i].BestClass], (string?)rows[i]["labels"]![0]);
            CollectionAssert.AreEqual(expected[i].Probabilities.ToArray().OrderDescending().Take(5).ToArray(), rows[i]["scores"]!.AsArray().Select(score => (float)score!).ToArray());
        }
    }

    [TestMethod]
    [DataRow("jsonl", 0, 1)]
    [DataRow("csv", 0, 1)]
    [DataRow("jsonl", 2, 3)]
    public void Cut_at_any_byte_it_is_resumed_to_the_same_bytes_and_nothing_is_decoded_twice(string kind, int index, int count)
    {
        var shard = new JobShard(index, count);
        string whole = _folder.File($"whole.{kind}"), cut = _folder.File($"cut.{kind}");
        long all = Run(Path.GetFileName(whole), shard: shard).Rows;
        byte[] bytes = File.ReadAllBytes(whole);
        (byte[] Job, long Certain) stopped = StopAfter(batches: 2, kind, shard);
        var random = new Random(11);
        for (int length = (int)stopped.Certain; length <= bytes.Length; length += random.Next(1, 300))
        {
            byte[] rest = random.Next(3) switch { 0 => new byte[random.Next(1, 200)], 1 => "{\"row\":3,"u8.ToArray(), _ => [] };
            File.WriteAllBytes(cut, [.. bytes.AsSpan(0, length), .. rest]);
            File.WriteAllBytes(cut + ".job", stopped.Job);
            int rows = WholeRows(bytes.AsSpan(0, length), kind);
            var decoder = new RecordingDecoder();
            ScoringJobResult result = Run(Path.GetFileName(cut), resume: true, shard: shard, decoder: decoder);
            CollectionAssert.AreEqual(bytes, File.ReadAllBytes(cut), $"cut at {length}");
            Assert.AreEqual(all - rows, result.Scored, $"cut at {length}");
            Assert.AreEqual(all - rows, decoder.Calls, $"cut at {length}");
        }
    }

    [TestMethod]
    public void Cancelled_it_keeps_what_is_written_and_goes_on()
    {
        Run("whole.jsonl");
        for (int stop = 1; stop < 10; stop++)
        {
            (byte[] _, long certain) = StopAfter(stop, "jsonl", JobShard.Whole);
            Assert.AreEqual(new FileInfo(_folder.File("stopped.jsonl")).Length, certain, "what is written is certain");
            using (ScoringJob job = ScoringJob.Open(Options("stopped.jsonl", resume: true)))
            {
                Assert.AreEqual(stop * Batch, job.ResumedRows);
                Assert.IsFalse(job.IsNew);
                job.Run();
            }

            CollectionAssert.AreEqual(File.ReadAllBytes(_folder.File("whole.jsonl")), File.ReadAllBytes(_folder.File("stopped.jsonl")));
        }
    }

    [TestMethod]
    public void Shards_merge_to_the_bytes_of_one_run_in_any_order()
    {
        foreach (string kind in (string[])["jsonl", "csv"])
        {
            Run($"whole.{kind}");
            foreach (int count in (int[])[2, 5, 16])
            {
                string[] files = [.. Enumerable.Range(0, count).Select(i => $"s{count}.{i}.{kind}")];
                for (int i = 0; i < count; i++)
                {
                    Run(files[i], shard: new JobShard(i, count));
                }

                ShardMergeReport report = ShardMerge.Run([.. files.Reverse().Select(_folder.File)], _folder.File($"merged{count}.{kind}"));
                Assert.IsNull(report.Problem);
                Assert.AreEqual((Pictures, 4L), ((int)report.Rows, report.Errors));
                CollectionAssert.AreEqual(File.ReadAllBytes(_folder.File($"whole.{kind}")), File.ReadAllBytes(_folder.File($"merged{count}.{kind}")));
            }
        }
    }

    [TestMethod]
    public void What_is_missing_or_doubled_is_named_and_nothing_is_written()
    {
        string[] files = [.. Enumerable.Range(0, 3).Select(i => $"s.{i}.jsonl")];
        for (int i = 0; i < 3; i++)
        {
            Run(files[i], shard: new JobShard(i, 3));
        }

        files = [.. files.Select(_folder.File)];
        string output = _folder.File("all.jsonl");
        ShardMergeReport missing = ShardMerge.Run([files[0], files[2]], output);
        CollectionAssert.AreEqual(new[] { 1 }, missing.MissingShards.ToArray());
        Assert.AreEqual("8-15, 32-39, 56-63, 80-82", string.Join(", ", missing.MissingRows));
        Assert.Contains("shard 1/3", missing.Problem!);

        File.Copy(files[1], _folder.File("twice.jsonl"));
        File.Copy(files[1] + ".job", _folder.File("twice.jsonl.job"));
        ShardMergeReport doubled = ShardMerge.Run([.. files, _folder.File("twice.jsonl")], output);
        Assert.AreEqual("8-15, 32-39, 56-63, 80-82", string.Join(", ", doubled.DoubledRows));
        Assert.Contains("once", doubled.Problem!);

        // A hand has taken a line out.
        string[] lines = File.ReadAllLines(files[2]);
        File.WriteAllLines(files[2], [.. lines[..5], .. lines[6..]]);
        Assert.AreEqual("21", string.Join(", ", ShardMerge.Run(files, output).MissingRows));

        using (ScoringJob job = ScoringJob.Open(Options("unfinished.jsonl", shard: new JobShard(2, 3))))
        {
            using var cancellation = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => job.Run(new Stopper(1, cancellation), cancellation.Token));
        }

        ShardMergeReport unfinished = ShardMerge.Run([files[0], files[1], _folder.File("unfinished.jsonl")], output);
        Assert.Contains("unfinished.jsonl", unfinished.Problem!);
        Assert.AreEqual("40-47, 64-71", string.Join(", ", unfinished.MissingRows));
        Assert.IsFalse(File.Exists(output));
        Assert.IsEmpty(Directory.GetFiles(_folder.Path, "*.tmp"));
    }

    [TestMethod]
    public void Files_of_different_jobs_do_not_merge()
    {
        Run("a.jsonl", shard: new JobShard(0, 2));
        Run("b.jsonl", shard: new JobShard(1, 2), top: 2);
        Assert.Contains("top 5 (there 2)", Assert.ThrowsExactly<ScoringJobException>(() => Merge("a.jsonl", "b.jsonl")).Message);
        File.Move(_folder.File("pictures/000.png"), _folder.File("pictures/zzz.png"));
        Run("c.jsonl", shard: new JobShard(1, 2));
        Assert.Contains("different inputs", Assert.ThrowsExactly<ScoringJobException>(() => Merge("a.jsonl", "c.jsonl")).Message);
        File.Delete(_folder.File("c.jsonl.job"));
        Assert.Contains("c.jsonl.job", Assert.ThrowsExactly<ScoringJobException>(() => Merge("a.jsonl", "c.jsonl")).Message);
    }

    [TestMethod]
    public void Another_job_is_refused_and_named_and_the_output_left_alone()
    {
        StopAfter(3, "jsonl", JobShard.Whole);
        byte[] before = File.ReadAllBytes(_folder.File("stopped.jsonl"));
        Assert.Contains("--resume", Refused(Options("stopped.jsonl")));
        Assert.Contains("top 5 (now 3)", Refused(Options("stopped.jsonl", resume: true, top: 3)));
        Assert.Contains("shard 0/1 (now 1/2)", Refused(Options("stopped.jsonl", resume: true, shard: new JobShard(1, 2))));
        Assert.Contains("batch 8 (now 16)", Refused(Options("stopped.jsonl", resume: true) with { Scorer = new OnnxImageScorerOptions { BatchSize = 16 } }));
        File.Move(_folder.File("pictures/003.png"), _folder.File("pictures/003a.png"));
        Assert.Contains("first 24 pictures", Refused(Options("stopped.jsonl", resume: true)));
        File.Move(_folder.File("pictures/003a.png"), _folder.File("pictures/003.png"));
        TestModel.Write(_folder, TestModel.Build(metadata: TestModel.Metadata with { Author = "another" }));
        Assert.Contains("model", Refused(Options("stopped.jsonl", resume: true)));
        CollectionAssert.AreEqual(before, File.ReadAllBytes(_folder.File("stopped.jsonl")));
    }

    [TestMethod]
    public void Rows_of_two_label_sets_are_not_mixed()
    {
        string labels = _folder.File("labels.txt");
        TestModel.Write(_folder, TestModel.Build(metadata: new OnnxImageModelMetadata { PreprocessingJson = TestModel.Preprocessing.ToJson() }));
        File.WriteAllLines(labels, TestModel.Labels);
        Run("whole.jsonl");
        StopAfter(3, "jsonl", JobShard.Whole);
        string path = _folder.File("stopped.jsonl");
        byte[] rows = File.ReadAllBytes(path), job = File.ReadAllBytes(path + ".job");

        File.WriteAllLines(labels, [.. TestModel.Labels[..^1], "renamed"]);
        string message = Refused(Options("stopped.jsonl", resume: true));
        StringAssert.Matches(message, new System.Text.RegularExpressions.Regex("another job: labels [0-9a-f]{12} \\(now [0-9a-f]{12}\\); its rows name the labels of then, so put those back, or give another output\\.$"));
        CollectionAssert.AreEqual(rows, File.ReadAllBytes(path));
        CollectionAssert.AreEqual(job, File.ReadAllBytes(path + ".job"));

        // Names in another order are other names, also for shards of one job.
        Run("a.jsonl", shard: new JobShard(0, 2));
        File.WriteAllLines(labels, TestModel.Labels.Reverse());
        Assert.Contains("another job: labels ", Refused(Options("stopped.jsonl", resume: true)));
        Run("b.jsonl", shard: new JobShard(1, 2));
        StringAssert.Matches(
            Assert.ThrowsExactly<ScoringJobException>(() => Merge("a.jsonl", "b.jsonl")).Message, new System.Text.RegularExpressions.Regex("not of one job: labels [0-9a-f]{12} \\(there [0-9a-f]{12}\\);"));

        // A fingerprint without its hashes, or of another shape, is a damaged file and not another job.
        foreach (JsonNode damaged in new JsonNode[]
        {
            new JsonObject { ["file"] = "", ["labels"] = "", ["preprocessing"] = "" }, new JsonObject { ["file"] = new string('0', 64) }, JsonValue.Create(new string('0', 64)),
        })
        {
            var changed = JsonNode.Parse(job)!;
            changed["job"]!["model"] = damaged;
            File.WriteAllText(path + ".job", changed.ToJsonString());
            Assert.Contains("start anew", Refused(Options("stopped.jsonl", resume: true)));
        }
        File.WriteAllBytes(path + ".job", job);

        // The same names in another line ending are the same names.
        File.WriteAllText(labels, string.Join("\r\n", TestModel.Labels));
        Run("stopped.jsonl", resume: true);
        CollectionAssert.AreEqual(File.ReadAllBytes(_folder.File("whole.jsonl")), File.ReadAllBytes(path));
    }

    [TestMethod]
    public void Labels_count_where_they_are_read()
    {
        StopAfter(3, "jsonl", JobShard.Whole);
        File.WriteAllLines(_folder.File("labels.txt"), TestModel.Labels.Reverse());
        Run("stopped.jsonl", resume: true);
        StopAfter(3, "jsonl", JobShard.Whole);
        TestModel.Write(_folder, TestModel.Build(metadata: TestModel.Metadata with { Labels = [.. TestModel.Labels.Reverse()] }));
        string message = Refused(Options("stopped.jsonl", resume: true));
        Assert.Contains("model file ", message);
        Assert.Contains(", labels ", message);
        Assert.Contains("put those back", message);
        TestModel.Write(_folder, TestModel.Build(metadata: TestModel.Metadata with { PreprocessingJson = (TestModel.Preprocessing with { ShorterSide = 30 }).ToJson() }));
        message = Refused(Options("stopped.jsonl", resume: true));
        Assert.Contains(", preprocessing ", message);
        Assert.DoesNotContain("labels", message);
        Assert.Contains("repeat what it was begun with", message);
    }

    [TestMethod]
    public void An_input_that_grew_or_shrank_is_refused()
    {
        string[] names = [.. Enumerable.Range(0, Pictures).Select(i => $"pictures/{i:D3}.png")];
        string list = _folder.File("list.txt");
        File.WriteAllLines(list, names);
        Run("r.jsonl", list: list);
        File.WriteAllLines(list, [.. names, "pictures/000.png"]);
        Assert.Contains("it had 83 pictures and has more", RefusedRun("r.jsonl", list));
        File.WriteAllLines(list, names[..^1]);
        Assert.Contains("it had 83 pictures and has 82", RefusedRun("r.jsonl", list));

        // Rows behind the certain ones are compared by name.
        File.WriteAllLines(list, names);
        (byte[] job, long certain) = StopAfter(1, "jsonl", JobShard.Whole, list);
        byte[] whole = File.ReadAllBytes(_folder.File("r.jsonl"));
        File.WriteAllBytes(_folder.File("stopped.jsonl"), whole[..(int)(certain + 1000)]);
        File.WriteAllBytes(_folder.File("stopped.jsonl.job"), job);
        (names[8], names[9]) = (names[9], names[8]);
        File.WriteAllLines(list, names);
        Assert.Contains("where 'pictures/008.png' was, there is 'pictures/009.png'", RefusedRun("stopped.jsonl", list));
    }

    [TestMethod]
    [DataRow(0, 1, true)]
    [DataRow(1, 3, true)]
    [DataRow(0, 1, false)]
    public void An_input_that_grew_by_batches_leaves_the_output_as_it_was(int index, int count, bool complete)
    {
        var shard = new JobShard(index, count);
        string[] names = [.. Enumerable.Range(0, Pictures).Select(i => $"pictures/{i:D3}.png")];
        string list = _folder.File("list.txt"), output = _folder.File("r.jsonl");
        File.WriteAllLines(list, names);
        Run("r.jsonl", shard: shard, list: list);
        if (!complete)
        {
            // The end was seen, and then the machine died: nothing is certain but that.
            var state = JsonNode.Parse(File.ReadAllText(output + ".job"))!;
            (state["rows"], state["errors"], state["bytes"], state["read"], state["complete"]) = (0, 0, 0, null, false);
            File.WriteAllText(output + ".job", state.ToJsonString());
            File.WriteAllText(output, "");
        }

        byte[] rows = File.ReadAllBytes(output);
        File.WriteAllLines(list, [.. names, .. names, .. names]);
        Assert.Contains("it had 83 pictures and has more", Refused(Options("r.jsonl", resume: true, shard: shard, list: list)));
        CollectionAssert.AreEqual(rows, File.ReadAllBytes(output));
        File.WriteAllLines(list, names);
        Run("r.jsonl", resume: true, shard: shard, list: list);
        Run("again.jsonl", shard: shard, list: list);
        CollectionAssert.AreEqual(File.ReadAllBytes(_folder.File("again.jsonl")), File.ReadAllBytes(output));
    }

    [TestMethod]
    public void Rows_beyond_the_input_do_not_merge()
    {
        Run("r.jsonl");
        File.AppendAllText(_folder.File("r.jsonl"), "{\"row\":83,\"source\":\"083.png\",\"error\":\"none\"}\n");
        Assert.Contains("none of its rows", Assert.ThrowsExactly<InvalidDataException>(() => Merge("r.jsonl")).Message);
    }

    [TestMethod]
    public void An_output_that_is_a_shard_is_not_to_be_removed()
    {
        Run("r.jsonl");
        string message = Assert.ThrowsExactly<ScoringJobException>(() => ShardMerge.Run([_folder.File("r.jsonl")], _folder.File("r.jsonl"), overwrite: true)).Message;
        Assert.Contains("one of the shards", message);
        File.WriteAllText(_folder.File("all.jsonl"), "");
        Assert.Contains("--overwrite", Assert.ThrowsExactly<ScoringJobException>(() => Merge("r.jsonl")).Message);
    }

    [TestMethod]
    public void A_damaged_output_is_said()
    {
        StopAfter(3, "jsonl", JobShard.Whole);
        string path = _folder.File("stopped.jsonl");
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^1]);
        Assert.Contains("had reached the disk", Refused(Options("stopped.jsonl", resume: true)));
        File.Delete(path);
        Assert.Contains("is missing although 24 rows", Refused(Options("stopped.jsonl", resume: true)));
        File.WriteAllBytes(path, bytes);
        string later = File.ReadAllText(path + ".job").Replace("\"version\": 1", "\"version\": 9", StringComparison.Ordinal);
        foreach (string text in (string[])["", "{}", "null", "[1]", File.ReadAllText(path + ".job").Replace("\"batch\": 8", "\"batch\": 0", StringComparison.Ordinal)])
        {
            File.WriteAllText(path + ".job", text);
            Assert.Contains("start anew", Refused(Options("stopped.jsonl", resume: true)));
        }

        File.WriteAllText(path + ".job", later);
        Assert.Contains("later version", Refused(Options("stopped.jsonl", resume: true)));
        File.Delete(path + ".job");
        Assert.Contains("is missing", Refused(Options("stopped.jsonl", resume: true)));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [Timeout(60_000)]
    [DataRow("jsonl")]
    [DataRow("csv")]
    public void Names_of_any_letters_and_what_is_no_file_are_rows_that_survive_a_resume(string kind)
    {
        string odd = Directory.CreateDirectory(_folder.File("odd")).FullName;
        string[] pictures = ["a,b.png", "line\nfeed.png", "quote\".png", "return\r.png", "日本 ü.png", " space .png", "tab\t.png", "\u2028.png", "back\\slash.png", "=1+1.png", "%0A.png"];
        Array.ForEach(pictures, name => File.Copy(_folder.File("pictures/000.png"), Path.Combine(odd, name)));
        File.CreateSymbolicLink(Path.Combine(odd, "circle.png"), "circle.png");
        File.CreateSymbolicLink(Path.Combine(odd, "zero.png"), "/dev/zero");
        using (var make = System.Diagnostics.Process.Start("mkfifo", Path.Combine(odd, "pipe.png")))
        {
            make.WaitForExit();
        }

        string[] names = [.. pictures.Concat(["circle.png", "zero.png", "pipe.png"]).Order(StringComparer.Ordinal)];
        string whole = _folder.File($"whole.{kind}"), cut = _folder.File($"cut.{kind}");
        using (ScoringJob job = ScoringJob.Open(Options($"whole.{kind}") with { Pictures = PictureList.Open(odd) }))
        {
            ScoringJobResult result = job.Run();
            Assert.AreEqual((14, 3), (result.Rows, result.Errors));
        }

        byte[] bytes = File.ReadAllBytes(whole);
        if (kind == "jsonl")
        {
            CollectionAssert.AreEqual(names, File.ReadLines(whole).Select(line => (string?)JsonNode.Parse(line)!["source"]).ToArray());
        }

        // Nothing is certain yet, so that every row is read back from the file.
        var state = JsonNode.Parse(File.ReadAllText(whole + ".job"))!;
        foreach (string name in (string[])["rows", "errors", "bytes"])
        {
            state[name] = 0;
        }

        (state["read"], state["total"], state["input"], state["complete"]) = (null, null, null, false);
        for (int length = 0; length <= bytes.Length; length += 61)
        {
            File.WriteAllBytes(cut, bytes[..length]);
            File.WriteAllText(cut + ".job", state.ToJsonString());
            using (ScoringJob job = ScoringJob.Open(Options($"cut.{kind}", resume: true) with { Pictures = PictureList.Open(odd) }))
            {
                job.Run();
            }

            CollectionAssert.AreEqual(bytes, File.ReadAllBytes(cut), $"cut at {length}");
        }
    }

    [TestMethod]
    public void Two_processes_do_not_write_one_output()
    {
        using ScoringJob first = ScoringJob.Open(Options("r.jsonl"));
        Assert.Contains("Another process", Assert.Throws<IOException>(() => ScoringJob.Open(Options("r.jsonl", resume: true))).Message);
        first.Run();
    }

    [TestMethod]
    public void No_pictures_are_an_error_that_leaves_nothing()
    {
        Directory.CreateDirectory(_folder.File("empty"));
        using (ScoringJob job = ScoringJob.Open(Options("r.jsonl") with { Pictures = PictureList.Open(_folder.File("empty")) }))
        {
            Assert.Contains("holds no pictures", Assert.ThrowsExactly<InvalidDataException>(() => job.Run()).Message);
        }

        Assert.IsEmpty(Directory.GetFiles(_folder.Path, "r.jsonl*"));
    }

    [TestMethod]
    public void A_failing_list_ends_after_the_rows_before_it()
    {
        IEnumerable<ListedPicture> Failing()
        {
            for (int i = 0; i < 20; i++)
            {
                yield return new ListedPicture($"{i:D3}.png", _folder.File($"pictures/{i:D3}.png"));
            }

            throw new IOException("the share is gone");
        }

        using (ScoringJob job = ScoringJob.Open(Options("r.jsonl") with { Pictures = new GivenList(Failing) }))
        {
            Assert.AreEqual("the share is gone", Assert.ThrowsExactly<IOException>(() => job.Run()).Message);
        }

        Assert.AreEqual(2 * Batch, File.ReadLines(_folder.File("r.jsonl")).Count(), "a batch that the end of the list might have made shorter is not scored");
        ScoringJobResult result = Run("r.jsonl", resume: true);
        Assert.AreEqual(Pictures - (2 * Batch), result.Scored);
    }

    [TestMethod]
    public void An_endless_list_is_read_no_further_than_is_scored()
    {
        int listed = 0, worst = 0;
        IEnumerable<ListedPicture> Endless()
        {
            while (true)
            {
                yield return new ListedPicture("000.png", _folder.File("pictures/000.png"));
                Interlocked.Increment(ref listed);
            }
        }

        using var cancellation = new CancellationTokenSource();
        using ScoringJob job = ScoringJob.Open(Options("r.jsonl") with { Pictures = new GivenList(Endless) });
        var progress = new Watcher(value =>
        {
            worst = Math.Max(worst, Volatile.Read(ref listed) - (int)value.Rows);
            if (value.Rows >= 4000)
            {
                cancellation.Cancel();
            }
        });
        Assert.Throws<OperationCanceledException>(() => job.Run(progress, cancellation.Token));
        Assert.IsLessThanOrEqualTo(20 * Batch, worst);
    }

    private static int WholeRows(ReadOnlySpan<byte> bytes, string kind)
    {
        // This model's file names hold no line feeds.
        int lines = bytes.Count((byte)'\n');
        return kind == "csv" ? Math.Max(0, lines - 1) : lines;
    }

    private (byte[] Job, long Certain) StopAfter(int batches, string kind, JobShard shard, string? list = null)
    {
        string name = $"stopped.{kind}";
        foreach (string file in Directory.GetFiles(_folder.Path, name + "*"))
        {
            File.Delete(file);
        }

        using (ScoringJob job = ScoringJob.Open(Options(name, shard: shard, list: list)))
        {
            using var cancellation = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => job.Run(new Stopper(batches, cancellation), cancellation.Token));
        }

        byte[] state = File.ReadAllBytes(_folder.File(name) + ".job");
        return (state, (long)JsonNode.Parse(state)!["bytes"]!);
    }

    private ScoringJobResult Run(string output, bool resume = false, JobShard? shard = null, int top = 5, RecordingDecoder? decoder = null, string? list = null)
    {
        using ScoringJob job = ScoringJob.Open(Options(output, resume, shard, top, decoder, list));
        return job.Run();
    }

    private ShardMergeReport Merge(params string[] files) => ShardMerge.Run([.. files.Select(_folder.File)], _folder.File("all.jsonl"));

    private static string Refused(ScoringJobOptions options) => Assert.ThrowsExactly<ScoringJobException>(() =>
    {
        using ScoringJob job = ScoringJob.Open(options);
        job.Run();
    }).Message;

    private string RefusedRun(string output, string list) => Refused(Options(output, resume: true, list: list));

    private ScoringJobOptions Options(string output, bool resume = false, JobShard? shard = null, int top = 5, RecordingDecoder? decoder = null, string? list = null) => new()
    {
        Model = _folder.Path, Pictures = PictureList.Open(list ?? _folder.File("pictures")), Output = _folder.File(output), Resume = resume, Shard = shard ?? JobShard.Whole, Top = top,
        Scorer = new OnnxImageScorerOptions { BatchSize = Batch, Decoder = decoder },
    };

    private sealed class Stopper(int batches, CancellationTokenSource cancellation) : IProgress<ScoringJobProgress>
    {
        private int _seen;

        public void Report(ScoringJobProgress value)
        {
            if (++_seen == batches)
            {
                cancellation.Cancel();
            }
        }
    }

    private sealed class Watcher(Action<ScoringJobProgress> report) : IProgress<ScoringJobProgress>
    {
        public void Report(ScoringJobProgress value) => report(value);
    }

    private sealed class GivenList(Func<IEnumerable<ListedPicture>> read) : PictureList
    {
        public override string Description => "list";

        public override IEnumerable<ListedPicture> Read() => read();
    }
}
