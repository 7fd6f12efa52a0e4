namespace AlexNetMl.Training;

/// <summary>Names of what a run's folder holds.</summary>
internal static class RunFiles
{
    internal const string Description = "run.json";
    internal const string Preprocessing = "preprocessor_config.json";
    internal const string Statistics = "statistics.safetensors";
    internal const string Metrics = "metrics.jsonl";
    internal const string Report = "report.html";
    internal const string Weights = "weights.safetensors";
    internal const string Best = "best.safetensors";
    internal const string Skipped = "skipped.txt";
    internal const string Checkpoints = "checkpoints";
    internal const string Lock = ".lock";
}
