using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ResNetFunctions.Inference.Sessions;

/// <summary>ONNX Runtime's packages report models, sessions and errors to Microsoft, and keep an identifier of the machine in
/// the user's cache folder (docs/Privacy.md of the package). Not from here: <c>ORT_DISABLE_TELEMETRY</c> is 1 unless whoever
/// starts the process has set it. Its API comes too late, when the first report is made.</summary>
internal static partial class OrtTelemetry
{
    private const string Setting = "ORT_DISABLE_TELEMETRY";

    // Before anything of this assembly can have loaded the library.
#pragma warning disable CA2255 // of an application's assembly, and of nothing but one variable
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Disable()
    {
        if (OperatingSystem.IsWindows())
            Environment.SetEnvironmentVariable(Setting, Environment.GetEnvironmentVariable(Setting) ?? "1");
        else
            _ = SetVariable(Setting, "1", overwrite: 0); // .NET's own copy is not what native code sees
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
