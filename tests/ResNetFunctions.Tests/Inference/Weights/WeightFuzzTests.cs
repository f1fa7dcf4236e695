using System.Diagnostics;
using System.IO.Compression;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Onnx;
using ResNetFunctions.Inference.Weights;

namespace ResNetFunctions.Tests.Inference.Weights;

/// <summary>
/// Seeded mutations of every form of weights: each ends in tensors or in an <see cref="InvalidModelException"/>, in
/// bounded time and memory. RESNET_FUZZ_WEIGHTS=10000 is the full run, RESNET_FUZZ_SEED another sequence.
/// </summary>
public class WeightFuzzTests
{
    private const int Mutations = 2_000;
    private const long MaxBytes = 32 << 20;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(2);

    [Fact]
    public void Read_MutatedWeights_GivesTensorsOrAClearError()
    {
        int mutations = Setting("RESNET_FUZZ_WEIGHTS", Mutations);
        int seed = Setting("RESNET_FUZZ_SEED", 0);
        string[] forms = [.. WeightFiles.Forms];
        int refused = 0;
        long mostBytes = 0;
        double longest = 0;
        for (int i = 0; i < mutations; i++)
        {
            var random = new Random(unchecked((seed * 1_000_003) + i));
            byte[] file = Mutate(WeightFiles.Bytes(forms[random.Next(forms.Length)]), random);
            using var temporary = new TemporaryFile(file);
            long bytesBefore = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();

            string? refusal = Try(temporary.Path, $"mutation {i} of seed {seed}");

            TimeSpan time = Stopwatch.GetElapsedTime(start);
            long bytes = GC.GetAllocatedBytesForCurrentThread() - bytesBefore;
            Assert.True(time < MaxTime, $"mutation {i} of seed {seed} took {time}");
            Assert.True(bytes < MaxBytes, $"mutation {i} of seed {seed} allocated {bytes:n0} bytes");
            mostBytes = Math.Max(mostBytes, bytes);
            longest = Math.Max(longest, time.TotalMilliseconds);
            refused += refusal is null ? 0 : 1;
        }

        TestContext.Current.SendDiagnosticMessage(
            $"{mutations} mutations, {refused} refused; at most {longest:f0} ms and {mostBytes:n0} bytes each");
        Assert.InRange(refused, mutations / 4, mutations - 1);
    }

    /// <summary>Reads everything; what was refused, or null.</summary>
    private static string? Try(string path, string which)
    {
        try
        {
            using var weights = StateDict.Read(path);
            foreach (WeightTensor tensor in weights.Values)
                tensor.Read();
            Assert.Null(Architecture.Of(weights));
            return null;
        }
        catch (InvalidModelException e)
        {
            // What is not foreseen is a bug, even where it is turned into an error.
            Assert.True(
                e.InnerException is null or InvalidModelException or InvalidDataException or EndOfStreamException,
                $"{which}: {e}");
            Assert.DoesNotContain(e.Message, char.IsControl);
            return e.Message;
        }
    }

    private static byte[] Mutate(byte[] file, Random random)
    {
        // A zip's checksums would catch nearly every change: let half of the changes be inside, with new checksums.
        bool inside = file is [(byte)'P', (byte)'K', ..] && random.Next(2) == 0;
        return inside ? Rezip(file, random) : Change(file, random);
    }

    private static byte[] Rezip(byte[] file, Random random)
    {
        using var source = new ZipArchive(new MemoryStream(file));
        var changed = new MemoryStream();
        ZipArchiveEntry victim = random.Next(4) == 0
            ? source.Entries[random.Next(source.Entries.Count)]
            : source.Entries.First(static entry => entry.Name == "data.pkl");
        using (var target = new ZipArchive(changed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (ZipArchiveEntry entry in source.Entries)
            {
                var bytes = new byte[entry.Length];
                using (Stream record = entry.Open())
                    record.ReadExactly(bytes);
                using Stream copy = target.CreateEntry(entry.FullName).Open();
                copy.Write(entry == victim ? Change(bytes, random) : bytes);
            }
        }

        return changed.ToArray();
    }

    private static byte[] Change(byte[] bytes, Random random)
    {
        List<byte> changed = [.. bytes];
        for (int times = random.Next(1, 5); times > 0 && changed.Count > 8; times--)
        {
            int at = random.Next(changed.Count);
            int length = Math.Min(random.Next(1, 32), changed.Count - at);
            switch (random.Next(8))
            {
                case 0:
                    changed.RemoveRange(at, changed.Count - at);
                    break;
                case 1:
                    changed.RemoveRange(at, length);
                    break;
                case 2:
                    changed.InsertRange(random.Next(changed.Count), changed.GetRange(at, length));
                    break;
                case 3:
                    for (int i = at; i < Math.Min(at + 8, changed.Count); i++)
                        changed[i] = (byte)(random.Next(2) * 0xff);
                    break;
                case 4:
                    changed.Insert(at, (byte)"(.0RQbcdehjstu}])\u0085\u0081\u0093\u0094"[random.Next(21)]);
                    break;
                case 5:
                    changed[at] = (byte)random.Next(256);
                    break;
                default:
                    changed[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }

        return [.. changed];
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out int value) ? value : otherwise;
}
