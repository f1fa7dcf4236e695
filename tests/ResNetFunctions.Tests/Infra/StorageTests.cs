namespace ResNetFunctions.Tests.Infra;

public sealed class StorageTests
{
    [Fact]
    public async Task ImagesAccount_ByDefault_KeepsDeletedAndReplacedImagesForAWeek()
    {
        var deployment = await Deployments.DefaultAsync();
        var blobs = Assert.Single(deployment.OfType("Microsoft.Storage/storageAccounts/blobServices"),
            service => ((string)service["name"]!).StartsWith("stimages", StringComparison.Ordinal))["properties"]!;
        Assert.True((bool)blobs["isVersioningEnabled"]!);
        Assert.Equal(7, (int)blobs["deleteRetentionPolicy"]!["days"]!);
        Assert.Equal(7, (int)blobs["containerDeleteRetentionPolicy"]!["days"]!);
        Assert.Equal(["drop-old-versions", "drop-old-dead-letters"], Rules(deployment));
    }

    [Fact]
    public async Task Lifecycle_WhenAsked_DeletesImagesAndResults()
    {
        var deployment = await Deployments.EverythingAsync();
        Assert.Equal(["drop-old-versions", "drop-old-dead-letters", "drop-old-images"], Rules(deployment));
        var rule = deployment.Single("Microsoft.Storage/storageAccounts/managementPolicies")["properties"]!["policy"]!["rules"]![2]!["definition"]!;
        Assert.Equal("""["images/","results/"]""", rule["filters"]!["prefixMatch"]!.ToJsonString());
        Assert.Equal(90, (int)rule["actions"]!["baseBlob"]!["delete"]!["daysAfterModificationGreaterThan"]!);
    }

    private static IEnumerable<string> Rules(Deployment deployment) =>
        deployment.Single("Microsoft.Storage/storageAccounts/managementPolicies")["properties"]!["policy"]!["rules"]!.AsArray()
            .Select(rule => (string)rule!["name"]!);
}
