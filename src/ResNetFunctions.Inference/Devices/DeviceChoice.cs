namespace ResNetFunctions.Inference.Devices;

/// <summary>The device that a setting comes to on this machine.</summary>
/// <param name="Device"><see cref="Device.Cpu"/> or <see cref="Device.Cuda"/>.</param>
/// <param name="WhyNotCuda">Why a GPU that was asked for can't be used, in a sentence or two; else null.</param>
public sealed record DeviceChoice(Device Device, string? WhyNotCuda)
{
    /// <summary>How answers, logs and metrics name the device: cpu or cuda.</summary>
    public string Name => Device == Device.Cuda ? "cuda" : "cpu";

    /// <summary>What a setting comes to. Looks for a GPU only where one is asked for.</summary>
    public static DeviceChoice Of(Device setting) => Of(setting, static () => Cuda.Problem);

    internal static DeviceChoice Of(Device setting, Func<string?> cudaProblem) =>
        setting == Device.Cpu ? new DeviceChoice(Device.Cpu, null)
        : cudaProblem() is { } problem ? new DeviceChoice(Device.Cpu, problem)
        : new DeviceChoice(Device.Cuda, null);
}
