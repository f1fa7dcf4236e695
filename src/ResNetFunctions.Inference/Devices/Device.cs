namespace ResNetFunctions.Inference.Devices;

/// <summary>What the networks run on.</summary>
public enum Device
{
    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>The first NVIDIA GPU.</summary>
    Cuda,

    /// <summary>The GPU where one can be used, else the processor.</summary>
    Auto,
}
