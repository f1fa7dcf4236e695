using System.Text.Json.Serialization;
namespace ResNetFunctions.Cli.Bench;

/// <summary>What was measured of one variant of a model.</summary>
/// <param name="Numbers">The numbers' type, as the graph has it: float32, float16 or int8.</param>
/// <param name="Device">cpu or cuda.</param>
/// <param name="Cores">The cores that the process had.</param>
/// <param name="AtOnce">How many pictures were asked for at a time.</param>
/// <param name="LoadMs">From nothing to a session.</param>
/// <param name="FirstAnswerMs">From the process's start to its first answer.</param>
/// <param name="P50Ms">The median time of a picture, from its bytes to its predictions.</param>
/// <param name="P95Ms">What 95 of 100 pictures took at most.</param>
/// <param name="P99Ms">What 99 of 100 pictures took at most.</param>
/// <param name="OverheadMs">The median time of everything around the network's run: decoding, preprocessing, the hash of the
/// bytes. One thread's, where no more pictures are asked for at a time than there are cores.</param>
/// <param name="PicturesPerSecond">How many were answered a second.</param>
/// <param name="GigaflopsPerSecond">Billions of operations a second while the network runs.</param>
/// <param name="PeakMemoryMiB">The most memory that the process ever had.</param>
internal sealed record BenchRow(
    string Numbers, string Device, int Cores, int AtOnce, double LoadMs, double FirstAnswerMs, double P50Ms, double P95Ms, double P99Ms,
    double OverheadMs, double PicturesPerSecond, double GigaflopsPerSecond, double PeakMemoryMiB)
{
    /// <summary>The median time of the network's run, on a GPU with the wait for its batch.</summary>
    public double NetworkMs { get; init; }

    /// <summary>The share that <see cref="GigaflopsPerSecond"/> is of <see cref="PeakGigaopsPerSecond"/>; 0 on a GPU, whose peak
    /// is not measured.</summary>
    public double ShareOfPeak { get; init; }

    /// <summary>The instruction that does most of such operations on this processor.</summary>
    public string Peak { get; init; } = "";

    /// <summary>How many of them these cores were measured to do at most.</summary>
    public double PeakGigaopsPerSecond { get; init; }
}

/// <summary>What was measured of a server with so many clients at once.</summary>
internal sealed record HttpRow(
    int Clients, double RequestsPerSecond, double P50Ms, double P95Ms, double P99Ms, int Failed, string? Failure);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BenchRow))]
[JsonSerializable(typeof(List<BenchRow>))]
[JsonSerializable(typeof(List<HttpRow>))]
internal sealed partial class BenchJson : JsonSerializerContext;
