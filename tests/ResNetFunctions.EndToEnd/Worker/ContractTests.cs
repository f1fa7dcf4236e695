using System.Text.RegularExpressions;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.EndToEnd.Worker.Protocol;
using ResNetFunctions.Tests.Infra;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>The Bicep templates against the published app's reports.</summary>
public sealed partial class ContractTests(Workers workers)
{
    [Fact]
    public async Task Names_OfTheTemplatesContract_AreThoseThatTheWorkerReports()
    {
        FunctionsWorker worker = await workers.Default;
        Dictionary<string, string> contract = ReadContract();

        Assert.Equal("blobTrigger", TriggerOf(worker, contract["blobFunction"])["type"]);
        Assert.Equal("timerTrigger", TriggerOf(worker, contract["sweepFunction"])["type"]);
        Assert.Equal("httpTrigger", TriggerOf(worker, contract["httpFunction"])["type"]);
        Assert.Equal(contract["imageConnection"], TriggerOf(worker, contract["blobFunction"])["connection"]);
        Assert.Equal(ResultName.Suffix, contract["resultSuffix"]);
    }

    [Fact]
    public async Task QueuesOfTheTemplate_AreThoseThatTheWorkerReportsAndItsMetrics()
    {
        await using FunctionsWorker worker = await Workers.StartAsync(("ImageStorage", "UseDevelopmentStorage=true"));
        Dictionary<string, string> contract = ReadContract();
        string queue = TriggerOf(worker, contract["queueFunction"])["queueName"]!, walks = TriggerOf(worker, contract["walkFunction"])["queueName"]!;

        Assert.Equal(queue + contract["walkQueueSuffix"], walks);
        string[] made = [.. (await Deployments.DefaultAsync()).OfType("Microsoft.Storage/storageAccounts/queueServices/queues").Select(made => ((string)made["name"]!).Split('/')[^1])];
        Assert.All([queue, walks, queue + contract["poisonSuffix"], walks + contract["poisonSuffix"]], name => Assert.Contains(name, made));
        string source = await File.ReadAllTextAsync(Repository.PathOf("src", "ResNetFunctions.Api", "Queue", "QueueMetrics.cs"), TestContext.Current.CancellationToken);
        Assert.Contains($"\"{contract["workWaitHistogram"]}\"", source, StringComparison.Ordinal);
        Assert.Contains($"\"{contract["workPoisonCounter"]}\"", source, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EventSubscription_OfTheTemplate_CallsTheFunctionAndWatchesItsContainer()
    {
        FunctionsWorker worker = await workers.Default;
        var subscription = (await Deployments.EventsAsync()).Single("Microsoft.EventGrid/systemTopics/eventSubscriptions")["properties"]!;
        string url = (string)subscription["destination"]!["properties"]!["endpointUrl"]!;
        string function = Assert.Single(worker.Functions.Keys, name => url.Contains($"'{name}'", StringComparison.Ordinal));
        Trigger trigger = TriggerOf(worker, function);

        Assert.Contains("functionName=Host.Functions.{1}", url, StringComparison.Ordinal);
        Assert.Equal("EventGrid", trigger["source"]);
        string container = trigger["path"]!.Split('/')[0];
        Assert.Equal($"/blobServices/default/containers/{container}/", (string?)subscription["filter"]!["subjectBeginsWith"]);
    }

    [Fact]
    public async Task Connections_ThatTheFunctionsName_AreSetByTheTemplate()
    {
        FunctionsWorker worker = await workers.Default;
        string[] settings = await SettingsAsync();
        string[] connections = [.. worker.Functions.Values.Select(FunctionsWorker.TriggerOf).Select(trigger => trigger["connection"]).OfType<string>().Distinct()];

        Assert.Equal(["ImageStorage"], connections);
        Assert.All(connections.Append("AzureWebJobsStorage"), connection => // The timer's, and the host's own.
            Assert.All(["credential", "clientId", "blobServiceUri", "queueServiceUri"], part => Assert.Contains($"{connection}__{part}", settings)));
    }

    // Those of section ResNet are compared one by one in ResNetFunctions.Tests.
    [Fact]
    public async Task BlobSettings_ThatTheAppReads_CanAllBeSetByTheTemplate()
    {
        var parameters = (await Bicep.MainTemplateAsync())["definitions"]!["blobSettings"]!["properties"]!.AsObject().Select(setting => setting.Key);
        var containers = (await Deployments.EverythingAsync()).AppSettings.Select(setting => setting.Key)
            .Where(name => name.StartsWith("Blobs__", StringComparison.Ordinal) && name.EndsWith("Container", StringComparison.Ordinal))
            .Select(name => name["Blobs__".Length..]);

        Assert.Equal(
            typeof(BlobsOptions).GetProperties().Where(property => property.CanWrite).Select(property => property.Name).Order(),
            // Azure's Flex Consumption has no other source than Event Grid; the queue's name is a parameter of the template.
            parameters.Concat(containers).Append(nameof(BlobsOptions.TriggerSource)).Append(nameof(BlobsOptions.WorkQueue)).Order());
    }

    [Fact]
    public async Task Settings_OfTheTemplate_AreTakenByTheWorker()
    {
        var settings = (await Deployments.EverythingAsync()).AppSettings
            .Where(setting => setting.Key.StartsWith("ResNet__", StringComparison.Ordinal) || setting.Key.StartsWith("Blobs__", StringComparison.Ordinal))
            .Select(setting => (setting.Key, (string)setting.Value!))
            .Append(("Blobs__Model", "resnet18-mlnet")).Append(("ResNet__DefaultModel", "resnet18-mlnet"));
        await using FunctionsWorker worker = await Workers.StartAsync([.. settings]);

        using HttpResponseMessage answer = await worker.Client.ClassifyAsync(Workers.Sample);
        Assert.Equal(5, (await answer.IsOkAsync()).GetProperty("predictions").GetArrayLength());
        Assert.DoesNotContain(worker.Log, line => line.StartsWith("5 ", StringComparison.Ordinal));
        Assert.DoesNotContain("SweepImages", worker.Functions.Keys); // Its schedule is empty there.
    }

    private static Trigger TriggerOf(FunctionsWorker worker, string function) =>
        FunctionsWorker.TriggerOf(Assert.Contains(function, (IReadOnlyDictionary<string, RpcFunctionMetadata>)worker.Functions));

    private static async Task<string[]> SettingsAsync() =>
        [.. (await Deployments.DefaultAsync()).AppSettings.Select(setting => setting.Key)];

    private static Dictionary<string, string> ReadContract() =>
        Variable().Matches(File.ReadAllText(Repository.PathOf("infra", "app", "contract.bicep")))
            .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);

    [GeneratedRegex("^var (\\w+) = '([^']+)'", RegexOptions.Multiline)]
    private static partial Regex Variable();
}
