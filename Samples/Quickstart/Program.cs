using System.CommandLine;
using AlexNetMl.Samples;
using AlexNetMl.Samples.Quickstart;

var defaults = new QuickstartOptions();
var data = new Option<string?>("--data") { Description = "Folder of class folders of pictures (JPEG, PNG, WebP, GIF, BMP), or a folder with train/ and test/ of class folders. Default: Fashion-MNIST." };
var output = new Option<string>("--out") { Description = "Folder to write to.", DefaultValueFactory = _ => defaults.Output };
var epochs = new Option<int>("--epochs") { Description = "Passes over the training pictures.", DefaultValueFactory = _ => defaults.Epochs }.AtLeast(1);
var batch = new Option<int>("--batch") { Description = "Pictures per training step.", DefaultValueFactory = _ => defaults.BatchSize }.AtLeast(1);
var width = new Option<double>("--width") { Description = "Share of the paper's channels, 1 for all of them.", DefaultValueFactory = _ => defaults.Width };
var side = new Option<int?>("--side") { Description = "Side of the network's input in pixels. Default: 24 for Fashion-MNIST, 64 for other pictures; the paper's is 224." };
var shorterSide = new Option<int?>("--shorter-side") { Description = "Shorter side of a picture before cropping. Default: 26 for Fashion-MNIST, 256/224 of --side for other pictures." };
var learningRate = new Option<double?>("--learning-rate") { Description = "Highest learning rate of the schedule. Default: 0.02 for Fashion-MNIST, the paper's 0.01 for other pictures." };
var seed = new Option<long>("--seed") { Description = "Seed of weights, order, crops and flips.", DefaultValueFactory = _ => defaults.Seed };
var device = new Option<string>("--device") { Description = "cpu or cuda:N.", DefaultValueFactory = _ => defaults.Device };
var threads = new Option<int>("--threads") { Description = "CPU threads, 0 for all cores.", DefaultValueFactory = _ => defaults.Threads };

var root = new RootCommand("Trains AlexNet on real pictures from random weights, exports ONNX, scores the test pictures as an ML.NET estimator and writes a report.")
{
    data, output, epochs, batch, width, side, shorterSide, learningRate, seed, device, threads,
};

return await SampleProgram.RunAsync(
    root,
    args,
    (parsed, cancellationToken) => MainJob.Run(
        new QuickstartOptions
        {
            Data = parsed.GetValue(data),
            Output = parsed.GetRequiredValue(output),
            Epochs = parsed.GetValue(epochs),
            BatchSize = parsed.GetValue(batch),
            Width = parsed.GetValue(width),
            Side = parsed.GetValue(side),
            ShorterSide = parsed.GetValue(shorterSide),
            LearningRate = parsed.GetValue(learningRate),
            Seed = parsed.GetValue(seed),
            Device = parsed.GetRequiredValue(device),
            Threads = parsed.GetValue(threads),
        },
        cancellationToken)).ConfigureAwait(false);
