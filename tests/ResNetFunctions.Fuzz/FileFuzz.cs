using System.Diagnostics;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Fuzz;

/// <summary>Hostile files for a reader.</summary>
internal interface IFiles
{
    byte[] Make(Random random);

    /// <exception cref="InvalidModelException">The file can't be used.</exception>
    void Read(string path);
}

/// <summary>Reads inputs: each must end in content or in an <see cref="InvalidModelException"/>, in limited time and
/// memory.</summary>
internal static class FileFuzz
{
    private const long MaxBytes = 32 << 20;

    /// <returns>0 if nothing was wrong, else 1.</returns>
    public static int Run(Inputs inputs, IFiles files, TextWriter output)
    {
        string path = Path.GetTempFileName();
        int refused = 0;
        long mostBytes = 0;
        TimeSpan longest = default;
        List<string> faults = [];
        foreach (int number in inputs.Numbers)
        {
            File.WriteAllBytes(path, files.Make(inputs.RandomFor(number)));
            long bytesBefore = GC.GetAllocatedBytesForCurrentThread();
            long started = Stopwatch.GetTimestamp();
            InvalidModelException? refusal = null;
            try
            {
                files.Read(path);
            }
            catch (InvalidModelException e)
            {
                refusal = e;
                refused++;
            }
            catch (Exception e)
            {
                faults.Add($"input {number}: {e}");
            }
            TimeSpan time = Stopwatch.GetElapsedTime(started);
            long bytes = GC.GetAllocatedBytesForCurrentThread() - bytesBefore;
            if (FaultOf(refusal) is { } fault)
                faults.Add($"input {number}: {fault}");
            if (time.TotalSeconds > inputs.MaxSeconds)
                faults.Add($"input {number}: {time}");
            if (bytes > MaxBytes)
                faults.Add($"input {number}: {bytes:N0} bytes allocated");
            (mostBytes, longest) = (Math.Max(mostBytes, bytes), time > longest ? time : longest);
        }
        File.Delete(path);

        output.WriteLine(
            $"{inputs.Count} inputs of seed {inputs.Seed} from {inputs.From}: {refused} refused; "
            + $"at most {longest.TotalMilliseconds:F0} ms and {mostBytes:N0} bytes each");
        foreach (string fault in faults.Take(50))
            output.WriteLine("FAULT " + fault);
        output.WriteLine(faults.Count == 0 ? "no fault" : $"{faults.Count} faults");
        return faults.Count == 0 ? 0 : 1;
    }

    // An unforeseen exception is a bug, even if it becomes an error.
    private static string? FaultOf(InvalidModelException? refusal) =>
        refusal is null ? null
        : refusal.InnerException is not (null or InvalidModelException or InvalidDataException or EndOfStreamException or System.Text.Json.JsonException) ? refusal.ToString()
        : refusal.Message.Any(char.IsControl) ? "control characters in: " + refusal.Message
        : refusal.Message.Length > 1_000 ? "a message of " + refusal.Message.Length
        : null;
}
