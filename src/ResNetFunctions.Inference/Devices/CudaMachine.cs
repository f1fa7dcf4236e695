using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace ResNetFunctions.Inference.Devices;

/// <summary>What a machine has of what ONNX Runtime's CUDA provider needs.</summary>
/// <param name="Providers">What ONNX Runtime was built with.</param>
/// <param name="DriverVersion">The newest CUDA that the driver supports: 1000 times the major version, and 10 times the minor
/// one. Null where there is no driver.</param>
/// <param name="Gpus">How many GPUs the driver sees.</param>
/// <param name="Has">Whether a library can be loaded.</param>
internal sealed record CudaMachine(IReadOnlyList<string> Providers, int? DriverVersion, int Gpus, Func<string, bool> Has)
{
    /// <summary>The CUDA that the package was built with.</summary>
    public const int MajorVersion = 13;

    /// <summary>What libonnxruntime_providers_cuda.so is linked with, and cuDNN, which it loads later.</summary>
    public static readonly string[] Libraries =
        ["libcudart.so.13", "libcublasLt.so.13", "libcublas.so.13", "libcurand.so.10", "libcudnn.so.9"];

    /// <summary>This machine.</summary>
    public static CudaMachine Here()
    {
        nint driver = NativeLibrary.TryLoad("libcuda.so.1", out nint handle) ? handle : 0;
        return new CudaMachine(
            OrtEnv.Instance().GetAvailableProviders(),
            Ask(driver, "cuDriverGetVersion"),
            Initialise(driver) ? Ask(driver, "cuDeviceGetCount") ?? 0 : 0,
            static library => NativeLibrary.TryLoad(library, out _));
    }

    private static unsafe bool Initialise(nint driver) =>
        driver != 0 && NativeLibrary.TryGetExport(driver, "cuInit", out nint function)
        && ((delegate* unmanaged<uint, int>)function)(0) == 0;

    // A function of the driver's that writes a number, and returns 0 where all is well.
    private static unsafe int? Ask(nint driver, string name)
    {
        int answer = 0;
        return driver != 0 && NativeLibrary.TryGetExport(driver, name, out nint function)
            && ((delegate* unmanaged<int*, int>)function)(&answer) == 0 ? answer : null;
    }
}
