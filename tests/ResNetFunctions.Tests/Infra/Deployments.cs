
namespace ResNetFunctions.Tests.Infra;

/// <summary>The deployments of the tests, each expanded once.</summary>
internal static class Deployments
{
    private const string Required = "param environmentName = 'test'\nparam location = 'westeurope'\n";
    public const string Uploader = "11111111-1111-1111-1111-111111111111";

    private static readonly Lazy<Task<Deployment>> Default = new(() => Bicep.PredictAsync("main.bicep", Required, "--location", "westeurope"));

    private static readonly Lazy<Task<Deployment>> Everything = new(() => Bicep.PredictAsync("main.bicep", $$"""
        {{Required}}
        param instanceMemoryMB = 4096
        param maximumInstanceCount = 7
        param alwaysReadyHttp = 2
        param alwaysReadyBlob = 1
        param alwaysReadyQueue = 3
        param corsOrigins = ['https://example.org']
        param resultsContainer = 'results'
        param uploaderPrincipalId = '{{Uploader}}'
        param deleteImagesAfterDays = 90
        param alertEmail = 'ops@example.org'
        param resNet = { DefaultModel: 'resnet50', Top: 5, ApplyOrientation: false }
        param blobs = { SweepSchedule: '', Model: 'resnet18' }
        """, "--location", "westeurope"));

    private static readonly Lazy<Task<Deployment>> Events = new(() => Bicep.PredictAsync("events.bicep", """
        param functionAppName = 'func-test'
        param topicName = 'evgt-test'
        param imageStorageName = 'stimagestest'
        """, "--resource-group", "rg-test"));

    /// <summary>main.bicep with nothing but a name and a region.</summary>
    public static Task<Deployment> DefaultAsync() => Default.Value;

    /// <summary>main.bicep with every option on.</summary>
    public static Task<Deployment> EverythingAsync() => Everything.Value;

    /// <summary>events.bicep.</summary>
    public static Task<Deployment> EventsAsync() => Events.Value;
}
