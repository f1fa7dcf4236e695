using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Devices;

namespace ResNetFunctions.Tests.Inference.Devices;

/// <summary>Which machines can use a GPU, and the messages of those that can't.</summary>
public sealed class CudaTests
{
    private static readonly CudaMachine Whole = new(["CUDAExecutionProvider", "CPUExecutionProvider"], 13_000, 1, _ => true);

    private static readonly Dictionary<string, (CudaMachine Machine, string Problem)> Unusable = new()
    {
        ["a build for the CPU"] = (
            Whole with { Providers = ["CPUExecutionProvider"] },
            "This build is for the CPU: publish one for the GPU with -p:OnnxRuntime=Gpu, on Linux with an x64 processor (docs/deploy.md)."),
        ["no driver"] = (
            Whole with { DriverVersion = null, Gpus = 0 },
            "There is no NVIDIA driver here (libcuda.so.1): install driver 580 or newer, or give the container the GPU (docker run --gpus all)."),
        ["an old driver"] = (
            Whole with { DriverVersion = 12_990 },
            "The NVIDIA driver supports CUDA 12.99 at most, and CUDA 13 is needed: install driver 580 or newer."),
        ["no GPU"] = (Whole with { Gpus = 0 }, "The NVIDIA driver sees no GPU: check nvidia-smi and CUDA_VISIBLE_DEVICES."),
        ["no cuDNN"] = (
            Whole with { Has = library => !library.StartsWith("libcudnn", StringComparison.Ordinal) },
            "libcudnn.so.9 can't be loaded: install CUDA 13 and cuDNN 9, the packages cuda-libraries-13-0 and cudnn9-cuda-13, "
            + "or start from an image nvidia/cuda:13…-cudnn-runtime."),
        ["no CUDA"] = (
            Whole with { Has = _ => false },
            "libcudart.so.13, libcublasLt.so.13, libcublas.so.13, libcurand.so.10, libcudnn.so.9 can't be loaded: install CUDA 13 and cuDNN 9, "
            + "the packages cuda-libraries-13-0 and cudnn9-cuda-13, or start from an image nvidia/cuda:13…-cudnn-runtime."),
    };

    public static TheoryData<string> EachUnusable => [.. Unusable.Keys];

    [Theory]
    [MemberData(nameof(EachUnusable))]
    public void ProblemOf_UnusableMachine_NamesTheCauseAndTheRemedy(string machine) =>
        Assert.Equal(Unusable[machine].Problem, Cuda.ProblemOf(Unusable[machine].Machine));

    [Theory]
    [InlineData(13_000, 1)]
    [InlineData(14_020, 8)]
    public void ProblemOf_MachineWithAllOfIt_IsNull(int driver, int gpus) =>
        Assert.Null(Cuda.ProblemOf(Whole with { DriverVersion = driver, Gpus = gpus }));

    [Fact]
    public void Here_ThisMachine_IsAskedWithoutHarm()
    {
        CudaMachine machine = CudaMachine.Here();

        Assert.Contains("CPUExecutionProvider", machine.Providers);
        Assert.True(machine.DriverVersion is null or > 1000);
        Assert.InRange(machine.Gpus, 0, 1024);
        Assert.True(machine.Gpus == 0 || machine.DriverVersion is not null);
        Assert.False(machine.Has("libthere-is-none.so.1"));
    }

    [Theory]
    [InlineData(Device.Cpu, "no GPU", Device.Cpu, null)]
    [InlineData(Device.Cpu, null, Device.Cpu, null)]
    [InlineData(Device.Auto, "no GPU", Device.Cpu, "no GPU")]
    [InlineData(Device.Auto, null, Device.Cuda, null)]
    [InlineData(Device.Cuda, "no GPU", Device.Cpu, "no GPU")]
    [InlineData(Device.Cuda, null, Device.Cuda, null)]
    public void DeviceChoice_OfASetting_IsTheGpuWhereItIsAskedForAndCanBeUsed(Device setting, string? problem, Device device, string? why) =>
        Assert.Equal(new DeviceChoice(device, why), DeviceChoice.Of(setting, () => problem));

    [Fact]
    public void DeviceChoice_OfCpu_LooksForNoGpu() =>
        Assert.Equal("cpu", DeviceChoice.Of(Device.Cpu, () => throw new InvalidOperationException("It was looked for.")).Name);

    // While a batch runs another is gathered, and the processor works on as many as ever.
    [Theory]
    [InlineData(Device.Cpu, 2)]
    [InlineData(Device.Cuda, 66)]
    public void TurnsOn_ADevice_AreEnoughToFillItsBatches(Device device, int turns) =>
        Assert.Equal(turns, new ClassifierOptions { MaxConcurrency = 2, MaxBatch = 32 }.TurnsOn(device));
}
