using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using ResNetFunctions.Cli;
using ResNetFunctions.Tests.Inference;
using ResNetFunctions.Tests.Inference.Models;

namespace ResNetFunctions.Tests.Cli;

/// <summary><c>serve</c> while npx installs Azurite: the first start on a machine.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class InstallTests
{
    // As npm says it; and an installer whose helper does not hear of SIGTERM, nor does it itself.
    private const string Npx = """
        #!/bin/sh
        echo "npm warn exec The following package was not found and will be installed: azurite@3.37.0" >&2
        trap '' TERM
        sh -c 'trap "" TERM; while :; do sleep 1; done' &
        echo $$ $! > pids.part
        mv pids.part pids
        while :; do sleep 1; done
        """;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Terminate_WhileNpxInstallsAzurite_EndsTheInstallerToo()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && OnPath("node") is not null, "Skipped: it takes Linux and Node.js.");
        Assert.SkipWhen(
            await Azurite.FindAsync(Azurite.DefaultBlobPort, Cancelled) is not null, "Skipped: serve would take the Azurite that listens on this machine.");
        using var models = new ModelsFolder();
        models.AddTiny("tiny");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("resnet-install-");
        string npx = Path.Combine(folder.CreateSubdirectory("bin").FullName, "npx");
        await File.WriteAllTextAsync(npx, Npx, Cancelled);
        File.SetUnixFileMode(npx, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.CreateSymbolicLink(Path.Combine(folder.FullName, "bin", "node"), OnPath("node")!);
        ProcessStartInfo start = ResNet.Start(
            ["serve", "--urls", "http://127.0.0.1:0", "--storage", "auto"],
            ("PATH", $"{folder.FullName}/bin:{Path.GetDirectoryName(OnPath("dotnet") ?? "/usr/bin/")}:/usr/bin:/bin"), ("ImageStorage", ""),
            ("ResNet__ModelsPath", models.Path), ("ResNet__DefaultModel", "tiny"));
        (start.WorkingDirectory, start.RedirectStandardOutput) = (folder.FullName, true);
        using Process serve = Process.Start(start)!;
        try
        {
            string address = AnyAddress().Match(await UntilAsync(serve, "Listening on ")).Value;
            await UntilAsync(serve, "Blobs: npx installs Azurite");
            int[] installer = [.. (await PidsAsync(folder)).Split(' ').Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))];
            int nice = Math.Min(NiceOf(serve.Id) + 10, 19);
            Assert.All(installer, pid => Assert.Equal(nice, NiceOf(pid)));
            using var client = new HttpClient { BaseAddress = new Uri(address) };
            using HttpResponseMessage answer = await client.PostAsync("/api/classify", new ByteArrayContent(TestImages.Jpeg), Cancelled);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

            Process.Start("kill", ["-TERM", $"{serve.Id}"]).WaitForExit();
            await serve.WaitForExitAsync(Cancelled).WaitAsync(TimeSpan.FromSeconds(15), Cancelled);

            Assert.Equal(0, serve.ExitCode);
            Assert.DoesNotContain(installer, IsRunning);
        }
        finally
        {
            serve.Kill();
            folder.Delete(recursive: true);
        }
    }

    private static string? OnPath(string command) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(folder => Path.Combine(folder, command)).FirstOrDefault(File.Exists);

    private static async Task<string> UntilAsync(Process process, string begin)
    {
        while (await process.StandardOutput.ReadLineAsync(Cancelled).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancelled) is { } line)
            if (line.StartsWith(begin, StringComparison.Ordinal))
                return line;
        throw new InvalidOperationException($"It ended without '{begin}'.");
    }

    private static async Task<string> PidsAsync(DirectoryInfo folder)
    {
        string path = Path.Combine(folder.FullName, "pids");
        for (int i = 0; i < 600 && !File.Exists(path); i++)
            await Task.Delay(50, Cancelled);
        return (await File.ReadAllTextAsync(path, Cancelled)).Trim();
    }

    // proc(5): the fields of stat behind the name in brackets; the first is the state, the seventeenth the nice value.
    private static int NiceOf(int pid) => int.Parse(Stat(pid)![16], CultureInfo.InvariantCulture);

    private static bool IsRunning(int pid) => Stat(pid) is [not "Z", ..];

    private static string[]? Stat(int pid)
    {
        string path = $"/proc/{pid}/stat";
        try
        {
            return File.ReadAllText(path).Split(") ")[^1].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex AnyAddress();
}
