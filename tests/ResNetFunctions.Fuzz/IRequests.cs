using System.Text.Json;

namespace ResNetFunctions.Fuzz;

/// <summary>A kind of request, and what its answers may be.</summary>
internal interface IRequests
{
    /// <summary>The body.</summary>
    HttpContent Make(Random random);

    /// <summary>The body, and where it goes.</summary>
    (string Route, HttpContent Body) MakeFor(Random random) => ("api/classify", Make(random));

    /// <summary>What is wrong with an answer; null where nothing is.</summary>
    string? Fault(int status, JsonElement answer);
}
