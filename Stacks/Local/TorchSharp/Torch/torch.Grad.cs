#nullable enable
using System;
using TorchSharp.Interop;

namespace TorchSharp;

// Where autograd records, and where not.
public static partial class torch
{
    public static IDisposable no_grad() => new AutoGradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new AutoGradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new AutoGradMode(mode);

    public static bool is_grad_enabled() => AutoGradMode.IsEnabled;

    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_inference_mode_enabled() => NativeMethods.anml_inference_mode() != 0;
}

/// <summary>Sets the thread's mode, and what it was before when disposed.</summary>
internal sealed class AutoGradMode : IDisposable
{
    private readonly bool _previous;

    public AutoGradMode(bool enabled)
    {
        _previous = IsEnabled;
        NativeMethods.anml_set_grad_mode(enabled ? 1 : 0);
    }

    public static bool IsEnabled => NativeMethods.anml_grad_mode() != 0;

    public void Dispose() => NativeMethods.anml_set_grad_mode(_previous ? 1 : 0);
}

internal sealed class InferenceMode : IDisposable
{
    private nint _guard;

    public InferenceMode(bool mode)
    {
        _guard = NativeMethods.anml_enter_inference_mode(mode ? 1 : 0);
    }

    public void Dispose()
    {
        if (_guard == 0) return;
        NativeMethods.anml_leave_inference_mode(_guard);
        _guard = 0;
    }
}
