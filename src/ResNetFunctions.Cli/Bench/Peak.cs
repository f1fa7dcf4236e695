using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ResNetFunctions.Cli.Bench;

/// <summary>The cores' peak arithmetic: multiplications and additions of the best instruction, enough in flight to hide
/// latency, in registers.</summary>
/// <param name="GigaopsPerSecond">Billions of operations a second; a multiplication and an addition count two.</param>
internal sealed record Peak(string Instruction, double GigaopsPerSecond)
{
    private const int Rounds = 2_000_000, Attempts = 5;

    // The flag in Linux's cpuinfo, the name, the loop, and the operations of one instruction.
    private static readonly (string Flag, string Name, Func<PeakLoop> Loop, int Operations)[] Floats =
        [("fma", "FMA 256", PeakLoop.Fma256, 2 * 8), ("avx512f", "FMA 512", PeakLoop.Fma512, 2 * 16)];

    private static readonly (string Flag, string Name, Func<PeakLoop> Loop, int Operations)[] Integers =
    [
        ("avx2", "AVX2 int8", PeakLoop.Avx2Int8, 2 * 32), ("avx_vnni", "VNNI 256", PeakLoop.Vnni256, 2 * 32),
        ("avx512_vnni", "VNNI 512", PeakLoop.Vnni512, 2 * 64),
    ];

    /// <summary>The best of all instructions in several attempts, on all cores at once.</summary>
    /// <param name="numbers"><c>int8</c>, or a floating-point type; float16 is computed as float32.</param>
    /// <param name="cores">How many cores.</param>
    public static Peak Measure(string numbers, int cores)
    {
        return OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64
            ? BestLoop(numbers, cores)
            : new Peak("float32 FMA 128", BestOf(cores, Portable, 2 * 4 * 8));
    }

    /// <exception cref="IOException">The system runs no code that is made at run time.</exception>
    private static Peak BestLoop(string numbers, int cores)
    {
        string[] flags = File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("flags", StringComparison.Ordinal)).Split(' ');
        Peak best = new("scalar", 0);
        foreach ((string flag, string name, Func<PeakLoop> make, int operations) in numbers == "int8" ? Integers : Floats)
        {
            if (!flags.Contains(flag))
                continue;
            using PeakLoop loop = make();
            double measured = BestOf(cores, loop.Run, operations * PeakLoop.InstructionsARound);
            if (measured > best.GigaopsPerSecond)
                best = new Peak(name, measured);
        }
        return best;
    }

    private static double BestOf(int cores, Action<int> run, int operationsARound)
    {
        double best = 0;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            double[] each = new double[cores];
            Thread[] threads = [.. Enumerable.Range(0, cores).Select(core => new Thread(() =>
            {
                long started = Stopwatch.GetTimestamp();
                run(Rounds);
                each[core] = (double)operationsARound * Rounds / Stopwatch.GetElapsedTime(started).TotalSeconds / 1e9;
            }))];
            foreach (Thread thread in threads)
                thread.Start();
            foreach (Thread thread in threads)
                thread.Join();
            best = Math.Max(best, each.Sum());
        }
        return best;
    }

    // For other systems: an instruction that every 64-bit processor has.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Portable(int rounds)
    {
        Vector128<float> x = Vector128.Create(0.999f), y = Vector128.Create(0.001f);
        Vector128<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y;
        for (int round = 0; round < rounds; round++)
        {
            a = Vector128.FusedMultiplyAdd(a, x, y);
            b = Vector128.FusedMultiplyAdd(b, x, y);
            c = Vector128.FusedMultiplyAdd(c, x, y);
            d = Vector128.FusedMultiplyAdd(d, x, y);
            e = Vector128.FusedMultiplyAdd(e, x, y);
            f = Vector128.FusedMultiplyAdd(f, x, y);
            g = Vector128.FusedMultiplyAdd(g, x, y);
            h = Vector128.FusedMultiplyAdd(h, x, y);
        }
        GC.KeepAlive(Vector128.Sum(a + b + c + d + e + f + g + h));
    }
}
