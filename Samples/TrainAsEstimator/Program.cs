using System.CommandLine;
using AlexNetMl.Samples;
using AlexNetMl.Samples.TrainAsEstimator;
using AlexNetMl.Training;

var defaults = new SampleOptions();
var data = new Option<string?>("--data") { Description = "Folder of class folders of pictures (JPEG, PNG, WebP, GIF, BMP). Default: Fashion-MNIST's training pictures." };
var pictures = new Option<int>("--pictures") { Description = "Pictures to take, evenly of each class.", DefaultValueFactory = _ => defaults.Pictures }.AtLeast(2);
var network = new Option<string>("--network") { Description = "alexnet, resnet20, vgg11_bn … (alexnetml networks lists them).", DefaultValueFactory = _ => defaults.Network };
var epochs = new Option<int>("--epochs") { Description = "Passes over the training pictures.", DefaultValueFactory = _ => defaults.Epochs }.AtLeast(1);
var width = new Option<double>("--width") { Description = "Factor on the network's channels.", DefaultValueFactory = _ => defaults.Width };
var side = new Option<int>("--side") { Description = "Side of the network's input in pixels.", DefaultValueFactory = _ => defaults.Side }.AtLeast(1);
var shorterSide = new Option<int>("--shorter-side") { Description = "Shorter side of a picture before a window is cut.", DefaultValueFactory = _ => defaults.ShorterSide }.AtLeast(1);
var folds = new Option<int>("--folds") { Description = "Cross-validate with so many folds; 0 for one split into training and test pictures.", DefaultValueFactory = _ => defaults.Folds };
var testFraction = new Option<double>("--test-fraction") { Description = "Share of the pictures that the trained network is measured on; 0 to learn from all of them.", DefaultValueFactory = _ => defaults.TestFraction };
var run = new Option<string?>("--run") { Description = "Folder to keep the run in, with checkpoints, metrics and a live report; one that is there is resumed. Default: a temporary one." };
var output = new Option<string?>("--out") { Description = "Folder to keep the ONNX model in. Default: a temporary one." };
var seed = new Option<int>("--seed") { Description = "Seed of split, weights, order, crops and flips.", DefaultValueFactory = _ => defaults.Seed };
var threads = new Option<int>("--threads") { Description = "CPU threads, 0 for all cores." }.AtLeast(0);
var root = new RootCommand("Trains a network as an ordinary ML.NET estimator: in a pipeline, on a split or under cross-validation.")
{
    data, pictures, network, epochs, width, side, shorterSide, folds, testFraction, run, output, seed, threads,
};

return await SampleProgram.RunAsync(
    root,
    args,
    (parsed, cancellation) =>
    {
        var options = new SampleOptions
        {
            Data = parsed.GetValue(data),
            Pictures = parsed.GetValue(pictures),
            Network = parsed.GetRequiredValue(network),
            Epochs = parsed.GetValue(epochs),
            Width = parsed.GetValue(width),
            Side = parsed.GetValue(side),
            ShorterSide = parsed.GetValue(shorterSide),
            Folds = parsed.GetValue(folds),
            TestFraction = parsed.GetValue(testFraction),
            Run = parsed.GetValue(run),
            Output = parsed.GetValue(output),
            Seed = parsed.GetValue(seed),
            Threads = parsed.GetValue(threads),
        };
        if (options.Folds is 1 or < 0)
        {
            throw new UsageException($"--folds {options.Folds}: give 2 or more, or 0 for one split.");
        }

        if (!NetworkCatalog.Default.Names.Contains(options.Network))
        {
            throw new UsageException($"--network {options.Network}: take one of {string.Join(", ", NetworkCatalog.Default.Names)}.");
        }

        if (!(options.TestFraction >= 0 && options.TestFraction < 1))
        {
            throw new UsageException($"--test-fraction {options.TestFraction}: give a share from 0 to below 1.");
        }

        if (options.Folds > 0 && (options.Output ?? options.Run) is not null)
        {
            throw new UsageException("--folds trains several models, --out and --run keep one: give one of the two.");
        }

        EstimatorPipeline.Run(options, cancellation);
    }).ConfigureAwait(false);
