using AlexNetMl.Imaging;

namespace AlexNetMl.Training.Tests;

[TestClass]
public sealed class StatisticsTests
{
    private static readonly ImagePreprocessing Size = new() { ShorterSide = 19, CropSide = 16 };

    /// <summary>Mean image, mean, covariance in float64 loops, deviations first; oblong pictures among them, and a side that no vector divides.</summary>
    [TestMethod]
    public void FiguresAreTheFormulas()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder pictures = Colourful(folder.Path, 9);
        PictureStatistics statistics = PictureStatistics.Measure(pictures, Size);
        int plane = 19 * 19;
        var squares = new List<byte[]>();
        for (int i = 0; i < pictures.Count; i++)
        {
            RgbImage resized = Size.Resize(pictures.Load(i));
            var planes = new byte[3 * plane];
            int left = Start(resized.Width), top = Start(resized.Height);
            for (int c = 0; c < 3; c++)
            for (int y = 0; y < 19; y++)
            for (int x = 0; x < 19; x++)
                planes[c * plane + y * 19 + x] = resized.Pixels[((top + y) * resized.Width + left + x) * 3 + c];
            squares.Add(planes);
        }
        Assert.AreEqual(pictures.Count, statistics.Pictures);
        Assert.AreEqual(19, statistics.Side);
        for (int i = 0; i < 3 * plane; i++)
            Assert.AreEqual(squares.Average(square => square[i] / 255.0), statistics.MeanImage[i], 1e-7);
        var mean = new double[3];
        for (int c = 0; c < 3; c++)
        {
            mean[c] = squares.Average(square => square.Skip(c * plane).Take(plane).Average(value => value / 255.0));
            Assert.AreEqual(mean[c], statistics.Mean[c], 1e-12);
        }
        for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
        {
            double covariance = squares.Average(square => Enumerable.Range(0, plane).Average(i => (square[a * plane + i] / 255.0 - mean[a]) * (square[b * plane + i] / 255.0 - mean[b])));
            Assert.AreEqual(covariance, statistics.Covariance[3 * a + b], 1e-12);
            if (a == b)
                Assert.AreEqual(Math.Sqrt(covariance), statistics.StandardDeviation[a], 1e-12);
        }

