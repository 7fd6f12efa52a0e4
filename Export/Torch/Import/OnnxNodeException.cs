using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Export;

// What is not supported about one node; the session collects them.
internal sealed class OnnxNodeException(NodeProto node, string reason) : Exception(reason)
{
    public NodeProto Node { get; } = node;
}
