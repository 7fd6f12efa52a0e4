using AlexNetMl.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Training.Tests;

/// <summary>Windows against a reference in float64; a batch in parts against a batch at once.</summary>
[TestClass]
public sealed class EvaluationTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(64)]
    public void TenCropIsTheMeanProbabilityOverTenWindows(int batchSize)
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder pictures = Given.TwoClasses(folder.Path, 5);
        ImagePreprocessing preprocessing = Given.SmallPictures;
        using AlexNet network = Given.SmallNetwork();
        network.eval();
        EvaluationResult result = new NetworkTrainer(new TrainerOptions { BatchSize = batchSize, Threads = 1 }).Evaluate(network, pictures, preprocessing, crops: EvaluationCrops.TenCrop);

        double loss = 0;
        int right = 0, far = preprocessing.ShorterSide - preprocessing.CropSide;
        var chw = new float[preprocessing.TensorLength];
        for (int i = 0; i < pictures.Count; i++)
        {
            byte[] rgb = pictures.Load(i).Pixels;
            var mean = new double[2];
            foreach ((int left, int top) in new[] { (0, 0), (far, 0), (0, far), (far, far), (far / 2, far / 2) })
            {
                foreach (bool flip in new[] { false, true })
                {
                    preprocessing.CropToTensor(rgb, preprocessing.ShorterSide, preprocessing.ShorterSide, left, top, flip, chw);
                    using Tensor input = tensor(chw, [1, 3, preprocessing.CropSide, preprocessing.CropSide]);
                    using Tensor logits = network.call(input);
                    double[] scores = [.. Given.Floats(logits).Select(value => Math.Exp(value))];
                    mean[0] += scores[0] / scores.Sum() / 10;
                    mean[1] += scores[1] / scores.Sum() / 10;
                }
            }
            loss -= Math.Log(mean[pictures.Label(i)]);
            right += (mean[1] > mean[0] ? 1 : 0) == pictures.Label(i) ? 1 : 0;
        }
        Assert.AreEqual(pictures.Count, result.Images);
        Assert.AreEqual(loss / pictures.Count, result.Loss, 1e-6);
        Assert.AreEqual((double)right / pictures.Count, result.Top1, 1e-12);
        double centre = new NetworkTrainer(new TrainerOptions { Threads = 1 }).Evaluate(network, pictures, preprocessing).Loss;
        Assert.IsGreaterThan(1e-5, Math.Abs(centre - result.Loss), "ten windows must make a difference");
    }

    [TestMethod]
    [DataRow(3)]                // parts of 6, 6 and 4
    [DataRow(4)]
    [DataRow(100)]              // more parts than pictures: one by one
    public void ABatchInPartsGivesTheWeightsOfABatchAtOnce(int parts)
    {
        using TemporaryFolder folder = Given.Folder();
        ImageFolder pictures = Given.TwoClasses(folder.Path, 20);
        (Dictionary<string, double[]> whole, double loss) = Trained(1);
        (Dictionary<string, double[]> inParts, double lossInParts) = Trained(parts);
        using AlexNet untrained = Given.SmallNetwork(dropout: 0);
        Dictionary<string, double[]> before = Given.Weights(untrained);
        Assert.AreEqual(loss, lossInParts, 1e-5);
        foreach ((string name, double[] expected) in whole)
        {
            double moved = expected.Zip(before[name], (a, b) => Math.Abs(a - b)).Max(), apart = expected.Zip(inParts[name], (a, b) => Math.Abs(a - b)).Max();
            Assert.IsTrue(apart <= 1e-3 * moved, $"{name}: {apart} apart, moved by {moved}");
        }

        (Dictionary<string, double[]>, double) Trained(int accumulate)
        {
            using AlexNet network = Given.SmallNetwork(dropout: 0);
            var options = new TrainerOptions { Epochs = 2, BatchSize = 16, Accumulate = accumulate, Threads = 1, LearningRate = 0.005 };
            TrainingResult result = new NetworkTrainer(options).Train(network, pictures, null, Given.SmallPictures);
            return (Given.Weights(network), result.Epochs[^1].TrainingLoss);
        }
    }
}
