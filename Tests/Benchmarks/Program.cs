using AlexNetMl.Benchmarks;

// Every benchmark prints its own table: both sides in one run, several repeats, medians.
var benchmarks = new Dictionary<string, (string Meaning, Action<TextWriter> Run)>(StringComparer.OrdinalIgnoreCase)
{
    ["torch-call"] = ("time of one tiny torch operator called from C#", TorchCallOverhead.Run),
    ["training-memory"] = ("tensor count and resident memory over 7,000 training steps, the first 2,000 a warm-up", TrainingMemory.Run),
    ["lrn"] = ("fused local response normalisation against torch's composite", LocalResponseNormRate.Run),
    ["lrn-cuda"] = ("fused local response normalisation against torch's composite, on a GPU", LocalResponseNormCuda.Run),
    ["optimizer"] = ("one step of the optimiser on the paper's parameters against torch's SGD and the memory limit", OptimizerRate.Run),
    ["training-data"] = ("training of AlexNet-224 from JPEG files, from a cache and from a ready batch", TrainingDataRate.Run),
    ["loader"] = ("augmented float batches from a warm picture cache, one core", LoaderRate.Run),
    ["alexnet-step"] = ("a training step of AlexNet-224 against PyTorch eager", AlexNetStepRate.Run),
    ["network-step"] = ("a training step of VGG, GoogLeNet, ResNet, DenseNet against torchvision's under PyTorch eager", NetworkStepRate.Run),
    ["export"] = ("writing AlexNet-224 as ONNX, unverified, against writing as many bytes to the same disk", ExportRate.Run),
    ["onnx-lrn"] = ("ways of writing local response normalisation as ONNX nodes, on ONNX Runtime", OnnxLrnForms.Run),
    ["export-lrn"] = ("an exported AlexNet-224 against the same network with LRN nodes, on ONNX Runtime", ExportLrnRate.Run),
    ["pipeline"] = ("AlexNet-224 from JPEG files through ML.NET, against a simple loop and ML.NET's own chain", PipelineRate.Run),
    ["pipeline-decoded"] = ("AlexNet-224 from decoded pictures through ML.NET, against raw ONNX Runtime on ready batches", PipelineRate.RunDecoded),
    ["pipeline-single"] = ("single predictions of AlexNet-224 against raw ONNX Runtime at batch 1", PipelineRate.RunSingle),
    ["pipeline-memory"] = ("memory over long data, many predictions and many engines", PipelineMemory.Run),
    ["load"] = ("loading a model with its golden rows checked, against loading it without", LoadRate.Run),
    ["export-int8"] = ("an exported AlexNet-224 in eight bits against float32, on ONNX Runtime", ExportInt8Rate.Run),
    ["resampler"] = ("resize alone, every filter, against Pillow, per core", ResamplerRate.Run),
    ["imaging"] = ("from JPEG bytes to a normalised tensor against Pillow and torchvision, per core", ImagingRate.Run),
    ["score"] = ("a scoring job, JPEG files through AlexNet-224 to rows, against decoding alone and the network alone", ScoreRate.Run),
};

if (args.Length == 0 || args.Any(name => name is "--help" or "-h" || !(benchmarks.ContainsKey(name) || name == "all")))
{
    Console.WriteLine("usage: dotnet run --project Tests/Benchmarks -- all | NAME…");
    foreach (var (name, (meaning, _)) in benchmarks)
    {
        Console.WriteLine($"  {name,-16} {meaning}");
    }

    return args.Any(name => name is "--help" or "-h") ? 0 : 2;
}

foreach (string name in args[0] == "all" ? [.. benchmarks.Keys] : args)
{
    Console.WriteLine($"== {name}: {benchmarks[name].Meaning}");
    benchmarks[name].Run(Console.Out);
}

return 0;
