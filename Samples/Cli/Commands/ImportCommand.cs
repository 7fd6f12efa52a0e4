using System.CommandLine;
using AlexNetMl.Export;

namespace AlexNetMl.Cli.Commands;

/// <summary>alexnetml import: an ONNX file as a run that can be evaluated, trained on and exported.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "The .onnx file, or a folder with model.onnx.", Required = true, HelpName = "model.onnx" };
        var folder = new Option<string>("--out") { Description = "Folder of the run. train --out RUN --resume --data DIR trains on, also for other classes.", Required = true, HelpName = "RUN" };
        var labels = new Option<string>("--labels") { Description = "One label a line, in the order of the outputs. Default: the file's own.", HelpName = "labels.txt" };
        var preprocessing = new Option<string>("--preprocessing") { Description = "How a picture becomes a tensor, as Hugging Face models keep it. Default: the file's own.", HelpName = "preprocessor_config.json" };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("import", "Makes a trainable run of an ONNX file, compared with ONNX Runtime before it is there.") { model, folder, labels, preprocessing, json };
        command.Runs((parsed, cancellation) =>
        {
            var console = new Output(parsed.GetValue(json));
            string source = parsed.GetRequiredValue(model);
            if (!File.Exists(source) && !Directory.Exists(source))
            {
                throw new FileNotFoundException($"'{source}' does not exist: give an .onnx file, or a folder with model.onnx.");
            }

            OnnxRunReport report = OnnxRuns.Import(source, parsed.GetRequiredValue(folder), new OnnxRunOptions
            {
                Labels = parsed.GetValue(labels) is { } list ? ExportSource.ReadLabels(list) : null,
                Preprocessing = parsed.GetValue(preprocessing) is { } config ? ExportSource.ReadPreprocessing(config) : null,
            }, cancellation);
            console.Line($"network: {report.Layers} layers, {report.Parameters:N0} parameters, opset {report.Opset}, {report.Classes.Count} classes, side {report.Preprocessing.CropSide} of {report.Preprocessing.ShorterSide}");
            console.Line($"verified: torch against ONNX Runtime, worst relative difference {report.WorstRelativeDifference:0.0e+0}");
            console.Line($"run: {report.Folder}, train on with train --out {report.Folder} --resume --data DIR");
            console.Result(new { Run = report.Folder, report.Layers, report.Parameters, report.Opset, report.Classes, Side = report.Preprocessing.CropSide, report.Preprocessing.ShorterSide, report.WorstRelativeDifference });
        });
        return command;
    }
}
