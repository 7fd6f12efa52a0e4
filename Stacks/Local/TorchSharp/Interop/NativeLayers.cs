#nullable enable
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>What the native part has beyond libtorch's operators.</summary>
internal static unsafe class NativeLayers
{
    /// <summary>Local response normalization on CUDA, with its gradient; null where there is no kernel for the tensor or the parameters.</summary>
    internal static Tensor? LocalResponseNorm(Tensor input, long size, double alpha, double beta, double k)
    {
        int failed;
        var result = NativeMethods.anml_local_response_norm(input.Handle, size, alpha, beta, k, &failed);
        if (failed != 0) Libtorch.ThrowLastError();
        return result == 0 ? null : new Tensor(result);
    }
}
