using System.Text.Json;

namespace ResNetFunctions.Fuzz;

/// <summary>A kind of request, and what its answers may be.</summary>
internal interface IRequests
{
    /// <summary>Where it goes.</summary>
    string RouteOf(Random random) => "api/classify";

    /// <summary>The body.</summary>
    HttpContent Make(Random random);

    /// <summary>What is wrong with an answer; null where nothing is.</summary>
    string? Fault(int status, JsonElement answer);
}
