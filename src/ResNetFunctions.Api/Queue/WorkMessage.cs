using System.Text.Json;
using System.Text.Json.Serialization;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Api.Queue;

/// <summary>A message of the work queue: images to classify.</summary>
internal sealed record WorkMessage
{
    /// <summary>Some seconds of work, with one thirty-second of the requests to the queue.</summary>
    public const int MaxImages = 32;

    // A message holds 64 KiB of base64, 48 KiB before encoding.
    private const int MaxNameBytes = 44 * 1024;
    private const int Version = 1;

    public int V { get; init; }

    public string Container { get; init; } = "";

    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>The walk that found them; null if there is none.</summary>
    public string? Walk { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Failed { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Reclassify { get; init; }

    /// <summary>How many attempts at the images failed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Attempts { get; init; }

    public DateTimeOffset Found { get; init; }

    [JsonIgnore]
    public WorkRule Rule => new(Failed, Reclassify);

    /// <summary>Null if it can't be read.</summary>
    public static WorkMessage? Read(string text)
    {
        try
        {
            WorkMessage? message = JsonSerializer.Deserialize(text, QueueJson.Default.WorkMessage);
            bool isWhole = message is { V: Version, Container.Length: > 0, Images.Count: > 0 and <= MaxImages, Attempts: >= 0 }
                && !message.Images.Any(string.IsNullOrEmpty);
            return isWhole ? message : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public string Write() => JsonSerializer.Serialize(this with { V = Version }, QueueJson.Compact.WorkMessage);

    /// <summary>Divides images into as many messages as they need.</summary>
    public IEnumerable<WorkMessage> Pack(IEnumerable<string> images)
    {
        List<string> packed = [];
        int bytes = 0;
        foreach (string image in images)
        {
            int length = JsonEncodedText.Encode(image, QueueJson.Compact.Options.Encoder).EncodedUtf8Bytes.Length + 3;
            if (packed.Count == MaxImages || bytes + length > MaxNameBytes)
            {
                yield return this with { Images = packed };
                (packed, bytes) = ([], 0);
            }
            packed.Add(image);
            bytes += length;
        }
        if (packed.Count > 0)
            yield return this with { Images = packed };
    }

    public IEnumerable<WorkMessage> Split() => Images.Select(image => this with { Images = [image] });
}
