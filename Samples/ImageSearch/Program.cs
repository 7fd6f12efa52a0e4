using System.CommandLine;
using AlexNetMl.Samples;
using AlexNetMl.Samples.ImageSearch;

var defaults = new SearchOptions();
var model = new Option<string>("--model") { Description = "An ONNX file, or the folder that holds it as model.onnx.", DefaultValueFactory = _ => defaults.Model };
var layer = new Option<string>("--layer") { Description = "The layer whose activations are compared: the last hidden one in the paper.", DefaultValueFactory = _ => defaults.Layer };
var gallery = new Option<string?>("--gallery") { Description = "Folder of class folders of pictures to search. Default: Fashion-MNIST's training pictures." };
var queries = new Option<string?>("--queries") { Description = "Folder of class folders of pictures to search with. Default: Fashion-MNIST's test pictures; with --gallery it must be given." };
var pictures = new Option<int>("--pictures") { Description = "Pictures to search, evenly of each class.", DefaultValueFactory = _ => defaults.Pictures }.AtLeast(2);
var count = new Option<int>("--count") { Description = "Pictures to search with, evenly of each class; all count in the figures.", DefaultValueFactory = _ => defaults.Queries }.AtLeast(2);
var neighbours = new Option<int>("--neighbours") { Description = "Nearest pictures to show.", DefaultValueFactory = _ => defaults.Neighbours }.AtLeast(1);
var output = new Option<string>("--out") { Description = "Folder of the page.", DefaultValueFactory = _ => defaults.Output };
var root = new RootCommand("Finds the pictures that a network's last hidden layer holds to be nearest: Figure 4 (right) of the AlexNet paper.")
{
    model, layer, gallery, queries, pictures, count, neighbours, output,
};

return await SampleProgram.RunAsync(
    root,
    args,
    (parsed, cancellation) =>
    {
        var options = new SearchOptions
        {
            Model = parsed.GetRequiredValue(model),
            Layer = parsed.GetRequiredValue(layer),
            Gallery = parsed.GetValue(gallery),
            QueryFolder = parsed.GetValue(queries),
            Pictures = parsed.GetValue(pictures),
            Queries = parsed.GetValue(count),
            Neighbours = parsed.GetValue(neighbours),
            Output = parsed.GetRequiredValue(output),
        };
        if (options.Gallery is null != options.QueryFolder is null)
        {
            throw new UsageException("--gallery and --queries go together: give both, or neither for Fashion-MNIST.");
        }

        Search.Run(options, cancellation);
    }).ConfigureAwait(false);
