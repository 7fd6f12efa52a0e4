namespace AlexNetMl.Export;

// What is not supported about one node; the session collects them.
internal sealed class OnnxNodeException(string reason) : Exception(reason);
