namespace AlexNetMl.Scoring.Tests;

/// <summary>Order, laziness, bounds, ends: how the engine moves rows.</summary>
[TestClass]
public sealed class ScoringEngineTests
{
    private const int Batch = 8;

    private static readonly byte[][] Pictures = TestModel.Pictures(200);

    [TestMethod]
    public void Rows_come_in_order_whatever_the_workers_do()
    {
        using var folder = new TemporaryFolder();
        using var reference = new Reference(TestModel.Write(folder));
        var decoder = new RecordingDecoder(call => Thread.Sleep(call % 7));
        using var scorer = Load(folder, decoder, threads: 16);
        ImageScore[] scores = [.. scorer.Score(Inputs())];
        ScoringEqualityTests.AssertEqualBits(reference.Batches(Pictures, Batch), scores);
        Assert.IsTrue(decoder.Threads.Count is > 1 and <= 16, $"{decoder.Threads.Count} threads");
    }

    [TestMethod]
    public void The_input_is_read_lazily_on_one_thread_and_at_most_two_batches_ahead()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder);
        var decoder = new RecordingDecoder();
        using var scorer = Load(folder, decoder, threads: 4);
        var readers = new HashSet<Thread>();
        int read = 0;
        IEnumerable<ImageInput> Input()
        {
            foreach (ImageInput input in Inputs())
            {
                readers.Add(Thread.CurrentThread);
                read++;
                yield return input;
            }
        }

        IEnumerable<ImageScore> rows = scorer.Score(Input());
        Assert.AreEqual(0, read, "nothing happens before the first row is asked for");
        foreach (ImageScore row in rows)
        {
            int batchesBefore = (int)row.Index / Batch;
            Assert.IsLessThanOrEqualTo((batchesBefore + 1 + OnnxImageScorer.ReadAhead) * Batch, read);
        }

        Assert.AreEqual(Pictures.Length, read);
        Assert.AreSame(Thread.CurrentThread, readers.Single());
        Assert.IsFalse(decoder.Threads.ContainsKey(Thread.CurrentThread), "decoding is the workers' task");
    }

    [TestMethod]
    public void An_endless_input_is_scored_in_bounded_memory()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder);
        using var scorer = Load(folder);
        IEnumerable<ImageInput> Endless()
        {
            while (true)
            {
                foreach (ImageInput input in Inputs())
                {
                    yield return input;
                }
            }
        }

        long after500 = 0;
        long after4000 = 0;
        foreach (ImageScore row in scorer.Score(Endless()))
        {
            if (row.Index == 500)
            {
                after500 = GC.GetTotalMemory(forceFullCollection: true);
            }
            else if (row.Index == 4000)
            {
                after4000 = GC.GetTotalMemory(forceFullCollection: true);
                break;
            }
        }

        // A batch of this network is 55 KB, so that a buffer lost per batch would show as 24 MB.
        Assert.IsLessThan(after500 + (2 << 20), after4000);
    }

    [TestMethod]
    public void Stopping_early_ends_the_workers()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder);
        foreach (int take in (int[])[1, Batch, 3 * Batch])
        {
            var decoder = new RecordingDecoder(_ => Thread.Sleep(1));
            using var scorer = Load(folder, decoder, threads: 6);
            bool disposed = false;
            IEnumerable<ImageInput> Input()
            {
                try
                {
                    foreach (ImageInput input in Inputs())
                    {
                        yield return input;
                    }
                }
                finally
                {
                    disposed = true;
                }
            }

            Assert.AreEqual(take, scorer.Score(Input()).Take(take).Count());
            Assert.IsTrue(decoder.Threads.Keys.All(t => !t.IsAlive), "no worker outlives its enumeration");
            Assert.IsTrue(disposed, "the input's enumerator is disposed");
            Assert.IsLessThan(Pictures.Length, decoder.Calls);
            Assert.AreEqual(Pictures.Length, scorer.Score(Inputs()).Count(), "the scorer serves on");
        }
    }

    [TestMethod]
    public void A_single_row_starts_a_single_worker()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder);
        var decoder = new RecordingDecoder();
        using var scorer = Load(folder, decoder, threads: 16);
        Assert.AreEqual(1, scorer.Score(Inputs().Take(1)).Count());
        Assert.HasCount(1, decoder.Threads);
    }

    [TestMethod]
    public void Cancellation_ends_an_enumeration_wherever_it_is()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder);
        foreach (int when in (int[])[1, 5, 20, 77])
        {
            using var cancellation = new CancellationTokenSource();
            var decoder = new RecordingDecoder(call =>
            {
                if (call == when)
                {
                    cancellation.Cancel();
                }
            });
            using var scorer = Load(folder, decoder, threads: 4);
            int rows = 0;
            Assert.Throws<OperationCanceledException>(() =>
            {
                foreach (ImageScore row in scorer.Score(Inputs(), cancellation.Token))
                {
                    Assert.AreEqual(rows++, row.Index);
                }
            });
            Assert.IsLessThan(Pictures.Length, rows);
            Assert.IsTrue(decoder.Threads.Keys.All(t => !t.IsAlive));
            Assert.Throws<OperationCanceledException>(() => scorer.Score(Inputs(), cancellation.Token).Count());
            Assert.AreEqual(10, scorer.Score(Inputs().Take(10)).Count(), "the scorer serves on");
        }
    }

    [TestMethod]
    public void Cancellation_reaches_into_onnx_runtime()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder);
        using ImageNetworkSession network = ImageNetworkSession.Open(ImageModelFiles.Read(folder.Path), new OnnxImageScorerOptions());
        var pixels = new PixelBuffer(network.Layout, Batch);

        // A token that is cancelled already reaches ONNX Runtime as its terminate flag before the first operator: no timing in this test.
        Assert.Throws<OperationCanceledException>(() => network.Run(pixels.ToOrt, Batch, new CancellationToken(canceled: true)));
        Assert.HasCount(Batch * TestModel.Classes, network.Run(pixels.ToOrt, Batch, CancellationToken.None).Scores);
    }

    [TestMethod]
    public void Several_enumerations_of_one_scorer_at_once()
    {
        using var folder = new TemporaryFolder();
        using var reference = new Reference(TestModel.Write(folder));
        using var scorer = Load(folder, threads: 2);
        float[][] expected = reference.Batches(Pictures, Batch);
        Parallel.For(0, 6, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i =>
        {
            ImageScore[] scores = [.. scorer.Score(Inputs())];
            ScoringEqualityTests.AssertEqualBits(expected, scores);
        });

        // And interleaved on one thread: two cursors over the same rows.
        IEnumerable<ImageScore> rows = scorer.Score(Inputs());
        foreach ((ImageScore first, ImageScore second) in rows.Zip(rows))
        {
            CollectionAssert.AreEqual(first.Probabilities.ToArray(), second.Probabilities.ToArray());
        }
    }

    [TestMethod]
    public void Rows_stay_as_they_were_after_later_batches()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder);
        using var scorer = Load(folder);
        var copies = new List<(ImageScore Row, float[] Copy)>();
        foreach (ImageScore row in scorer.Score(Inputs()))
        {
            copies.Add((row, row.Probabilities.ToArray()));
        }

        foreach ((ImageScore row, float[] copy) in copies)
        {
            CollectionAssert.AreEqual(copy, row.Probabilities.ToArray());
        }
    }

    [TestMethod]
    public void An_exception_of_the_input_comes_after_the_rows_before_it()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder);
        using var scorer = Load(folder);
        IEnumerable<ImageInput> Input()
        {
            foreach (ImageInput input in Inputs().Take(13))
            {
                yield return input;
            }

            throw new TimeoutException("the database is gone");
        }

        var scores = new List<ImageScore>();
        Assert.ThrowsExactly<TimeoutException>(() => scores.AddRange(Input(), scorer));
        Assert.HasCount(13, scores);
    }

    [TestMethod]
    public void A_failure_that_is_not_the_pictures_stops_under_mark_too()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder);
        var decoder = new RecordingDecoder(_ => throw new DllNotFoundException("no codec here"));
        using var scorer = OnnxImageScorer.Load(
            folder.Path, new OnnxImageScorerOptions { Decoder = decoder, OnInvalidImage = InvalidImageHandling.Mark });
        Assert.ThrowsExactly<DllNotFoundException>(() => scorer.Score(Inputs()).Count());
    }

    [TestMethod]
    public void A_disposed_scorer_says_so()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder);
        var scorer = Load(folder);
        using IEnumerator<ImageScore> rows = scorer.Score(Inputs()).GetEnumerator();
        Assert.IsTrue(rows.MoveNext());
        scorer.Dispose();
        scorer.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => scorer.Score([]));
        Assert.ThrowsExactly<ObjectDisposedException>(() =>
        {
            while (rows.MoveNext())
            {
            }
        });
    }

    private static IEnumerable<ImageInput> Inputs() => Pictures.Select((p, i) => ImageInput.FromBytes(p, $"picture {i}"));

    private static OnnxImageScorer Load(TemporaryFolder folder, RecordingDecoder? decoder = null, int threads = 0)
        => OnnxImageScorer.Load(folder.Path, new OnnxImageScorerOptions { BatchSize = Batch, DecodeThreads = threads, Decoder = decoder });
}
