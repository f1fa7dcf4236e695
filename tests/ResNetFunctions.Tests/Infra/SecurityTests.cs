using System.Text.Json.Nodes;

namespace ResNetFunctions.Tests.Infra;

/// <summary>The rows of the security table in docs/deploy.md.</summary>
public sealed class SecurityTests
{
    [Fact]
    public async Task StorageAccounts_All_TakeNoSharedKey()
    {
        foreach (var account in await StorageAccountsAsync())
        {
            Assert.False((bool)account["allowSharedKeyAccess"]!);
            Assert.False((bool)account["isLocalUserEnabled"]!);
        }
    }

    [Fact]
    public async Task StorageAccounts_All_HaveNoPublicBlobs()
    {
        var deployment = await Deployments.EverythingAsync();
        Assert.All(await StorageAccountsAsync(), account => Assert.False((bool)account["allowBlobPublicAccess"]!));
        Assert.All(deployment.OfType("Microsoft.Storage/storageAccounts/blobServices/containers"),
            container => Assert.Equal("None", (string?)container["properties"]!["publicAccess"]));
    }

    [Fact]
    public async Task Transport_Everywhere_IsTls12OrLater()
    {
        Assert.All(await StorageAccountsAsync(), account =>
        {
            Assert.True((bool)account["supportsHttpsTrafficOnly"]!);
            Assert.Equal("TLS1_2", (string?)account["minimumTlsVersion"]);
        });
        var app = (await Deployments.EverythingAsync()).Single("Microsoft.Web/sites")["properties"]!;
        Assert.True((bool)app["httpsOnly"]!);
        Assert.Equal("1.2", (string?)app["siteConfig"]!["minTlsVersion"]);
        Assert.Equal("1.2", (string?)app["siteConfig"]!["scmMinTlsVersion"]);
    }

    [Fact]
    public async Task Telemetry_WithTheConnectionStringAlone_IsRefused()
    {
        var deployment = await Deployments.EverythingAsync();
        Assert.True((bool)deployment.Single("Microsoft.Insights/components")["properties"]!["DisableLocalAuth"]!);
        Assert.True((bool)deployment.Single("Microsoft.OperationalInsights/workspaces")["properties"]!["features"]!["disableLocalAuth"]!);
    }

    [Fact]
    public async Task Deployment_ByPassword_IsOff()
    {
        var policy = (await Deployments.EverythingAsync()).Single("Microsoft.Web/sites/basicPublishingCredentialsPolicies");
        Assert.EndsWith("/scm", (string?)policy["name"], StringComparison.Ordinal);
        Assert.False((bool)policy["properties"]!["allow"]!);
    }

    [Fact]
    public async Task DeploymentPackage_IsReadByIdentity()
    {
        var storage = (await Deployments.EverythingAsync()).Single("Microsoft.Web/sites")["properties"]!["functionAppConfig"]!["deployment"]!["storage"]!;
        Assert.Equal("UserAssignedIdentity", (string?)storage["authentication"]!["type"]);
    }

    [Fact]
    public async Task Template_InEveryPart_ReadsNoKeyButTheWebhooks()
    {
        string main = (await Bicep.MainTemplateAsync()).ToJsonString();
        string events = (await Bicep.EventsTemplateAsync()).ToJsonString();
        foreach (string function in (string[])["listKeys", "listAccountSas", "listServiceSas", "listConnectionStrings", "listSecrets", "AccountKey="])
            Assert.DoesNotContain(function, main, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(2, events.Split("listKeys").Length);
        Assert.Contains(".systemKeys.blobs_extension", events, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outputs_OfEveryTemplate_AreNamesAndAddressesOnly()
    {
        string[] known =
        [
            "AZURE_RESOURCE_GROUP", "AZURE_FUNCTION_APP", "CLASSIFIER_ENDPOINT", "AZURE_IMAGE_STORAGE", "AZURE_IMAGES_CONTAINER",
            "AZURE_WORK_QUEUE", "AZURE_EVENT_TOPIC", "AZURE_DEAD_LETTER_CONTAINER", "endpoint",
        ];
        Assert.Equal(known, Outputs(await Bicep.MainTemplateAsync()).Distinct().OrderBy(name => Array.IndexOf(known, name)));
        Assert.Empty(Outputs(await Bicep.EventsTemplateAsync()));
    }

    private static async Task<JsonNode[]> StorageAccountsAsync()
    {
        JsonNode[] accounts = [.. (await Deployments.EverythingAsync()).OfType("Microsoft.Storage/storageAccounts").Select(account => account["properties"]!)];
        Assert.Equal(2, accounts.Length);
        return accounts;
    }

    // Of the template and of the modules nested in it.
    private static IEnumerable<string> Outputs(JsonNode? node) => node switch
    {
        JsonObject item => item.SelectMany(property =>
            property is { Key: "outputs", Value: JsonObject outputs } ? outputs.Select(output => output.Key) : Outputs(property.Value)),
        JsonArray items => items.SelectMany(Outputs),
        _ => [],
    };
}
