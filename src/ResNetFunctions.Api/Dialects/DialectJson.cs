using System.Text.Json.Serialization;

namespace ResNetFunctions.Api.Dialects;

/// <summary>How the dialects' answers are written: camel case where a member has no name of its own, by generated code alone.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Serialization,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ImagePrediction))]
[JsonSerializable(typeof(CustomVisionError))]
[JsonSerializable(typeof(TagResult))]
[JsonSerializable(typeof(AzureVisionError))]
[JsonSerializable(typeof(ServerMetadata))]
[JsonSerializable(typeof(ServerHealth))]
[JsonSerializable(typeof(ModelMetadata))]
[JsonSerializable(typeof(ModelReadiness))]
[JsonSerializable(typeof(InferenceResponse))]
[JsonSerializable(typeof(IReadOnlyList<float>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(ModelStatuses))]
[JsonSerializable(typeof(RowPredictions))]
[JsonSerializable(typeof(PingStatus))]
[JsonSerializable(typeof(Dictionary<string, float>))]
[JsonSerializable(typeof(TorchServeError))]
[JsonSerializable(typeof(IReadOnlyList<LabelScore>))]
[JsonSerializable(typeof(PlainError))]
internal sealed partial class DialectJson : JsonSerializerContext;

/// <summary>The error of TensorFlow Serving, the Open Inference Protocol and Hugging Face.</summary>
/// <param name="Error">A sentence.</param>
/// <param name="Reason">Our stable code.</param>
internal sealed record PlainError(string Error, string Reason);
