using System.CommandLine;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Api.Queue;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Cli;

/// <summary><c>resnet blobs backfill|watch|work|prune</c></summary>
internal static class BlobsCommand
{
    public static ExampleCommand Create() =>
        new ExampleCommand("blobs", "Classify the images in a storage container.", "resnet blobs watch") { Backfill(), Watch(), Work(), Prune() };

    private static Option<string?> Container() => new("--container")
    {
        Description = "The container of images. Default: the configured one.",
        HelpName = "NAME",
    };

    private static Option<string?> Prefix() => new("--prefix")
    {
        Description = "Only blobs whose names begin with this.",
        HelpName = "PREFIX",
    };

    private static Option<string> StorageOption() => Storage.Option("the configured account, else the Azurite that listens on this machine");

    private static ExampleCommand Backfill()
    {
        Option<string?> container = Container(), prefix = Prefix(), model = CommonOptions.Model();
        Option<string> storage = StorageOption();
        Option<FileInfo?> weights = CommonOptions.Weights();
        var failed = new Option<bool>("--failed") { Description = "Also images that failed after five attempts." };
        var reclassify = new Option<bool>("--reclassify")
        {
            Description = "Also images that another model answered, and rejected ones.",
        };
        var queue = new Option<bool>("--queue")
        {
            Description = "Only put the images into the work queue, for `blobs work` or the Functions app.",
        };
        var command = new ExampleCommand("backfill", "Classify the images that have no result.", "resnet blobs backfill --prefix 2026/")
        {
            container, prefix, failed, reclassify, queue, storage, model, weights,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var rule = new WorkRule(parsed.GetValue(failed), parsed.GetValue(reclassify));
            bool onlyQueue = parsed.GetValue(queue);
            return WithStorageAsync(
                parsed.GetRequiredValue(storage), parsed.GetValue(model), parsed.GetValue(weights), needsModel: !onlyQueue || rule.Reclassify,
                (account, options) =>
                {
                    BlobContainerClient images = account.Container(parsed.GetValue(container));
                    return onlyQueue
                        ? EnqueueAsync(account, images, parsed.GetValue(prefix), rule, cancellationToken)
                        : BackfillAsync(account, options, images, parsed.GetValue(prefix), rule, cancellationToken);
                },
                cancellationToken);
        });
        return command;
    }

    private static ExampleCommand Watch()
    {
        Option<string?> container = Container(), model = CommonOptions.Model();
        Option<string> storage = StorageOption();
        Option<FileInfo?> weights = CommonOptions.Weights();
        var command = new ExampleCommand("watch", "Classify uploads, until Ctrl+C.", "resnet blobs watch --container images") { container, storage, model, weights };
        command.SetAction((parsed, cancellationToken) => WithStorageAsync(
            parsed.GetRequiredValue(storage), parsed.GetValue(model), parsed.GetValue(weights), needsModel: true,
            async (account, options) =>
            {
                await account.ListenAsync(parsed.GetValue(container), options, cancellationToken);
                return 0;
            },
            cancellationToken));
        return command;
    }

    private static ExampleCommand Work()
    {
        Option<string?> model = CommonOptions.Model();
        Option<string> storage = StorageOption();
        Option<FileInfo?> weights = CommonOptions.Weights();
        var command = new ExampleCommand("work", "Classify the images of the work queue, beside any number of other workers, until Ctrl+C.", "resnet blobs work --storage UseDevelopmentStorage=true") { storage, model, weights };
        command.SetAction((parsed, cancellationToken) => WithStorageAsync(
            parsed.GetRequiredValue(storage), parsed.GetValue(model), parsed.GetValue(weights), needsModel: true,
            async (account, options) =>
            {
                int[] outcomes = NewCounts();
                Console.WriteLine($"Working on the queue {account.Get<BlobsOptions>().WorkQueue}; Ctrl+C stops.");
                await account.WorkAsync(options, (_, outcome) => Interlocked.Increment(ref outcomes[(int)outcome]), cancellationToken);
                Console.WriteLine($"{Sum(outcomes)}.");
                return 0;
            },
            cancellationToken));
        return command;
    }

    private static ExampleCommand Prune()
    {
        Option<string?> container = Container(), prefix = Prefix();
        Option<string> storage = StorageOption();
        var command = new ExampleCommand("prune", "Remove results whose image is gone.", "resnet blobs prune --prefix 2024/") { container, prefix, storage };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            IConfiguration configuration = CommonOptions.Configuration();
            ResNetOptions options = CommonOptions.Settings(configuration, null, null);
            using var classifier = new Classifier(options);
            await using Storage account = await OpenAsync(parsed.GetRequiredValue(storage), configuration, options, classifier, cancellationToken);
            int removed = 0;
            await foreach (string image in ResultPrune.RunAsync(
                account.Container(parsed.GetValue(container)), account.Results, parsed.GetValue(prefix), cancellationToken))
            {
                removed++;
            }
            Console.WriteLine($"Results removed because their images are gone: {removed:N0}.");
        });
        return command;
    }

    private static async Task<int> WithStorageAsync(
        string choice, string? model, FileInfo? weights, bool needsModel, Func<Storage, ResNetOptions, Task<int>> work,
        CancellationToken cancellationToken)
    {
        IConfiguration configuration = CommonOptions.Configuration();
        ResNetOptions options = CommonOptions.Settings(configuration, model, weights);
        using var classifier = new Classifier(options);
        await using Storage storage = await OpenAsync(choice, configuration, options, classifier, cancellationToken);
        if (needsModel)
        {
            await FirstUse.PrepareAsync(classifier.Store, options.DefaultModel, cancellationToken);
            FirstUse.Report(await storage.Classifier.ModelAsync(cancellationToken));
        }
        return await work(storage, options);
    }

    private static async Task<Storage> OpenAsync(
        string choice, IConfiguration configuration, ResNetOptions options, Classifier classifier, CancellationToken cancellationToken) =>
        await Storage.OpenAsync(choice, mayStart: false, configuration, options, classifier, cancellationToken)
        ?? throw new UnavailableException(
            ErrorCode.Misconfigured, "there is no storage account: use --storage CONNECTION, set ImageStorage, or start Azurite.");

    private static async Task<int> BackfillAsync(
        Storage account, ResNetOptions options, BlobContainerClient images, string? prefix, WorkRule rule, CancellationToken stop)
    {
        int[] outcomes = NewCounts();
        int thrown = 0;
        SkippedCounts skipped = default;
        ImageBatch NewBatch(Action step) => new(account.Classifier, options, images, account.Results,
            new ImageWalk(images, account.Results, prefix).ReadAsync(stop))
        {
            Rule = rule,
            Skipped = reason => skipped = skipped.And(reason),
            Done = (image, outcome, e) =>
            {
                step();
                if (outcome is { } known)
                {
                    Interlocked.Increment(ref outcomes[(int)known]);
                    return;
                }
                Interlocked.Increment(ref thrown);
                Console.Error.WriteLine($"{image.Name}: {StorageError.OneLine(e!)}");
            },
        };

        int total = await NewBatch(() => { }).CountAsync(stop);
        skipped = default;
        try
        {
            await Terminal.ProgressAsync("Classifying", total, step => NewBatch(step).RunAsync(stop, CancellationToken.None));
        }
        finally
        {
            if (skipped.Line() is { } line)
                Console.WriteLine(line);
            Console.WriteLine($"{Sum(outcomes)}, {thrown:N0} to retry.");
        }
        return thrown + outcomes[(int)BlobOutcome.Failed] == 0 ? 0 : 1;
    }

    private static int[] NewCounts() => new int[Enum.GetValues<BlobOutcome>().Length];

    private static string Sum(int[] outcomes) =>
        $"{outcomes[(int)BlobOutcome.Classified]:N0} classified, {outcomes[(int)BlobOutcome.Rejected]:N0} rejected, "
        + $"{outcomes[(int)BlobOutcome.Failed]:N0} failed";

    // This process walks. If it ends, another worker on the queue of walks continues.
    private static async Task<int> EnqueueAsync(
        Storage account, BlobContainerClient images, string? prefix, WorkRule rule, CancellationToken stop)
    {
        WalkStore walks = account.Get<WalkStore>();
        var walk = new WalkState
        {
            Id = BackfillsEndpoint.NewId(),
            Container = images.Name,
            Prefix = prefix,
            Failed = rule.Failed,
            Reclassify = rule.Reclassify,
        };
        await walks.StartAsync(walk, null, stop);
        Console.WriteLine($"Started the walk {walk.Id}.");
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task walking = account.WalkQueuedAsync(over.Token);
        try
        {
            do
            {
                await Task.Delay(200, stop);
                walk = (await walks.ReadAsync(walk.Id, stop))?.State ?? walk with { Status = WalkStatus.Stopped };
            }
            while (walk.Status == WalkStatus.Listing);
        }
        finally
        {
            await over.CancelAsync();
            await walking;
        }
        if (walk.Skipped.Line() is { } line)
            Console.WriteLine(line);
        if (walk.Status == WalkStatus.Failed)
            throw new IOException(walk.Error);
        Console.WriteLine($"{walk.Listed:N0} images listed, {walk.Enqueued:N0} put into the queue{(walk.Status == WalkStatus.Stopped ? " until it was stopped" : "")}.");
        return 0;
    }
}
