using System.Runtime.InteropServices;

namespace ResNetFunctions.Cli.Bench;

/// <summary>A loop of one arithmetic instruction in machine code, for Linux on x64. .NET has no intrinsics for AVX-512's
/// VNNI, and precompiled code uses only the instructions that it was compiled for.</summary>
internal sealed unsafe partial class PeakLoop : IDisposable
{
    // Enough independent sums to hide an instruction's latency. They are in registers 0 to 11; 12 and 13 are multiplied.
    private const int InFlight = 12;
    private const int Readable = 1, Writable = 2, Executable = 4, Private = 2, Anonymous = 0x20;

    private readonly int _length;
    private readonly byte* _code;

    private PeakLoop(byte[] code)
    {
        _length = code.Length;
        _code = (byte*)MemoryMap(null, (nuint)_length, Readable | Writable, Private | Anonymous, -1, 0);
        if (_code == (byte*)-1)
            throw new IOException("There is no memory for the loop.");
        code.CopyTo(new Span<byte>(_code, _length));
        if (Protect(_code, (nuint)_length, Readable | Executable) != 0)
            throw new IOException("The system runs no code that was made at run time.");
    }

    public static int InstructionsARound => InFlight;

    /// <summary>Fused multiply-adds of 8 float32: VFMADD231PS ymm.</summary>
    public static PeakLoop Fma256() => new(Loop(sum => Vex(sum, 0xB8)));

    /// <summary>Fused multiply-adds of 16 float32: VFMADD231PS zmm.</summary>
    public static PeakLoop Fma512() => new(Loop(sum => Evex(sum, 0xB8)));

    /// <summary>32 products of uint8 and int8, added by fours: VPDPBUSD ymm, of AVX-VNNI.</summary>
    public static PeakLoop Vnni256() => new(Loop(sum => Vex(sum, 0x50)));

    /// <summary>64 products of uint8 and int8, added by fours: VPDPBUSD zmm, of AVX512-VNNI.</summary>
    public static PeakLoop Vnni512() => new(Loop(sum => Evex(sum, 0x50)));

    /// <summary>32 products of uint8 and int8, added by fours, in three instructions of AVX2: VPMADDUBSW ymm14, ymm12, ymm13;
    /// VPMADDWD ymm14, ymm14, ymm15; VPADDD sum, sum, ymm14.</summary>
    public static PeakLoop Avx2Int8() => new(Loop(sum =>
    [
        0xC4, 0x42, 0x1D, 0x04, 0xF5,
        0xC4, 0x41, 0x0D, 0xF5, 0xF7,
        0xC4, (byte)(sum < 8 ? 0xC1 : 0x41), (byte)(0x05 | ((~sum & 15) << 3)), 0xFE, (byte)(0xC6 | ((sum & 7) << 3)),
    ]));

    public void Run(int rounds) => ((delegate* unmanaged<int, void>)_code)(rounds);

    public void Dispose() => _ = Unmap(_code, (nuint)_length);

    // System V's calling convention: edi holds the number of rounds, and vector registers need not be saved.
    private static byte[] Loop(Func<int, byte[]> instruction)
    {
        byte[] zero = [.. Enumerable.Range(0, 16).SelectMany(Zero)];
        byte[] round = [.. Enumerable.Range(0, InFlight).SelectMany(instruction)];
        int back = -(round.Length + 2 + 6);
        return
        [
            .. zero, .. round,
            0xFF, 0xCF, // dec edi
            0x0F, 0x85, .. BitConverter.GetBytes(back), // jnz to the round's start
            0xC5, 0xF8, 0x77, // vzeroupper
            0xC3, // ret
        ];
    }

    // VXORPS ymm, ymm, ymm.
    private static byte[] Zero(int register) =>
        [0xC4, (byte)(register < 8 ? 0xE1 : 0x41), (byte)(0x04 | ((~register & 15) << 3)), 0x57, (byte)(0xC0 | ((register & 7) * 9))];

    // VEX.256.66.0F38.W0 opcode, of ymm[sum], ymm12, ymm13.
    private static byte[] Vex(int sum, byte opcode) => [0xC4, (byte)(sum < 8 ? 0xC2 : 0x42), 0x1D, opcode, ModRm(sum)];

    // EVEX.512.66.0F38.W0 opcode, of zmm[sum], zmm12, zmm13.
    private static byte[] Evex(int sum, byte opcode) => [0x62, (byte)(sum < 8 ? 0xD2 : 0x52), 0x1D, 0x48, opcode, ModRm(sum)];

    private static byte ModRm(int sum) => (byte)(0xC5 | ((sum & 7) << 3));

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial void* MemoryMap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(void* address, nuint length);
}