        static int Start(int side) => (int)Math.Round((side - 16) / 2.0) - (int)Math.Round((19 - 16) / 2.0);
    }

    [TestMethod]
    public void PrincipalComponentsSolveTheEigenvalueProblem()
    {
        var random = new Random(4);
        for (int i = 0; i < 200; i++)
        {
            var root = new double[9];
            for (int k = 0; k < 9; k++)
                root[k] = i % 10 == 0 && k > 2 ? 0 : random.NextDouble() - 0.5;             // of rank one among them
            var matrix = new double[9];
            for (int k = 0; k < 9; k++)
                matrix[k] = Enumerable.Range(0, 3).Sum(m => root[3 * m + k / 3] * root[3 * m + k % 3]);
            (double[] values, double[] vectors) = PrincipalComponents.Of(matrix);
            Assert.IsTrue(values[0] >= values[1] && values[1] >= values[2] && values[2] >= 0);
            for (int e = 0; e < 3; e++)
            {
                for (int row = 0; row < 3; row++)
                    Assert.AreEqual(values[e] * vectors[3 * e + row], Enumerable.Range(0, 3).Sum(c => matrix[3 * row + c] * vectors[3 * e + c]), 1e-14);
                for (int other = 0; other < 3; other++)
                    Assert.AreEqual(e == other ? 1 : 0, Enumerable.Range(0, 3).Sum(c => vectors[3 * e + c] * vectors[3 * other + c]), 1e-14);
                Assert.IsTrue(vectors.Skip(3 * e).Take(3).MaxBy(Math.Abs) > 0);
            }
        }
        // numpy.linalg.eigh of a covariance of natural pictures' kind.
        (double[] known, double[] axes) = PrincipalComponents.Of([0.0695, 0.0661, 0.0640, 0.0661, 0.0693, 0.0687, 0.0640, 0.0687, 0.0739]);
        CollectionAssert.AreEqual(ExpectedValues.Select(v => Math.Round(v, 12)).ToArray(), known.Select(v => Math.Round(v, 12)).ToArray());
        CollectionAssert.AreEqual(ExpectedVectors.Select(v => Math.Round(v, 10)).ToArray(), axes.Select(v => Math.Round(v, 10)).ToArray());
    }

    [TestMethod]
    public void NeitherThreadsNorOrderMatter()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder pictures = Colourful(folder.Path, 8);
        var backwards = new ImageFolder(pictures.Classes, [.. pictures.Images.Reverse()]);
        PictureStatistics one = PictureStatistics.Measure(pictures, Size, new PictureStatisticsOptions { Threads = 1 });
        foreach (PictureStatistics other in new[] { PictureStatistics.Measure(pictures, Size, new PictureStatisticsOptions { Threads = 5 }), PictureStatistics.Measure(backwards, Size) })
            AssertEqual(one, other);
        PictureStatistics sample = PictureStatistics.Measure(pictures, Size, new PictureStatisticsOptions { Sample = 4 });
        Assert.AreEqual(4, sample.Pictures);
        AssertEqual(sample, PictureStatistics.Measure(new ImageFolder(pictures.Classes, [.. Enumerable.Range(0, 4).Select(i => pictures.Images[i * pictures.Count / 4])]), Size));
    }

    [TestMethod]
    public void AFileGivesTheSameStatistics()
    {
        using TemporaryFolder folder = Given.Folder();
        PictureStatistics statistics = PictureStatistics.Measure(Colourful(folder.Path, 5), Size);
        string path = folder.File("statistics.safetensors");
        statistics.Save(path);
        AssertEqual(statistics, PictureStatistics.Load(path));
        Assert.HasCount(6, SafeTensors.ReadHeader(path).Tensors);

        Assert.ThrowsExactly<FileNotFoundException>(() => PictureStatistics.Load(folder.File("none")));
        using AlexNet network = Given.SmallNetwork();
        SafeTensors.SaveWeights(network, folder.File("weights.safetensors"));
        Assert.Contains("no picture statistics", Assert.ThrowsExactly<InvalidDataException>(() => PictureStatistics.Load(folder.File("weights.safetensors"))).Message);
        byte[] bytes = File.ReadAllBytes(path);
        var random = new Random(8);
        int refused = 0;
        for (int i = 0; i < 300; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i < 200 ? random.Next(700) : random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, i % 10 == 0 ? damaged[..random.Next(damaged.Length)] : damaged);
            try
            {
                PictureStatistics.Load(path);
            }
            catch (Exception exception) when (exception is InvalidDataException or SafeTensorsFormatException)
            {
                refused++;
            }
        }
        Assert.IsGreaterThan(100, refused);
    }

    [TestMethod]
    public void PreprocessingTakesThemInItsOwnUnits()
    {
        using TemporaryFolder folder = Given.Folder();
        PictureStatistics statistics = PictureStatistics.Measure(Colourful(folder.Path, 5), Size);
        ImagePreprocessing colour = statistics.WithMeanColor(Size with { RescaleFactor = 1 });
        Assert.AreEqual(statistics.Mean[1] * 255, colour.Mean[1], 1e-4);
        Assert.AreEqual(statistics.StandardDeviation[2] * 255, colour.StandardDeviation[2], 1e-4);
        Assert.IsNull(colour.MeanImage);
        ImagePreprocessing image = statistics.WithMeanImage(colour);
        image.Validate();
        Assert.AreEqual(statistics.MeanImage[77] * 255.0, image.MeanImage!.Values[77], 1e-4);
        Assert.AreEqual(1f, image.StandardDeviation[0]);
        Assert.ThrowsExactly<ArgumentException>(() => statistics.WithMeanImage(new ImagePreprocessing()));

        Directory.CreateDirectory(folder.File("grey/a"));
        Directory.CreateDirectory(folder.File("grey/b"));
        foreach (string file in new[] { "grey/a/1.png", "grey/b/1.png" })
            File.WriteAllBytes(folder.File(file), PngEncoder.Encode(new RgbImage(20, 20, [.. Enumerable.Repeat((byte)51, 1200)])));
        ImagePreprocessing constant = PictureStatistics.Measure(ImageFolder.Scan(folder.File("grey")), Size).WithMeanColor(Size);
        Assert.AreEqual(0.2f, constant.Mean[0], 1e-7f);
        Assert.AreEqual(1f, constant.StandardDeviation[0]);
    }

    [TestMethod]
    public void BrokenPicturesStopOrAreLeftOut()
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder pictures = Colourful(folder.Path, 6);
        File.WriteAllText(pictures.Images[7].Path, "broken");
        File.WriteAllText(pictures.Images[3].Path, "broken");
        Assert.StartsWith(pictures.Images[3].Path, Assert.ThrowsExactly<ImageFormatException>(() => PictureStatistics.Measure(pictures, Size)).Message);
        var skip = new PictureStatisticsOptions { OnBrokenImage = BrokenImageHandling.Skip };
        var reports = new Reports();
        PictureStatistics statistics = PictureStatistics.Measure(pictures, Size, skip, reports);
        Assert.AreEqual(10, statistics.Pictures);
        Assert.AreEqual(new PictureProgress(12, 12, 2, reports.Last!.PicturesPerSecond, TimeSpan.Zero), reports.Last);
        AssertEqual(statistics, PictureStatistics.Measure(new ImageFolder(pictures.Classes, [.. pictures.Images.Where((_, i) => i is not 3 and not 7)]), Size));

        foreach (LabeledImage image in pictures.Images)
            File.WriteAllText(image.Path, "broken");
        Assert.Contains("None of the 12", Assert.ThrowsExactly<InvalidDataException>(() => PictureStatistics.Measure(pictures, Size, skip)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PictureStatistics.Measure(pictures, Size, new PictureStatisticsOptions { Sample = 0 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PictureStatistics.Measure(pictures, Size, new PictureStatisticsOptions { Threads = -1 }));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(() => PictureStatistics.Measure(pictures, Size, skip, null, cancelled.Token));
    }

    private static void AssertEqual(PictureStatistics a, PictureStatistics b)
    {
        Assert.AreEqual((a.Side, a.Pictures), (b.Side, b.Pictures));
        CollectionAssert.AreEqual(a.MeanImage.ToArray(), b.MeanImage.ToArray());
        CollectionAssert.AreEqual(
            (double[])[.. a.Mean, .. a.StandardDeviation, .. a.Covariance, .. a.Eigenvalues, .. a.Eigenvectors],
            (double[])[.. b.Mean, .. b.StandardDeviation, .. b.Covariance, .. b.Eigenvalues, .. b.Eigenvectors]);
    }

    /// <summary>Pictures of various sizes whose channels hang together differently.</summary>
    private static ImageFolder Colourful(string directory, int perClass)
    {
        foreach (string name in new[] { "a", "b" })
        {
            Directory.CreateDirectory(Path.Combine(directory, name));
            for (int i = 0; i < perClass; i++)
            {
                var random = new Random(i + name[0]);
                int width = 19 + random.Next(3) * 5, height = 19 + random.Next(2) * 8;
                var pixels = new byte[width * height * 3];
                for (int p = 0; p < pixels.Length; p += 3)
                {
                    pixels[p] = (byte)random.Next(256);
                    pixels[p + 1] = (byte)(pixels[p] / 2 + random.Next(100));
                    pixels[p + 2] = (byte)(255 - pixels[p + 1] - random.Next(20));
                }
                File.WriteAllBytes(Path.Combine(directory, name, $"{i}.png"), PngEncoder.Encode(new RgbImage(width, height, pixels)));
            }
        }
        return ImageFolder.Scan(directory);
    }

    private sealed class Reports : IProgress<PictureProgress>
    {
        public PictureProgress? Last { get; private set; }

        public void Report(PictureProgress value) => Last = value;
    }

    private static readonly double[] ExpectedValues = [0.20347616404036267, 0.007666512266649375, 0.0015573236929880161];

    private static readonly double[] ExpectedVectors =
    [
        0.5660048425028211, 0.5792068768080811, 0.5866497354653668,
        0.7300079412708511, -0.02149003714459985, -0.6831007129150263,
        -0.38304950586686576, 0.8148972770611962, -0.4349890847979957,
    ];
}
