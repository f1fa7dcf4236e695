using System.Diagnostics;

namespace ResNetFunctions.EndToEnd.Page;

internal static class Shell
{
    /// <summary>The output of a command, run by /bin/sh. Skips without curl.</summary>
    public static async Task<string> Run(string command, string folder)
    {
        Assert.SkipUnless(File.Exists("/bin/sh") && File.Exists("/usr/bin/curl"), "No shell with curl: the copied command is not run.");
        using Process process = Process.Start(new ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-c", command },
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
