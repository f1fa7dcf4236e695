using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Api.Hosting;
using ResNetFunctions.Api.Queue;
using ResNetFunctions.EndToEnd.Blobs;
using ResNetFunctions.Inference;

namespace ResNetFunctions.EndToEnd.Queue;

/// <summary>The shared parts of the tests of queues.</summary>
public abstract class QueueTest(AzuriteFixture azurite, BlobModels models) : BlobTest(azurite, models)
{
    protected static TimeSpan Patience => TimeSpan.FromSeconds(60);

    /// <summary>The name of this test's queue.</summary>
    protected string Name { get; } = $"q{Guid.NewGuid():N}";

    /// <summary>A host's services, as <c>AddBlobs</c> and <c>AddWorkQueue</c> set them up.</summary>
    protected async Task<ServiceProvider> HostAsync(BlobContainerClient images, params (string Key, string Value)[] settings) =>
        Host(Models.Options(), [("ImageStorage", await Azurite.ConnectionStringAsync()), ("Blobs:ImagesContainer", images.Name), .. settings]);

    private protected ServiceProvider Host(ResNetOptions options, (string Key, string Value)[] settings)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Prepend(("Blobs:WorkQueue", Name)).ToDictionary(s => s.Item1, s => (string?)s.Item2)).Build();
        return new ServiceCollection()
            .AddLogging()
            .AddSingleton(configuration)
            .AddResNet(options, new Lazy<Classifier>(() => new Classifier(options)))
            .AddBlobs(configuration)
            .AddWorkQueue()
            .BuildServiceProvider();
    }

    protected async Task<QueueClient> QueueAsync(string suffix = "")
    {
        var options = new QueueClientOptions(QueueClientOptions.ServiceVersion.V2026_06_06) { MessageEncoding = QueueMessageEncoding.Base64 };
        return new QueueServiceClient(await Azurite.ConnectionStringAsync(), options).GetQueueClient(Name + suffix);
    }

    /// <summary>Receives and removes all messages, delayed ones too.</summary>
    protected async Task<List<string>> EmptyAsync(string suffix = "")
    {
        using var patience = new CancellationTokenSource(Patience);
        List<string> texts = [];
        QueueClient queue = await QueueAsync(suffix);
        while (await CountAsync(suffix) > 0)
        {
            foreach (QueueMessage message in (await queue.ReceiveMessagesAsync(32, cancellationToken: Cancel)).Value)
            {
                texts.Add(message.Body.ToString());
                await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, Cancel);
            }
            await Task.Delay(20, patience.Token);
        }
        return texts;
    }

    protected async Task<int> CountAsync(string suffix = "")
    {
        QueueClient queue = await QueueAsync(suffix);
        return await queue.ExistsAsync(Cancel) ? (await queue.GetPropertiesAsync(Cancel)).Value.ApproximateMessagesCount : 0;
    }

    private protected static WorkMessage Message(BlobContainerClient container, params string[] images) =>
        new() { Container = container.Name, Images = images, Found = DateTimeOffset.UtcNow };

    private protected static async Task ProcessAsync(IServiceProvider host, WorkMessage message, long delivery = 1) =>
        await host.GetRequiredService<QueuedImages>().ProcessAsync(message.Write(), delivery, Cancel);

    /// <summary>Processes the messages of the queue of walks until it is empty.</summary>
    protected async Task WalkAsync(IServiceProvider host)
    {
        using var patience = new CancellationTokenSource(Patience);
        QueueClient queue = await QueueAsync("-walks");
        while (await CountAsync("-walks") > 0)
        {
            if ((await queue.ReceiveMessageAsync(TimeSpan.FromMinutes(1), Cancel)).Value is not { } message)
            {
                await Task.Delay(50, patience.Token);
                continue;
            }
            await host.GetRequiredService<QueuedWalks>().ProcessAsync(message.Body.ToString(), message.DequeueCount, Cancel);
            await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, Cancel);
        }
    }

    /// <summary>Starts a walk over the whole container.</summary>
    private protected static async Task<string> StartAsync(IServiceProvider host, BlobContainerClient container, Func<WalkState, WalkState>? with = null)
    {
        var walk = new WalkState { Id = BackfillsEndpoint.NewId(), Container = container.Name };
        Assert.True(await host.GetRequiredService<WalkStore>().StartAsync(with?.Invoke(walk) ?? walk, null, Cancel));
        return walk.Id;
    }

    private protected static async Task<WalkState> StateAsync(IServiceProvider host, string walk) =>
        (await host.GetRequiredService<WalkStore>().ReadAsync(walk, Cancel))!.State;
}
