namespace AlexNetMl.Scoring;

/// <summary>Where ONNX Runtime computes.</summary>
public sealed class OnnxDevice
{
    private OnnxDevice(bool isCuda, int deviceId, bool fallbackToCpu)
    {
        IsCuda = isCuda;
        DeviceId = deviceId;
        FallbackToCpu = fallbackToCpu;
    }

    /// <summary>The processor.</summary>
    public static OnnxDevice Cpu { get; } = new(isCuda: false, deviceId: 0, fallbackToCpu: false);

    /// <summary>Whether this is an NVIDIA GPU.</summary>
    public bool IsCuda { get; }

    /// <summary>The GPU's number, from 0; 0 for the processor.</summary>
    public int DeviceId { get; }

    /// <summary>Whether the processor serves where CUDA does not; the reason is kept. Otherwise that is an error.</summary>
    public bool FallbackToCpu { get; }

    /// <summary>
    /// An NVIDIA GPU. It needs an ONNX Runtime with the CUDA provider, an NVIDIA driver, and the CUDA and cuDNN libraries. What is missing is
    /// an error that names it; it never silently becomes the processor unless asked to.
    /// </summary>
    /// <param name="deviceId">The GPU's number, from 0.</param>
    /// <param name="fallbackToCpu">Use the processor where CUDA does not start, and say why in <c>FallbackReason</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static OnnxDevice Cuda(int deviceId = 0, bool fallbackToCpu = false) => deviceId >= 0
        ? new OnnxDevice(isCuda: true, deviceId, fallbackToCpu)
        : throw new ArgumentOutOfRangeException(nameof(deviceId), deviceId, "GPUs are numbered from 0; for the processor use OnnxDevice.Cpu.");

    /// <summary><c>cpu</c> or <c>cuda:0</c>.</summary>
    public override string ToString() => IsCuda ? $"cuda:{DeviceId}" : "cpu";
}
