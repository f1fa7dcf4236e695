using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ResNetFunctions.Api.Queue;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WorkMessage))]
[JsonSerializable(typeof(WalkMessage))]
[JsonSerializable(typeof(WalkState))]
[JsonSerializable(typeof(BackfillRequest))]
[JsonSerializable(typeof(BackfillStatus))]
internal sealed partial class QueueJson : JsonSerializerContext
{
    private static QueueJson? _compact;

    /// <summary>For messages: no escapes for letters beyond ASCII, which would take six bytes each.</summary>
    public static QueueJson Compact => _compact ??= new(new JsonSerializerOptions(Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = null,
    });
}
