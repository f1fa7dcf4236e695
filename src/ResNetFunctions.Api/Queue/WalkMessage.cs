using System.Text.Json;

namespace ResNetFunctions.Api.Queue;

/// <summary>Tells a worker to continue a walk, whose state is in its <see cref="WalkState"/>.</summary>
internal sealed record WalkMessage(int V, string? Walk)
{
    private const int Version = 1;

    /// <summary>Null if the message can't be read.</summary>
    public static string? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, QueueJson.Default.WalkMessage) is { V: Version, Walk: { Length: > 0 } walk } ? walk : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static string Write(string walk) => JsonSerializer.Serialize(new WalkMessage(Version, walk), QueueJson.Compact.WalkMessage);
}
