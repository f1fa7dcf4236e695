using Microsoft.ML.OnnxRuntime;

namespace ResNetFunctions.Inference.Devices;

/// <summary>ONNX Runtime's CUDA provider: whether it can be used here, and with what settings.</summary>
internal static class Cuda
{
    private const string Provider = "CUDAExecutionProvider";

    private static readonly Lazy<string?> Here = new(() => ProblemOf(CudaMachine.Here()));

    /// <summary>Why the GPU can't be used, and what to do; null where it can.</summary>
    public static string? Problem => Here.Value;

    internal static string? ProblemOf(CudaMachine machine)
    {
        if (!machine.Providers.Contains(Provider))
        {
            return "This build is for the CPU: publish one for the GPU with -p:OnnxRuntime=Gpu, on Linux with an x64 processor "
                + "(docs/deploy.md).";
        }
        if (machine.DriverVersion is not { } driver)
        {
            return "There is no NVIDIA driver here (libcuda.so.1): install driver 580 or newer, or give the container the GPU "
                + "(docker run --gpus all).";
        }
        if (driver < CudaMachine.MajorVersion * 1000)
        {
            return $"The NVIDIA driver supports CUDA {driver / 1000}.{driver % 1000 / 10} at most, and CUDA {CudaMachine.MajorVersion} is "
                + "needed: install driver 580 or newer.";
        }
        if (machine.Gpus == 0)
            return "The NVIDIA driver sees no GPU: check nvidia-smi and CUDA_VISIBLE_DEVICES.";

        string[] missing = [.. CudaMachine.Libraries.Where(library => !machine.Has(library))];
        return missing.Length == 0
            ? null
            : $"{string.Join(", ", missing)} can't be loaded: install CUDA {CudaMachine.MajorVersion} and cuDNN 9, the packages "
                + "cuda-libraries-13-0 and cudnn9-cuda-13, or start from an image nvidia/cuda:13…-cudnn-runtime.";
    }

    /// <summary>Has a session run on the GPU.</summary>
    /// <exception cref="OnnxRuntimeException">It can't.</exception>
    public static void AddTo(SessionOptions settings)
    {
        using var options = new OrtCUDAProviderOptions();
        options.UpdateOptions(new Dictionary<string, string>
        {
            ["device_id"] = "0",
            // TF32 rounds to 10 bits, as float16 does: float32 answers would differ from the CPU's.
            ["use_tf32"] = "0",
            // The default tries all of cuDNN's kernels for each new shape.
            ["cudnn_conv_algo_search"] = "HEURISTIC",
            ["arena_extend_strategy"] = "kSameAsRequested",
        });
        settings.AppendExecutionProvider_CUDA(options);
    }

    /// <summary>Memory of the processor's that the GPU reads and writes directly; ordinary memory where the system gives no
    /// more of that.</summary>
    public static OrtAllocator PageLocked(InferenceSession graph)
    {
        try
        {
            using var memory = new OrtMemoryInfo(
                OrtMemoryInfo.allocatorCUDA_PINNED, OrtAllocatorType.DeviceAllocator, 0, OrtMemType.CpuOutput);
            return new OrtAllocator(graph, memory);
        }
        catch (OnnxRuntimeException)
        {
            return OrtAllocator.DefaultInstance;
        }
    }
}
