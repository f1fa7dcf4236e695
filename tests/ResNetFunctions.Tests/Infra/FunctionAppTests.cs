using System.Text.Json.Nodes;

namespace ResNetFunctions.Tests.Infra;

public sealed class FunctionAppTests
{
    [Fact]
    public async Task Plan_IsFlexConsumption()
    {
        var sku = (await Deployments.DefaultAsync()).Single("Microsoft.Web/serverfarms")["sku"]!;
        Assert.Equal("FC1", (string?)sku["name"]);
        Assert.Equal("FlexConsumption", (string?)sku["tier"]);
    }

    [Fact]
    public async Task Runtime_IsDotNetIsolated10()
    {
        var runtime = (await ConfigAsync(Deployments.DefaultAsync()))["runtime"]!;
        Assert.Equal("dotnet-isolated", (string?)runtime["name"]);
        Assert.Equal("10.0", (string?)runtime["version"]);
    }

    [Fact]
    public async Task Settings_OnFlexConsumption_HaveNoneThatItRefuses()
    {
        string[] refused =
        [
            "FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_WORKER_RUNTIME_VERSION", "FUNCTIONS_EXTENSION_VERSION", "WEBSITE_RUN_FROM_PACKAGE",
            "WEBSITE_CONTENTSHARE", "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING", "SCM_DO_BUILD_DURING_DEPLOYMENT", "ENABLE_ORYX_BUILD",
            "FUNCTIONS_MAX_HTTP_CONCURRENCY", "WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT", "AzureWebJobsStorage",
        ];
        Assert.Empty((await Deployments.EverythingAsync()).AppSettings.Select(setting => setting.Key).Intersect(refused));
        var site = (await Deployments.EverythingAsync()).Single("Microsoft.Web/sites")["properties"]!["siteConfig"]!.AsObject();
        Assert.Empty(site.Select(property => property.Key).Except(["minTlsVersion", "scmMinTlsVersion", "http20Enabled", "cors"]));
    }

    [Fact]
    public async Task Settings_OfBothConnections_AreIdentityBasedAndComplete()
    {
        var deployment = await Deployments.DefaultAsync();
        var settings = deployment.AppSettings;
        foreach (var (connection, account, services) in (ReadOnlySpan<(string, string, string[])>)
            [("AzureWebJobsStorage", "sthost", ["blob", "queue", "table"]), ("ImageStorage", "stimages", ["blob", "queue"])])
        {
            Assert.Equal("managedidentity", (string?)settings[$"{connection}__credential"]);
            Assert.EndsWith(".clientId]", (string?)settings[$"{connection}__clientId"], StringComparison.Ordinal);
            foreach (string service in services)
            {
                string value = deployment.WithoutHash((string)settings[$"{connection}__{service}ServiceUri"]!);
                Assert.Contains($"/storageAccounts/{account}'", value, StringComparison.Ordinal);
                Assert.EndsWith($".primaryEndpoints.{service}]", value, StringComparison.Ordinal);
            }
            Assert.Equal(2 + services.Length, settings.Count(setting => setting.Key.StartsWith(connection, StringComparison.Ordinal)));
        }
        Assert.StartsWith("[format('ClientId={0};Authorization=AAD'", (string?)settings["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"], StringComparison.Ordinal);
        Assert.EndsWith(".ConnectionString]", (string?)settings["APPLICATIONINSIGHTS_CONNECTION_STRING"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_ByDefault_SweepDaily()
    {
        var settings = (await Deployments.DefaultAsync()).AppSettings;
        Assert.Equal("0 0 3 * * *", (string?)settings["Blobs__SweepSchedule"]);
        Assert.Equal("00:10:00", (string?)settings["Blobs__SweepMinimumAge"]);
        Assert.Equal("images", (string?)settings["Blobs__ImagesContainer"]);
        Assert.Equal("image-work", (string?)settings["Blobs__WorkQueue"]);
        Assert.False(settings.ContainsKey("Blobs__TriggerSource"));
        Assert.False(settings.ContainsKey("Blobs__ResultsContainer"));
    }

    [Fact]
    public async Task Settings_FromParameters_OverrideTheDefaults()
    {
        var settings = (await Deployments.EverythingAsync()).AppSettings;
        Assert.Equal("resnet50", (string?)settings["ResNet__DefaultModel"]);
        Assert.Equal("5", (string?)settings["ResNet__Top"]);
        Assert.Equal("False", (string?)settings["ResNet__ApplyOrientation"]);
        Assert.Equal("", (string?)settings["Blobs__SweepSchedule"]);
        Assert.Equal("resnet18", (string?)settings["Blobs__Model"]);
        Assert.Equal("results", (string?)settings["Blobs__ResultsContainer"]);
    }

    [Theory]
    [InlineData(false, 2048, 1, 4, 2, 1)]
    [InlineData(true, 4096, 2, 8, 4, 2)]
    public async Task Concurrency_OfAnInstance_FollowsItsCores(bool everything, int memory, int cores, int http, int blobs, int batch)
    {
        var deployment = await (everything ? Deployments.EverythingAsync() : Deployments.DefaultAsync());
        var scale = deployment.Single("Microsoft.Web/sites")["properties"]!["functionAppConfig"]!["scaleAndConcurrency"]!;
        Assert.Equal(memory, (int)scale["instanceMemoryMB"]!);
        Assert.Equal(http, (int)scale["triggers"]!["http"]!["perInstanceConcurrency"]!);
        Assert.Equal($"{cores}", (string?)deployment.AppSettings["ResNet__MaxConcurrency"]);
        Assert.Equal($"{blobs}", (string?)deployment.AppSettings["AzureFunctionsJobHost__extensions__blobs__maxDegreeOfParallelism"]);
        Assert.Equal($"{batch}", (string?)deployment.AppSettings["AzureFunctionsJobHost__extensions__queues__batchSize"]);
        Assert.Equal($"{batch}", (string?)deployment.AppSettings["AzureFunctionsJobHost__extensions__queues__newBatchThreshold"]);
    }

    [Fact]
    public async Task Scale_FromParameters_IsTheirs()
    {
        var scale = (await ConfigAsync(Deployments.EverythingAsync()))["scaleAndConcurrency"]!;
        Assert.Equal(7, (int)scale["maximumInstanceCount"]!);
        Assert.Equal("""[{"name":"http","instanceCount":2},{"name":"blob","instanceCount":1},{"name":"function:ClassifyQueued","instanceCount":3}]""", scale["alwaysReady"]!.ToJsonString());
        Assert.Empty((await ConfigAsync(Deployments.DefaultAsync()))["scaleAndConcurrency"]!["alwaysReady"]!.AsArray());
    }

    [Fact]
    public async Task App_HasTheTagByWhichAzdFindsIt()
    {
        string serviceName = File.ReadLines(Repository.PathOf("azure.yaml")).SkipWhile(line => line != "services:").ElementAt(1).Trim(' ', ':');
        var app = (await Deployments.DefaultAsync()).Single("Microsoft.Web/sites");
        Assert.Equal(serviceName, (string?)app["tags"]!["azd-service-name"]);
    }

    private static async Task<JsonNode> ConfigAsync(Task<Deployment> deployment) =>
        (await deployment).Single("Microsoft.Web/sites")["properties"]!["functionAppConfig"]!;
}
