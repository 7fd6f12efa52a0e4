using System.Runtime.InteropServices;

namespace AlexNetMl.Imaging;

/// <summary>A thread that decodes pictures for a network which computes on the same cores.</summary>
internal static partial class DecodingThread
{
    private const int Steps = 10;           // a ninth of the others' share where all want the core

    /// <summary>
    /// Lowers the calling thread's priority below those of its process that compute, for the rest of its life: it then decodes in their gaps, and on all cores while
    /// they wait for it. A network's threads go through an operator together, so one that a decoder holds up holds up all of them.
    /// </summary>
    /// <remarks>
    /// Linux has a niceness for each thread, Windows priorities; elsewhere nothing happens. It cannot be undone: only for threads of one's own, and not where the
    /// network is on a GPU, since other programs' threads then come first for nothing.
    /// </remarks>
    internal static void LowerPriority()
    {
        if (OperatingSystem.IsLinux())
            _ = Nice(Steps);                // fails only where the increment is negative
        else if (OperatingSystem.IsWindows())
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
    }

    [LibraryImport("libc", EntryPoint = "nice")]
    private static partial int Nice(int increment);
}
