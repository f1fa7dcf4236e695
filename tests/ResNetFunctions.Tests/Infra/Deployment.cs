using System.Text.Json.Nodes;

namespace ResNetFunctions.Tests.Infra;

/// <summary>A template's resources: a snapshot by the Bicep compiler. Values that only Azure knows stay
/// expressions.</summary>
internal sealed class Deployment(JsonObject snapshot)
{
    // By which built-in role an id of roleIds.bicep goes; written out here a second time so that a wrong id is seen.
    private static readonly Dictionary<string, string> RoleNames = new()
    {
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = "Storage Blob Data Owner",
        ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"] = "Storage Blob Data Contributor",
        ["974c5e8b-45b9-4653-ba55-5f855dd0fb88"] = "Storage Queue Data Contributor",
        ["0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"] = "Storage Table Data Contributor",
        ["3913510d-42f4-4e42-8a64-420c390055eb"] = "Monitoring Metrics Publisher",
    };

    public IReadOnlyList<JsonObject> Resources { get; } =
        [.. snapshot["predictedResources"]!.AsArray().Select(resource => resource!.AsObject())];

    public JsonObject Outputs => snapshot["outputs"]?.AsObject() ?? [];

    public IEnumerable<JsonObject> OfType(string type) =>
        Resources.Where(resource => string.Equals((string?)resource["type"], type, StringComparison.OrdinalIgnoreCase));

    public JsonObject Single(string type) => Assert.Single(OfType(type));

    public JsonObject AppSettings =>
        Assert.Single(OfType("Microsoft.Web/sites/config"), config => ((string)config["name"]!).EndsWith("/appsettings", StringComparison.Ordinal))
            ["properties"]!.AsObject();

    /// <summary>The role assignments as "principal: role on scope", scopes from the last provider on.</summary>
    public IEnumerable<string> Roles =>
        from assignment in OfType("Microsoft.Authorization/roleAssignments")
        let scope = ((string)assignment["id"]!).Split("/providers/Microsoft.Authorization/")[0].Split("/providers/")[^1]
        let role = ((string)assignment["properties"]!["roleDefinitionId"]!).Split('/')[^1]
        let principal = (string)assignment["properties"]!["principalId"]!
        select $"{NameOf(principal)}: {RoleNames[role]} on {WithoutHash(scope)}";

    /// <summary>A resource's name with the hash of subscription, environment and region taken out.</summary>
    public string WithoutHash(string text) => text.Replace(Hash, "");

    private string Hash => ((string)Single("Microsoft.ManagedIdentity/userAssignedIdentities")["name"]!)["id-".Length..];

    private static string NameOf(string principal) =>
        principal.Contains("/userAssignedIdentities/", StringComparison.Ordinal) ? "app"
        : principal.Contains("/systemTopics/", StringComparison.Ordinal) ? "topic"
        : principal;
}
