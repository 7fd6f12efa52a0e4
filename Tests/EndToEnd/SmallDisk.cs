using System.Diagnostics;

namespace AlexNetMl.EndToEnd.Tests;

/// <summary>A disk of a few megabytes in memory. Mounting takes root on Linux; elsewhere a test that needs it is inconclusive.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _folder;

    public SmallDisk(string folder, string size)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root" || !Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", folder))
        {
            Directory.Delete(folder);
            Assert.Inconclusive("No small disk can be mounted here: this takes root on Linux.");
        }
    }

    /// <summary>Mounts it anew with what is on it.</summary>
    public void Remount(string options) => Assert.IsTrue(Run("mount", "-o", $"remount,{options}", _folder), options);

    public void Dispose() => Run("umount", _folder);

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
