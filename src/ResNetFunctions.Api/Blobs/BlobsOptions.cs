using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Api.Blobs;

/// <summary>Section <c>Blobs</c>: which blobs are classified, and where the results go.</summary>
public sealed class BlobsOptions : ValidatedOptions
{
    // A queue's name has at most 63 characters, and -walks-poison is added to this one.
    private const string QueueName = "^(?!.*--)[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$";
    private const string ContainerName = "^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$";

    private string? _bindingError;

    /// <summary>The container that images are uploaded to. Default: images.</summary>
    [Required, RegularExpression(ContainerName)]
    public string ImagesContainer { get; set; } = "images";

    /// <summary>A container for the results of <see cref="ImagesContainer"/>. Default: none; results are beside the
    /// images.</summary>
    [RegularExpression(ContainerName)]
    public string? ResultsContainer { get; set; }

    /// <summary>The model that classifies blobs. Default: <see cref="ModelStore.DefaultModel"/>.</summary>
    [RegularExpression("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    public string? Model { get; set; }

    /// <summary>How the Functions app hears of an upload. Default: Event Grid.</summary>
    [EnumDataType(typeof(TriggerSource))]
    public TriggerSource TriggerSource { get; set; } = TriggerSource.EventGrid;

    /// <summary>When the Functions app sweeps for uploads that its trigger missed: an NCRONTAB expression in UTC. Default:
    /// at three every night; empty: never.</summary>
    [RegularExpression(@"^\S+( \S+){4,5}$", ErrorMessage = "SweepSchedule must be an NCRONTAB expression of five or six fields.")]
    public string? SweepSchedule { get; set; } = "0 0 3 * * *";

    /// <summary>How old a blob must be before the sweep takes it. 0 to 7 days; default 10 min.</summary>
    [TimeSpanRange("00:00:00", "7.00:00:00")]
    public TimeSpan SweepMinimumAge { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The queue of images to classify; default: image-work. The app also makes, on first use, a queue of this name
    /// with <c>-walks</c>, two poison queues, and a container of this name for the progress of walks.</summary>
    [Required, RegularExpression(QueueName)]
    public string WorkQueue { get; set; } = "image-work";

    public string WalkQueue => WorkQueue + "-walks";

    /// <summary>How many messages may wait before walks pause; a message has up to 32 images. 1 to 100,000,000; default
    /// 100,000.</summary>
    [Range(1, 100_000_000)]
    public int WorkQueueLimit { get; set; } = 100_000;

    /// <summary>Reads the section. <see cref="Validate"/> reports what is wrong, misspelt names included.</summary>
    public static BlobsOptions Read(IConfiguration configuration)
    {
        var options = new BlobsOptions();
        try
        {
            configuration.GetSection("Blobs").Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException e)
        {
            options._bindingError = e.Message;
        }
        return options;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate()
    {
        List<string> errors = [.. base.Validate()];
        if (ResultsContainer == ImagesContainer)
            errors.Add($"{nameof(ResultsContainer)} must be another container than {nameof(ImagesContainer)}, or empty.");
        if (WorkQueue == ImagesContainer || WorkQueue == ResultsContainer)
            errors.Add($"{nameof(WorkQueue)} must have another name than the containers of images and results: a container of its name holds the walks' progress.");
        return _bindingError is null ? errors : [_bindingError, .. errors];
    }

    internal void ThrowIfInvalid()
    {
        if (Validate() is { Count: > 0 } errors)
            throw new UnavailableException(ErrorCode.Misconfigured, string.Join(" ", errors));
    }
}

/// <summary>How the Functions app hears of an upload.</summary>
public enum TriggerSource
{
    /// <summary>An event for each blob, within a second.</summary>
    EventGrid,

    /// <summary>The host polls for new blobs. It needs no subscription, may be late, and may miss some.</summary>
    Polling,
}
