using System.Runtime.InteropServices;

namespace ResNetFunctions.Inference;

/// <summary>Configures glibc's heap, which decoders and ONNX Runtime use. By default one large picture raises the size from
/// which blocks are returned, up to 32 MiB, in each of eight heaps a core: a server then keeps hundreds of MiB for
/// ever.</summary>
internal static partial class NativeHeap
{
    // From malloc.h.
    private const int TrimThreshold = -1, MmapThreshold = -3, ArenaMax = -8;
    private const int Large = 1 << 20;

    /// <summary>Returns blocks of 1 MiB and more to the system when they are freed.</summary>
    public static void GiveBackLargeBlocks()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = SetOption(MmapThreshold, Large);
            _ = SetOption(TrimThreshold, Large);
            _ = SetOption(ArenaMax, 1);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int parameter, int value);
}
