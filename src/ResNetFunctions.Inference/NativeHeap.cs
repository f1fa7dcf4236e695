using System.Runtime.InteropServices;

namespace ResNetFunctions.Inference;

/// <summary>How glibc keeps native memory, where decoders and ONNX Runtime have theirs. As it comes, one large picture
/// raises the size from which blocks are given back at once, up to 32 MiB, in each of eight heaps a core: a server that
/// has met a few keeps hundreds of MiB for good.</summary>
internal static partial class NativeHeap
{
    // From malloc.h.
    private const int TrimThreshold = -1, MmapThreshold = -3, ArenaMax = -8;
    private const int Large = 1 << 20;

    /// <summary>From now on blocks of 1 MiB and more go back to the system when they are freed.</summary>
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
