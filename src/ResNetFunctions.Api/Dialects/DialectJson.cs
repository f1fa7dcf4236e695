using System.Text.Json.Serialization;

namespace ResNetFunctions.Api.Dialects;

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
internal sealed record PlainError(string Error, string Reason);
