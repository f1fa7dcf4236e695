using System.Text.Json.Nodes;

namespace ResNetFunctions.Tests.Infra;

public sealed class EventTests
{
    [Fact]
    public async Task Topic_CarriesTheImagesAccountsEvents_WithAnIdentityOfItsOwn()
    {
        var deployment = await Deployments.DefaultAsync();
        var topic = deployment.Single("Microsoft.EventGrid/systemTopics");
        Assert.Equal("SystemAssigned", (string?)topic["identity"]!["type"]);
        Assert.EndsWith("/storageAccounts/stimages", deployment.WithoutHash((string)topic["properties"]!["source"]!), StringComparison.Ordinal);
        Assert.Equal("Microsoft.Storage.StorageAccounts", (string?)topic["properties"]!["topicType"]);
    }

    [Fact]
    public async Task Filter_TakesUploadedImages_AndNoResult()
    {
        var filter = (await SubscriptionAsync())["filter"]!;
        Assert.Equal("""["Microsoft.Storage.BlobCreated"]""", filter["includedEventTypes"]!.ToJsonString());
        Assert.Equal("/blobServices/default/containers/images/", (string?)filter["subjectBeginsWith"]);
        Assert.True((bool)filter["isSubjectCaseSensitive"]!);
        Assert.Equal("""[{"operatorType":"StringNotEndsWith","key":"subject","values":[".classification.json"]}]""", filter["advancedFilters"]!.ToJsonString());
    }

    [Fact]
    public async Task Delivery_GoesToTheBlobWebhook_WithAKeyReadDuringTheDeployment()
    {
        var destination = (await SubscriptionAsync())["destination"]!;
        Assert.Equal("WebHook", (string?)destination["endpointType"]);
        Assert.Equal("1.2", (string?)destination["properties"]!["minimumTlsVersionAllowed"]);
        string url = (string)destination["properties"]!["endpointUrl"]!;
        Assert.StartsWith("[format('https://{0}/runtime/webhooks/blobs?functionName=Host.Functions.{1}&code={2}', ", url, StringComparison.Ordinal);
        Assert.Contains(".defaultHostName, 'ClassifyBlob', listKeys(", url, StringComparison.Ordinal);
        Assert.EndsWith("/sites/func-test/host/default', '2025-03-01').systemKeys.blobs_extension)]", url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delivery_ThatFails_IsRetriedForADay_ThenKeptByTheTopicsIdentity()
    {
        var subscription = await SubscriptionAsync();
        Assert.Equal(30, (int)subscription["retryPolicy"]!["maxDeliveryAttempts"]!);
        Assert.Equal(1440, (int)subscription["retryPolicy"]!["eventTimeToLiveInMinutes"]!);
        Assert.Null(subscription["deadLetterDestination"]);
        var deadLetter = subscription["deadLetterWithResourceIdentity"]!;
        Assert.Equal("SystemAssigned", (string?)deadLetter["identity"]!["type"]);
        Assert.Equal("undelivered-events", (string?)deadLetter["deadLetterDestination"]!["properties"]!["blobContainerName"]);
    }

    private static async Task<JsonNode> SubscriptionAsync() =>
        (await Deployments.EventsAsync()).Single("Microsoft.EventGrid/systemTopics/eventSubscriptions")["properties"]!;
}
