namespace ResNetFunctions.Tests.Infra;

public sealed class RoleTests
{
    private static readonly string[] Least =
    [
        "app: Storage Blob Data Owner on Microsoft.Storage/storageAccounts/sthost",
        "app: Storage Queue Data Contributor on Microsoft.Storage/storageAccounts/sthost",
        "app: Storage Table Data Contributor on Microsoft.Storage/storageAccounts/sthost",
        "app: Storage Blob Data Contributor on Microsoft.Storage/storageAccounts/stimages/blobServices/default/containers/images",
        "app: Storage Blob Data Contributor on Microsoft.Storage/storageAccounts/stimages/blobServices/default/containers/image-work",
        "app: Storage Queue Data Contributor on Microsoft.Storage/storageAccounts/stimages/queueServices/default/queues/image-work",
        "app: Storage Queue Data Contributor on Microsoft.Storage/storageAccounts/stimages/queueServices/default/queues/image-work-poison",
        "app: Storage Queue Data Contributor on Microsoft.Storage/storageAccounts/stimages/queueServices/default/queues/image-work-walks",
        "app: Storage Queue Data Contributor on Microsoft.Storage/storageAccounts/stimages/queueServices/default/queues/image-work-walks-poison",
        "app: Storage Queue Data Contributor on Microsoft.Storage/storageAccounts/stimages/queueServices/default/queues/webjobs-blobtrigger-poison",
        "app: Monitoring Metrics Publisher on Microsoft.Insights/components/appi-",
        "topic: Storage Blob Data Contributor on Microsoft.Storage/storageAccounts/stimages/blobServices/default/containers/undelivered-events",
    ];

    [Fact]
    public async Task Roles_ByDefault_AreTheLeast() =>
        Assert.Equal(Least.Order(), (await Deployments.DefaultAsync()).Roles.Order());

    [Fact]
    public async Task Roles_WithResultsContainerAndUploader_AreOnThoseContainersAlone() =>
        Assert.Equal(
            Least.Concat(
            [
                "app: Storage Blob Data Contributor on Microsoft.Storage/storageAccounts/stimages/blobServices/default/containers/results",
                $"{Deployments.Uploader}: Storage Blob Data Contributor on Microsoft.Storage/storageAccounts/stimages/blobServices/default/containers/images",
                $"{Deployments.Uploader}: Storage Blob Data Contributor on Microsoft.Storage/storageAccounts/stimages/blobServices/default/containers/results",
            ]).Order(),
            (await Deployments.EverythingAsync()).Roles.Order());
}
