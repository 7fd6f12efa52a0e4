using System.Diagnostics;

namespace AlexNetMl.Export.Tests;

/// <summary>
/// ONNX's own checker with strict shape inference, where Python has it; inferred shapes must be the ones that the files state.
/// </summary>
internal static class OfficialChecker
{
    private const string Script = """
        import glob, sys
        try:
            import onnx.checker
            from onnx import shape_inference
        except ImportError:
            sys.exit(99)
        def shape(value):
            return [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]
        for path in sorted(glob.glob(sys.argv[1] + "/*.onnx")):
            model = onnx.load(path)
            onnx.checker.check_model(model, full_check=True)
            stated = {v.name: shape(v) for v in list(model.graph.value_info) + list(model.graph.output)}
            del model.graph.value_info[:]
            inferred = shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
            for value in list(inferred.graph.value_info) + list(inferred.graph.output):
                if shape(value) != stated[value.name]:
                    sys.exit(f"{path}: {value.name} is stated as {stated[value.name]}, inferred as {shape(value)}")
        """;

    public static void Check(string folder)
    {
        const string Python = "/usr/bin/python3";
        if (!File.Exists(Python))
        {
            Assert.Inconclusive("No python3 here to run ONNX's checker.");
        }

        using Process process = Process.Start(new ProcessStartInfo(Python, ["-c", Script, folder]) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode == 99)
        {
            Assert.Inconclusive("Python has no onnx package here to run ONNX's checker.");
        }

        Assert.AreEqual(0, process.ExitCode, error);
    }
}
