using TorchSharp;
using static TorchSharp.torch;

namespace AlexNetMl.Export;

/// <summary>
/// Keeps CUDA's convolutions and products in float32 while a network is compared: with TF32, which torch uses for convolutions unless told
/// otherwise, they keep ten bits of every number, and nothing finer than 1e-3 could be compared.
/// </summary>
internal sealed class ExactArithmetic : IDisposable
{
    private readonly bool _onCuda;
    private readonly bool _convolutions;
    private readonly bool _products;

    public ExactArithmetic(Device device)
    {
        _onCuda = device.type == DeviceType.CUDA;
        if (_onCuda)
        {
            _convolutions = backends.cudnn.allow_tf32;
            _products = backends.cuda.matmul.allow_tf32;
            backends.cudnn.allow_tf32 = false;
            backends.cuda.matmul.allow_tf32 = false;
        }
    }

    public void Dispose()
    {
        if (_onCuda)
        {
            backends.cudnn.allow_tf32 = _convolutions;
            backends.cuda.matmul.allow_tf32 = _products;
        }
    }
}
