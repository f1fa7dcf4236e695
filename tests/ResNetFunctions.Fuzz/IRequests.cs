using System.Text.Json;

namespace ResNetFunctions.Fuzz;

/// <summary>A kind of request, and its valid answers.</summary>
internal interface IRequests
{
    /// <summary>The body.</summary>
    HttpContent Make(Random random);

    /// <summary>The body and the path.</summary>
    (string Route, HttpContent Body) MakeFor(Random random) => ("api/classify", Make(random));

    /// <summary>What is wrong with an answer; null if nothing is.</summary>
    string? Fault(int status, JsonElement answer);
}
