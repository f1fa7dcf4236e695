using System.Text.Json;

namespace ResNetFunctions.Api.Queue;

/// <summary>Says that a walk is to go on; what it is and how far it got is in its <see cref="WalkState"/>.</summary>
/// <param name="V">The version of this JSON's shape.</param>
/// <param name="Walk">The walk's id.</param>
internal sealed record WalkMessage(int V, string? Walk)
{
    private const int Version = 1;

    /// <summary>The id of the walk that a message names; null where it can't be read.</summary>
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
