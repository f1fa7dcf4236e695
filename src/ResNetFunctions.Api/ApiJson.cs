using System.Text.Json.Serialization;
using ResNetFunctions.Api.Http;

namespace ResNetFunctions.Api;

/// <summary>How every answer is written: camel case, nothing that is null, by generated code.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ClassificationResult))]
[JsonSerializable(typeof(ClassificationResults))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(HealthStatus))]
public sealed partial class ApiJson : JsonSerializerContext;
