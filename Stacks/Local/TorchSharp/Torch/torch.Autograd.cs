using System;
using System.Collections.Generic;
using TorchSharp.Interop;

namespace TorchSharp;

public class AnomalyMode : IDisposable
{
    private readonly bool _enabled;
    private readonly bool _checkNan;

    public AnomalyMode(bool enabled, bool check_nan = true)
    {
        _enabled = IsEnabled;
        _checkNan = ShouldCheckNaN;
        NativeMethods.anml_set_anomaly_mode(enabled ? 1 : 0, check_nan ? 1 : 0);
    }

    public static bool IsEnabled => (NativeMethods.anml_anomaly_mode() & 1) != 0;

    public static bool ShouldCheckNaN => (NativeMethods.anml_anomaly_mode() & 2) != 0;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing) NativeMethods.anml_set_anomaly_mode(_enabled ? 1 : 0, _checkNan ? 1 : 0);
    }
}

public static partial class torch
{
    public static unsafe partial class autograd
    {
        public static AnomalyMode detect_anomaly(bool check_nan = true) => new(true, check_nan);

        public static AnomalyMode set_detect_anomaly(bool mode, bool check_nan = true) => new(mode, check_nan);

        public static void backward(
            IList<Tensor> tensors, IList<Tensor> grad_tensors = null, bool? retain_graph = null, bool create_graph = false,
            IList<Tensor> inputs = null)
        {
            var outputHandles = Handles(tensors);
            var gradHandles = Handles(grad_tensors);
            var inputHandles = Handles(inputs);
            fixed (nint* outputPointer = outputHandles, gradPointer = gradHandles, inputPointer = inputHandles) {
                Libtorch.Check(NativeMethods.anml_backward(
                    outputPointer, outputHandles.Length, gradPointer, gradHandles.Length, retain_graph ?? create_graph ? 1 : 0,
                    create_graph ? 1 : 0, inputPointer, inputHandles.Length));
            }
            GC.KeepAlive(tensors);
            GC.KeepAlive(grad_tensors);
            GC.KeepAlive(inputs);
        }

        public static void backward(
            Tensor tensor, IList<Tensor> grad_tensors = null, bool? retain_graph = null, bool create_graph = false,
            IList<Tensor> inputs = null) => backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(
            Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor> inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        public static IList<Tensor> grad(
            IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor> grad_outputs = null, bool retain_graph = false,
            bool create_graph = false, bool allow_unused = false)
        {
            var outputHandles = Handles(outputs);
            var inputHandles = Handles(inputs);
            var gradHandles = Handles(grad_outputs);
            var results = new nint[inputHandles.Length];
            fixed (nint* outputPointer = outputHandles, inputPointer = inputHandles, gradPointer = gradHandles, resultPointer = results) {
                Libtorch.Check(NativeMethods.anml_grad_of(
                    outputPointer, outputHandles.Length, inputPointer, inputHandles.Length, gradPointer, gradHandles.Length,
                    retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, resultPointer));
            }
            GC.KeepAlive(outputs);
            GC.KeepAlive(inputs);
            GC.KeepAlive(grad_outputs);
            // An input without a part in the outputs has an invalid tensor, as in the package.
            return new List<Tensor>(Array.ConvertAll(results, handle => new Tensor(handle)));
        }

        internal static nint[] Handles(IList<Tensor> tensors)
        {
            var handles = new nint[tensors?.Count ?? 0];
            for (var i = 0; i < handles.Length; i++) handles[i] = tensors[i] is null or { IsInvalid: true } ? 0 : tensors[i].Handle;
            return handles;
        }
    }
}
