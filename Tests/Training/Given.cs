using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AlexNetMl.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

/// <summary>What several tests start from.</summary>
internal static class Given
{
    /// <summary>The folder of the solution, which holds docs.</summary>
    public static string RepositoryRoot
    {
        get
        {
            var folder = new DirectoryInfo(Path.GetDirectoryName(ThisFile())!);
            while (!File.Exists(Path.Combine(folder.FullName, "AlexNetMl.sln")))
                folder = folder.Parent ?? throw new DirectoryNotFoundException("No folder above the tests' sources holds AlexNetMl.sln.");
            return folder.FullName;

            static string ThisFile([CallerFilePath] string path = "") => path;
        }
    }

    /// <summary>Uniform numbers in ±range.</summary>
    public static double[] Uniform(int count, double range, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (double)(float)((random.NextDouble() * 2 - 1) * range))];
    }

    public static Tensor Tensor(double[] values, params long[] shape) => tensor(values.Select(value => (float)value).ToArray(), shape);

    public static float[] Floats(Tensor tensor)
    {
        using Tensor detached = tensor.detach();
        using Tensor dense = detached.contiguous();
        return MemoryMarshal.Cast<byte, float>(dense.bytes).ToArray();
    }

    public static Dictionary<string, double[]> Weights(nn.Module network) =>
        network.named_parameters().ToDictionary(pair => pair.Item1, pair => Floats(pair.Item2).Select(value => (double)value).ToArray());

    /// <summary>A reduced-width network with He weights and biases that matter beside inputs of ±128.</summary>
    public static AlexNet Network(AlexNetOptions options)
    {
        var network = new AlexNet(options with { Initialization = AlexNetInitialization.He });
        int seed = 1;
        foreach ((string name, Tensor parameter) in network.named_parameters().Select(pair => (pair.Item1, (Tensor)pair.Item2)))
        {
            if (name.EndsWith("bias", StringComparison.Ordinal))
                parameter.bytes = MemoryMarshal.AsBytes(Uniform((int)parameter.NumberOfElements, 20, seed++).Select(value => (float)value).ToArray().AsSpan());
        }
        return network;
    }

    /// <summary>The largest difference over the largest magnitude of <paramref name="expected"/>.</summary>
    public static double RelativeDifference(IReadOnlyList<double> expected, IReadOnlyList<float> actual)
    {
        Assert.AreEqual(expected.Count, actual.Count);
        double largest = 0, worst = 0;
        for (int i = 0; i < expected.Count; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected[i]));
            worst = Math.Max(worst, Math.Abs(expected[i] - actual[i]));
            if (float.IsNaN(actual[i]))
                return double.NaN;
        }
        return worst / largest;
    }

    /// <summary>Tensors alive, after those that earlier tests dropped are gone.</summary>
    public static long TensorCount()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }

    /// <summary>A new temporary folder, deleted with all it holds.</summary>
    public static TemporaryFolder Folder() => new();

    /// <summary>
    /// Class folders "dark" and "light" of square PNGs whose halves differ: easy to tell apart, no two pictures equal.
    /// </summary>
    public static ImageFolder TwoClasses(string directory, int perClass, int side = 18)
    {
        foreach (string name in new[] { "dark", "light" })
        {
            Directory.CreateDirectory(Path.Combine(directory, name));
            for (int i = 0; i < perClass; i++)
            {
                var random = new Random(HashCode(name) + i);
                var pixels = new byte[side * side * 3];
                for (int p = 0; p < pixels.Length; p++)
                    pixels[p] = (byte)(random.Next(60) + (name == "light" ? 140 : 40));
                File.WriteAllBytes(Path.Combine(directory, name, $"{i:0000}.png"), PngEncoder.Encode(new RgbImage(side, side, pixels)));
            }
        }
        return ImageFolder.Scan(directory);

        static int HashCode(string name) => name == "light" ? 100000 : 0;
    }

    /// <summary>18×18 squares, 16×16 windows.</summary>
    public static ImagePreprocessing SmallPictures { get; } = new() { ShorterSide = 18, CropSide = 16, Mean = [0.5f, 0.5f, 0.5f], StandardDeviation = [0.25f, 0.25f, 0.25f] };

    /// <summary>The smallest network for <see cref="SmallPictures"/>.</summary>
    public static AlexNet SmallNetwork(int classes = 2, double dropout = 0.5) =>
        new(new AlexNetOptions { Classes = classes, Side = 16, Width = 0.01, Dropout = dropout, Initialization = AlexNetInitialization.He });
}

internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "alexnetml-training-" + Guid.NewGuid().ToString("N"));

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
