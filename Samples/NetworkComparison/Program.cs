using System.CommandLine;
using AlexNetMl.Samples.NetworkComparison;

var data = new Option<string?>("--data") { Description = "Folder with train/ and test/ of class folders. Default: Fashion-MNIST." };
var networks = new Option<string[]>("--networks") { Description = "Networks and their widths, such as resnet18:0.25 (alexnetml networks lists them).", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. ComparisonOptions.DefaultNetworks] };
var epochs = new Option<int>("--epochs") { Description = "Passes over the pictures, for every network as many.", DefaultValueFactory = _ => 5 };
var pictures = new Option<int>("--pictures") { Description = "Training pictures, 0 for all.", DefaultValueFactory = _ => 10_000 };
var minutes = new Option<double>("--minutes") { Description = "Bound of all trainings together: where the epochs do not fit, every network gets fewer. 0 for none." };
var side = new Option<int>("--side") { Description = "Side of the networks' input in pixels; pictures are resized to 8/7 of it.", DefaultValueFactory = _ => 28 };
var batch = new Option<int>("--batch") { Description = "Pictures per step.", DefaultValueFactory = _ => 64 };
var threads = new Option<int>("--threads") { Description = "CPU threads, 0 for all cores." };
var seed = new Option<long>("--seed") { Description = "Seed of weights, order and crops.", DefaultValueFactory = _ => 1 };
var output = new Option<string>("--out") { Description = "Folder of the runs, the table and the charts. Networks that are done there already are kept.", DefaultValueFactory = _ => Path.Combine("artifacts", "networks") };
var root = new RootCommand("Trains several networks on the same pictures with equal epochs: accuracy, size, and images per second in training and scoring.")
{
    data, networks, epochs, pictures, minutes, side, batch, threads, seed, output,
};

// On another thread: what ends the process on a signal waits for a task, and there is none while this call has not returned.
root.SetAction((parsed, cancellation) => Task.Run(
() =>
{
    try
    {
        var options = new ComparisonOptions
        {
            Data = parsed.GetValue(data), Networks = [.. parsed.GetRequiredValue(networks).Select(Contestant.Parse)], Epochs = parsed.GetValue(epochs), Pictures = parsed.GetValue(pictures),
            Minutes = parsed.GetValue(minutes), Side = parsed.GetValue(side), BatchSize = parsed.GetValue(batch), Threads = parsed.GetValue(threads), Seed = parsed.GetValue(seed), Output = parsed.GetRequiredValue(output),
        };
        if (options.Epochs < 1 || options.Pictures < 0 || !(options.Minutes >= 0) || options.BatchSize < 1 || options.Networks.Count == 0)
        {
            throw new ArgumentException("Networks, epochs and pictures in a batch are at least 1, pictures and minutes at least 0.");
        }

        Comparison.Run(options, cancellation);
        return 0;
    }
    catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
    {
        Console.Error.WriteLine("cancelled; the same command goes on from the last checkpoint");
        return 130;
    }
    catch (ArgumentException error)
    {
        Console.Error.WriteLine($"error: {error.Message} (--help lists the options)");
        return 2;
    }
    catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException or InvalidOperationException)
    {
        Console.Error.WriteLine($"error: {error.Message}");
        return 1;
    }
},
CancellationToken.None));

var arguments = root.Parse(args);
if (arguments.Errors.Count > 0)
{
    Console.Error.WriteLine($"error: {string.Join(" ", arguments.Errors.Select(e => e.Message))} (--help lists the options)");
    return 2;
}

return await arguments.InvokeAsync().ConfigureAwait(false);
