using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Api.Blobs;

/// <summary>Section <c>Blobs</c>: which blobs are classified, and where the results go.</summary>
public sealed class BlobsOptions : ValidatedOptions
{
    // Of the names made from it, -walks-poison is the longest, and 63 letters are a queue's limit.
    private const string QueueName = "^(?!.*--)[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$";
    private const string ContainerName = "^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$";

    private string? _bindingError;

    /// <summary>The container that images are uploaded to. Default: images.</summary>
    [Required, RegularExpression(ContainerName)]
    public string ImagesContainer { get; set; } = "images";

    /// <summary>A container for the results; one for each container of images. Default: none, results lie beside
    /// their images.</summary>
    [RegularExpression(ContainerName)]
    public string? ResultsContainer { get; set; }

    /// <summary>The model that classifies blobs. Default: <see cref="ModelStore.DefaultModel"/>.</summary>
    [RegularExpression("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    public string? Model { get; set; }

    /// <summary>How the Functions app hears of an upload. Default: Event Grid.</summary>
    [EnumDataType(typeof(TriggerSource))]
    public TriggerSource TriggerSource { get; set; } = TriggerSource.EventGrid;

    /// <summary>When the Functions app looks for what its trigger missed: an NCRONTAB expression in UTC. Default: at
    /// three every night; empty: never.</summary>
    [RegularExpression(@"^\S+( \S+){4,5}$", ErrorMessage = "SweepSchedule must be an NCRONTAB expression of five or six fields.")]
    public string? SweepSchedule { get; set; } = "0 0 3 * * *";

    /// <summary>How old a blob must be before the sweep takes it from the trigger. 0 to 7 days; default 10 min.</summary>
    [TimeSpanRange("00:00:00", "7.00:00:00")]
    public TimeSpan SweepMinimumAge { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The queue of images to classify. A queue of this name with <c>-walks</c>, their two poison queues and a
    /// container of this name for the walks' progress go with it; all are made on first use. Default: image-work.</summary>
    [Required, RegularExpression(QueueName)]
    public string WorkQueue { get; set; } = "image-work";

    /// <summary>The queue of walks over the container.</summary>
    public string WalkQueue => WorkQueue + "-walks";

    /// <summary>How many messages, of up to 32 images each, may wait before walks pause. 1 to 100,000,000; default 100,000.</summary>
    [Range(1, 100_000_000)]
    public int WorkQueueLimit { get; set; } = 100_000;

    /// <summary>Reads the section. What is wrong with it is told by <see cref="Validate"/>, a misspelt name too.</summary>
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

    /// <exception cref="UnavailableException">misconfigured.</exception>
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

    /// <summary>The host looks for new blobs: it needs no subscription, and may be late or miss some.</summary>
    Polling,
}
