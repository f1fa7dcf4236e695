using System.Text.Json;
using System.Text.Json.Serialization;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Api.Queue;

/// <summary>Images to classify, as one message of the queue names them.</summary>
internal sealed record WorkMessage
{
    /// <summary>The most images in a message: some seconds of work, and a thirty-second of the requests to the queue.</summary>
    public const int MaxImages = 32;

    // A message has room for 64 KiB of base64, 48 KiB before that.
    private const int MaxNameBytes = 44 * 1024;
    private const int Version = 1;

    /// <summary>The version of this JSON's shape.</summary>
    public int V { get; init; }

    /// <summary>Their container.</summary>
    public string Container { get; init; } = "";

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>The walk that found them; null where none did.</summary>
    public string? Walk { get; init; }

    /// <summary>What needs work: also what was given up.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Failed { get; init; }

    /// <summary>What needs work: also what another model answered, and what was rejected.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Reclassify { get; init; }

    /// <summary>How many tries at the images went wrong so far.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Attempts { get; init; }

    /// <summary>When they were found.</summary>
    public DateTimeOffset Found { get; init; }

    [JsonIgnore]
    public WorkRule Rule => new(Failed, Reclassify);

    /// <summary>Null where it can't be read.</summary>
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

    /// <summary>As many messages as the images need, each like this one.</summary>
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

    /// <summary>A message an image.</summary>
    public IEnumerable<WorkMessage> Split() => Images.Select(image => this with { Images = [image] });
}
