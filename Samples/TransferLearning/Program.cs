using System.CommandLine;
using AlexNetMl.Samples;
using AlexNetMl.Samples.TransferLearning;

var defaults = new TransferOptions();
var model = new Option<string?>("--model") { Description = "A network to take features from, an ONNX file or its folder. Default: one that is trained here on Fashion-MNIST's first five classes." };
var layer = new Option<string>("--layer") { Description = "The layer whose activations are the features.", DefaultValueFactory = _ => defaults.Layer };
var data = new Option<string?>("--data") { Description = "Class folders of pictures to learn from; needs --test and --model. Default: Fashion-MNIST's last five classes." };
var test = new Option<string?>("--test") { Description = "Class folders of pictures to measure on." };
var perClass = new Option<int[]>("--per-class") { Description = "Pictures of each class to learn from; several numbers for several rows.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. defaults.PerClass] };
var repeats = new Option<int>("--repeats") { Description = "Draws of the handful; the mean and its spread are printed.", DefaultValueFactory = _ => defaults.Repeats }.AtLeast(1);
var sourcePictures = new Option<int>("--source-pictures") { Description = "Pictures to train the source network on.", DefaultValueFactory = _ => defaults.SourcePictures }.AtLeast(10);
var sourceEpochs = new Option<int>("--source-epochs") { Description = "Passes over them.", DefaultValueFactory = _ => defaults.SourceEpochs }.AtLeast(1);
var scratchSteps = new Option<int>("--scratch-steps") { Description = "Steps of 16 pictures that training from scratch and fine-tuning take on the handful.", DefaultValueFactory = _ => defaults.ScratchSteps }.AtLeast(1);
var tests = new Option<int>("--test-pictures") { Description = "Pictures to measure on, evenly of each class.", DefaultValueFactory = _ => defaults.TestPictures }.AtLeast(2);
var shippedPart = new Option<bool>("--shipped-part") { Description = "Take the part of Fashion-MNIST that ships with the samples also where the whole of it is installed." };
var output = new Option<string>("--out") { Description = "Folder of the source network and its run.", DefaultValueFactory = _ => defaults.Output };
var seed = new Option<int>("--seed") { Description = "Seed of everything that is drawn.", DefaultValueFactory = _ => defaults.Seed };
var threads = new Option<int>("--threads") { Description = "CPU threads, 0 for all cores." }.AtLeast(0);
var root = new RootCommand("Learns new classes from a handful of pictures: features of a trained network and a linear trainer, against training a network on the handful.")
{
    model, layer, data, test, perClass, repeats, sourcePictures, sourceEpochs, scratchSteps, tests, shippedPart, output, seed, threads,
};

return await SampleProgram.RunAsync(
    root,
    args,
    (parsed, cancellation) =>
    {
        var options = new TransferOptions
        {
            Model = parsed.GetValue(model),
            Layer = parsed.GetRequiredValue(layer),
            Data = parsed.GetValue(data),
            Test = parsed.GetValue(test),
            PerClass = parsed.GetRequiredValue(perClass),
            Repeats = parsed.GetValue(repeats),
            SourcePictures = parsed.GetValue(sourcePictures),
            SourceEpochs = parsed.GetValue(sourceEpochs),
            ScratchSteps = parsed.GetValue(scratchSteps),
            TestPictures = parsed.GetValue(tests),
            ShippedPart = parsed.GetValue(shippedPart),
            Output = parsed.GetRequiredValue(output),
            Seed = parsed.GetValue(seed),
            Threads = parsed.GetValue(threads),
        };
        if (options.PerClass.Count == 0 || options.PerClass.Any(count => count < 1))
        {
            throw new UsageException("--per-class: give one number or more, each at least 1.");
        }

        if (options.Data is not null && (options.Test is null || options.Model is null) || options.Test is not null && options.Data is null)
        {
            throw new UsageException("--data, --test and --model go together: give all three, or --model alone, or none for Fashion-MNIST.");
        }

        TransferExperiment.Run(options, cancellation);
    }).ConfigureAwait(false);
