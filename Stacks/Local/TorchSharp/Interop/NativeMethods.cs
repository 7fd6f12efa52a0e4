using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp.Interop;

/// <summary>The C entry points of Stacks/Local/Native.</summary>
internal static unsafe class NativeMethods
{
    private const string Library = "alexnetml_torch";

    /// <summary>Runs before the library is loaded, which the first of its functions does.</summary>
    static NativeMethods()
    {
        // Idle OpenMP threads spin for some hundredths of a millisecond, then sleep. By default they spin on, and take the cores from the C# that runs
        // between torch's parallel regions and from other processes. Measured on two cores, images/s in training at side 28 with rounds of
        // 100,000, 10,000, 4,000, 1,000 and 100: AlexNet of width 0.2 3,254, 4,315, 4,474, 4,561, 3,615; GoogLeNet of width 0.25 647, 654, 710, 633, 479, and
        // with two other processes that take all they get, for the first four, less than 64, 105, 142, 158. Steps at side 224 of DenseNet-121, ResNet-18 and
        // GoogLeNet are as fast with 4,000 as with 100,000.
        // OpenMP reads the C environment, which .NET's own setter does not reach.
        if (OperatingSystem.IsLinux() && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OMP_WAIT_POLICY"))) {
            fixed (byte* name = "GOMP_SPINCOUNT\0"u8, value = "4000\0"u8) _ = setenv(name, value, 0);
        }
        // Debian's libtorch may run on a single thread otherwise.
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OMP_NUM_THREADS"))) {
            _ = anml_set_threads(Environment.ProcessorCount, 0);
        }
    }

    [DllImport("libc")] private static extern int setenv(byte* name, byte* value, int overwrite);

    [DllImport(Library)] internal static extern byte* anml_last_error(long* managedException);
    [DllImport(Library)] internal static extern byte* anml_torch_version();

    [DllImport(Library)] internal static extern nint anml_find_operator(byte* name, byte* overload);
    [DllImport(Library)]
    internal static extern int anml_call(nint op, NativeValue* arguments, int count, NativeValue* results, int capacity);

    [DllImport(Library)] internal static extern void anml_free(nint tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern long anml_live_handles();
    [DllImport(Library)]
    internal static extern nint anml_from_blob(
        void* data, long* sizes, int dimensions, int dtype, delegate* unmanaged<nint, void> release, nint context);
    [DllImport(Library), SuppressGCTransition] internal static extern int anml_describe(nint tensor, Description* description);
    [DllImport(Library)] internal static extern void* anml_data(nint tensor);
    [DllImport(Library)] internal static extern nint anml_index(nint tensor, NativeIndex* indices, int count);
    [DllImport(Library)] internal static extern int anml_index_put(nint tensor, NativeIndex* indices, int count, nint value);

    [DllImport(Library)]
    internal static extern nint anml_local_response_norm(nint x, long size, double alpha, double beta, double k, int* failed);

    [DllImport(Library)] internal static extern int anml_cuda_devices();
    [DllImport(Library)] internal static extern int anml_cudnn_available();
    [DllImport(Library)] internal static extern int anml_cuda_synchronize(int device);
    [DllImport(Library)] internal static extern int anml_get_tf32(int library);
    [DllImport(Library)] internal static extern int anml_set_tf32(int library, int allowed);
    [DllImport(Library)] internal static extern int anml_get_threads(int interop);
    [DllImport(Library)] internal static extern int anml_set_threads(int count, int interop);

    [DllImport(Library)] internal static extern nint anml_generator_default();
    [DllImport(Library)] internal static extern nint anml_generator_new(ulong seed, int deviceType, int deviceIndex);
    [DllImport(Library)] internal static extern void anml_generator_free(nint generator);
    [DllImport(Library)] internal static extern int anml_manual_seed(ulong seed);
    [DllImport(Library)] internal static extern int anml_generator_seed(nint generator, ulong seed);
    [DllImport(Library)] internal static extern ulong anml_generator_initial_seed(nint generator);
    [DllImport(Library)] internal static extern nint anml_generator_get_state(nint generator);
    [DllImport(Library)] internal static extern int anml_generator_set_state(nint generator, nint state);

    [DllImport(Library), SuppressGCTransition] internal static extern int anml_grad_mode();
    [DllImport(Library), SuppressGCTransition] internal static extern void anml_set_grad_mode(int enabled);
    [DllImport(Library)] internal static extern int anml_inference_mode();
    [DllImport(Library)] internal static extern nint anml_enter_inference_mode(int enabled);
    [DllImport(Library)] internal static extern void anml_leave_inference_mode(nint guard);
    [DllImport(Library)] internal static extern int anml_anomaly_mode();
    [DllImport(Library)] internal static extern void anml_set_anomaly_mode(int enabled, int checkNan);

    [DllImport(Library), SuppressGCTransition] internal static extern int anml_requires_grad(nint tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern int anml_is_leaf(nint tensor);
    [DllImport(Library)] internal static extern int anml_set_requires_grad(nint tensor, int value);
    [DllImport(Library)] internal static extern int anml_retain_grad(nint tensor);
    [DllImport(Library)] internal static extern nint anml_grad(nint tensor, int* failed);
    [DllImport(Library)] internal static extern int anml_set_grad(nint tensor, nint grad);
    [DllImport(Library)]
    internal static extern int anml_backward(
        nint* tensors, int count, nint* grads, int gradCount, int retainGraph, int createGraph, nint* inputs, int inputCount);
    [DllImport(Library)]
    internal static extern int anml_grad_of(
        nint* outputs, int count, nint* inputs, int inputCount, nint* grads, int gradCount, int retainGraph, int createGraph,
        int allowUnused, nint* results);

    [DllImport(Library)]
    internal static extern nint anml_node_new(
        delegate* unmanaged<nint, nint*, int, nint*, int, long> backward, delegate* unmanaged<nint, void> release, nint context);
    [DllImport(Library)] internal static extern void anml_node_free(nint node);
    [DllImport(Library)] internal static extern nint anml_node_pointer(nint node);
    [DllImport(Library)] internal static extern int anml_node_connect(nint pointer, nint* inputs, int count, int executable);
    [DllImport(Library)]
    internal static extern int anml_node_wrap(
        nint node, int executable, nint* inputs, int count, nint* notDifferentiable, int notDifferentiableCount, nint* dirty,
        int dirtyCount, int materializeGrads, nint* outputs, int outputCount, nint* results);
    [DllImport(Library)] internal static extern int anml_node_save(nint pointer, nint* tensors, int count);
    [DllImport(Library)] internal static extern int anml_node_saved_count(nint pointer);
    [DllImport(Library)] internal static extern int anml_node_saved(nint pointer, nint* results);
}
