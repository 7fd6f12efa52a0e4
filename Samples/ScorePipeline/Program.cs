using System.CommandLine;
using AlexNetMl.Samples;
using AlexNetMl.Samples.ScorePipeline;

var model = new Option<string>("--model") { Description = "An ONNX file, or the folder that holds it as model.onnx.", DefaultValueFactory = _ => Path.Combine("models", "fashion-resnet") };
var data = new Option<string?>("--data") { Description = "Folder of pictures (JPEG, PNG, WebP, GIF, BMP), or of class folders of them. Default: Fashion-MNIST's test pictures." };
var rows = new Option<int>("--rows") { Description = "Rows to print.", DefaultValueFactory = _ => 5 }.AtLeast(0);
var batch = new Option<int>("--batch") { Description = "Pictures in a batch.", DefaultValueFactory = _ => 64 }.AtLeast(1);
var root = new RootCommand("Scores pictures with an ONNX network as an ML.NET pipeline, in batches.") { model, data, rows, batch };

return await SampleProgram.RunAsync(
    root,
    args,
    (parsed, cancellation) =>
    {
        string? folder = parsed.GetValue(data);
        if (folder is null)
        {
            string pictures = Path.Combine("artifacts", "fashion-mnist");
            FashionMnist.WriteFolders(pictures, new ConsoleLines(), FashionMnistSets.Test, cancellationToken: cancellation);
            folder = Path.Combine(pictures, "test");
        }

        Pipeline.Score(parsed.GetRequiredValue(model), PictureRow.List(folder), parsed.GetValue(batch), parsed.GetValue(rows));
    }).ConfigureAwait(false);
