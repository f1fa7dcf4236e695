using System.Text.Json.Serialization;

namespace ResNetFunctions.Api.Http;

/// <summary>Without the metadata for reading, a launch compiles 300 methods fewer.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Serialization,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ClassificationResult))]
[JsonSerializable(typeof(ClassificationResults))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(HealthStatus))]
public sealed partial class ApiJson : JsonSerializerContext;
