using System.Diagnostics;
using System.Globalization;

namespace AlexNetMl.Benchmarks;

/// <summary>A Python process that runs a script such as alexnet_step.py and waits for its turns.</summary>
internal sealed class PyTorchStep : IDisposable
{
    private const string DebianPython = "/usr/bin/python3";
    private readonly Process _process;

    private PyTorchStep(Process process, string description) => (_process, Description) = (process, description);

    /// <summary>Version, threads and libraries.</summary>
    internal string Description { get; }

    /// <summary>The Python of ALEXNETML_PYTHON or Debian's; null, and the reason, where it has no PyTorch.</summary>
    /// <param name="script">The script, beside the benchmarks.</param>
    /// <param name="threads">Threads of torch.</param>
    /// <param name="blasFolder">Searched first for libblas.so.3, so that both sides multiply with the same library; null for the system's choice.</param>
    /// <param name="problem">Why there is none.</param>
    internal static PyTorchStep? Start(string script, int threads, string? blasFolder, out string problem)
    {
        string python = Environment.GetEnvironmentVariable("ALEXNETML_PYTHON") ?? DebianPython;
        var start = new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, script), threads.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        // What this process set for its own OpenMP is not for the other one, which runs as it would from a shell.
        start.Environment.Remove("GOMP_SPINCOUNT");
        if (blasFolder is not null)
            start.Environment["LD_LIBRARY_PATH"] = string.Join(':', new[] { blasFolder, Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") }.Where(path => !string.IsNullOrEmpty(path)));
        problem = $"{python} cannot run {script}: install PyTorch (Debian: apt-get install python3-torch python3-torchvision) or name another Python in ALEXNETML_PYTHON";
        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
        if (process?.StandardOutput.ReadLine() is { } description)
            return new PyTorchStep(process, description);
        process?.Dispose();
        return null;
    }

    /// <summary>A new network and batch; two steps, not timed, touch all memory.</summary>
    internal void Prepare(string what)
    {
        Ask($"network {what}");
        Seconds(2);
    }

    /// <summary>Seconds that so many steps took.</summary>
    internal double Seconds(int steps) => double.Parse(Ask($"step {steps}"), CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            _process.Kill();
        _process.Dispose();
    }

    private string Ask(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
        return _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"The Python process ended at '{command}'; its own message stands above.");
    }
}
