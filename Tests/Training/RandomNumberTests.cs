namespace AlexNetMl.Training.Tests;

[TestClass]
public sealed class RandomNumberTests
{
    // Known answers of the Random123 distribution (kat_vectors, philox4x32 10).
    [TestMethod]
    [DataRow(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [DataRow(~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [DataRow(0xa4093822u, 0x299f31d0u, 0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void PhiloxKnownAnswers(uint key0, uint key1, uint c0, uint c1, uint c2, uint c3, uint a, uint b, uint c, uint d) =>
        Assert.AreEqual((a, b, c, d), Philox.Block(key0, key1, c0, c1, c2, c3));

    [TestMethod]
    public void NumbersDependOnEveryPartOfTheirAddress()
    {
        var seen = new HashSet<uint>();
        foreach (long seed in new[] { 0L, 1L, 1L << 32 })
        foreach (RandomStream stream in new[] { RandomStream.Shuffle, RandomStream.Augmentation })
        for (int epoch = 0; epoch < 3; epoch++)
        for (int index = 0; index < 3; index++)
        {
            var random = new CounterRandom(seed, stream, epoch, index);
            for (int i = 0; i < 9; i++)
                Assert.IsTrue(seen.Add(random.NextUInt32()));
        }
    }

    [TestMethod]
    public void BoundedNumbersAreUniform()
    {
        var random = new CounterRandom(7, RandomStream.Split, 0, 0);
        var counts = new int[6];
        for (int i = 0; i < 60_000; i++)
            counts[random.Next(6)]++;
        foreach (int count in counts)
            Assert.AreEqual(10_000, count, 500);
        Assert.AreEqual(0, random.Next(1));
    }

    [TestMethod]
    public void WindowsStayInsideAndReachEveryPlace()
    {
        AlexNetMl.Imaging.ImagePreprocessing size = new() { ShorterSide = 20, CropSide = 16 };
        AugmentationOptions both = new(), crop = new() { RandomFlip = false }, flip = new() { RandomCrop = false };
        var augmentation = new Augmentation(3, both, size);
        (int Left, int Top, bool Flip)[] windows = [.. Enumerable.Range(0, 2000).Select(picture => augmentation.Window(1, picture, size))];
        Assert.AreEqual(5 * 5 * 2, windows.Distinct().Count());
        Assert.IsTrue(windows.All(window => window.Left is >= 0 and <= 4 && window.Top is >= 0 and <= 4));
        Assert.AreEqual(augmentation.Window(4, 77, size), new Augmentation(3, both, size).Window(4, 77, size));
        Assert.AreEqual((2, 2, false), Augmentation.None.Window(0, 0, size));
        Assert.IsTrue(Enumerable.Range(0, 100).Select(picture => new Augmentation(3, flip, size).Window(0, picture, size)).All(window => window is { Left: 2, Top: 2 }));
        Assert.IsTrue(Enumerable.Range(0, 100).Select(picture => new Augmentation(3, crop, size).Window(0, picture, size)).All(window => !window.Flip));
    }
}
