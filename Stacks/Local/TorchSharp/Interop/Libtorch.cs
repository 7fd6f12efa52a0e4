using System;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace TorchSharp.Interop;

/// <summary>Errors of the library.</summary>
internal static unsafe class Libtorch
{
    private static readonly ConcurrentDictionary<long, ExceptionDispatchInfo> Thrown = new();
    private static long _lastException;

    /// <summary>Throws the last error if the result, an address or a handle, is null.</summary>
    internal static nint Check(nint result)
    {
        if (result == 0) ThrowLastError();
        return result;
    }

    /// <summary>Throws the last error if the result is negative.</summary>
    internal static int Check(int result)
    {
        if (result < 0) ThrowLastError();
        return result;
    }

    /// <summary>Throws what libtorch threw last on this thread, or the exception of the callback that made it throw.</summary>
    internal static void ThrowLastError()
    {
        long id;
        var message = Marshal.PtrToStringUTF8((nint)NativeMethods.anml_last_error(&id));
        if (id != 0 && Thrown.TryRemove(id, out var exception)) exception.Throw();
        throw new ExternalException(message);
    }

    /// <summary>Keeps a callback's exception until the call that it travels through has come back; returns its id, not zero.</summary>
    internal static long Keep(Exception exception)
    {
        var id = Interlocked.Increment(ref _lastException);
        Thrown[id] = ExceptionDispatchInfo.Capture(exception);
        return id;
    }
}
