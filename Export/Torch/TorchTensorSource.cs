using AlexNetMl.Onnx;
using AlexNetMl.Onnx.Proto;
using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>
/// A weight that is written from where torch holds it. Only a tensor on another device or with gaps in memory is copied, and only while
/// it is being written.
/// </summary>
internal sealed class TorchTensorSource(string name, Tensor tensor, CancellationToken cancellationToken) : IOnnxTensorSource
{
    // Small enough that a cancelled export stops within milliseconds, large enough that the calls cost nothing.
    private const int BlockBytes = 4 << 20;

    public string Name { get; } = name;

    public TensorProto.Types.DataType ElementType => TensorProto.Types.DataType.Float;

    public IReadOnlyList<long> Dimensions { get; } = tensor.shape;

    public long ByteLength { get; } = tensor.NumberOfElements * sizeof(float);

    public void WriteTo(Stream destination)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        Tensor source = tensor;
        if (source.device_type != DeviceType.CPU)
        {
            source = source.cpu();
        }

        if (!source.is_contiguous())
        {
            source = source.contiguous();
        }

        ReadOnlySpan<byte> bytes = source.bytes;
        for (int start = 0; start < bytes.Length; start += BlockBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            destination.Write(bytes.Slice(start, Math.Min(BlockBytes, bytes.Length - start)));
        }
    }
}
