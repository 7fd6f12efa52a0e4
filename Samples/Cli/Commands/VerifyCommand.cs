using System.CommandLine;
using System.Globalization;
using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using AlexNetMl.Scoring;

namespace AlexNetMl.Cli.Commands;

/// <summary>alexnetml verify: what a file is, and whether it computes here what it computed where it was exported.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "An .onnx file, or a folder with model.onnx.", Required = true, HelpName = "model.onnx" };
        Option<string> device = CommonOptions.Device();
        Option<int> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("verify", "Proves a file by its golden rows on the device at hand, and its copies of labels and preprocessing by its metadata.") { model, device, threads, json };
        command.Runs((parsed, _) => Verify(parsed.GetRequiredValue(model), CommonOptions.OneDevice(parsed.GetRequiredValue(device)), parsed.GetValue(threads), new Output(parsed.GetValue(json))));
        return command;
    }

    private static void Verify(string model, OnnxDevice device, int threads, Output console)
    {
        string path = Directory.Exists(model) ? Path.Combine(model, "model.onnx") : model;
        ModelProto proto = OnnxFile.Read(path);
        OnnxImageModelMetadata metadata = OnnxImageModelMetadata.FromDictionary(OnnxFile.ReadMetadata(path));
        long opset = proto.OpsetImport.Where(set => set.Domain.Length == 0).Select(set => set.Version).DefaultIfEmpty().Max();
        console.Line($"file: {path}, {new FileInfo(path).Length / 1e6:F2} MB");
        console.Line($"format: opset {opset}, IR {proto.IrVersion}, {proto.Graph.Node.Count} nodes, {metadata.Precision}, input form {metadata.InputForm}");
        var constants = proto.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        string[] inputs = [.. proto.Graph.Input.Where(input => !constants.Contains(input.Name)).Select(Describe)];
        string[] outputs = [.. proto.Graph.Output.Select(Describe)];
        console.Line($"inputs: {string.Join(", ", inputs)}");
        console.Line($"outputs: {string.Join(", ", outputs)}");
        foreach ((string what, string? text) in new[] { ("decoder", metadata.Decoder), ("fingerprint", metadata.Fingerprint), ("author", metadata.Author), ("licence", metadata.Licence) })
        {
            if (text is not null)
            {
                console.Line($"{what}: {text}");
            }
        }

        OnnxModelCopies.Check(path, metadata);
        GoldenRowReport? report = GoldenRows.Check(path, device, threads);
        console.Line(report is null
            ? $"golden rows: none in this file; export it anew to have it prove itself"
            : $"golden rows: {report.Rows} on {report.Provider}, {report.Output} differs by {report.Difference:0.0e+0} of its largest magnitude (allowed: {report.Tolerance:0.0e+0})");
        console.Result(new
        {
            Model = path,
            Opset = opset,
            proto.IrVersion,
            Precision = metadata.Precision.ToString(),
            Input = metadata.InputForm.ToString(),
            Inputs = inputs,
            Outputs = outputs,
            report?.Provider,
            report?.Rows,
            report?.Output,
            report?.Difference,
            report?.Tolerance,
            Passed = report?.Passed,
        });
        if (report is { Passed: false })
        {
            throw new OnnxScoringException(string.Create(
                CultureInfo.InvariantCulture,
                $"'{path}' does not compute on {report.Provider} what it was exported with: '{report.Output}' differs by {report.Difference:0.0e+0} (allowed: {report.Tolerance:0.0e+0}). Export it anew, or use another device."));
        }
    }

    private static string Describe(ValueInfoProto value)
    {
        TypeProto.Types.Tensor? tensor = value.Type?.TensorType;
        string shape = string.Join(", ", tensor?.Shape?.Dim.Select(axis => axis.DimParam.Length > 0 ? axis.DimParam : axis.DimValue.ToString(CultureInfo.InvariantCulture)) ?? []);
        return $"{value.Name} [{shape}] {((TensorProto.Types.DataType)(tensor?.ElemType ?? 0)).ToString().ToLowerInvariant()}";
    }
}
