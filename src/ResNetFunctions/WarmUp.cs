using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Devices;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions;

/// <summary>Loads the default model while the host still reads the functions, so that the first request need not
/// wait.</summary>
internal sealed partial class WarmUp(
    Lazy<Classifier> classifier, ResNetOptions options, BlobsOptions blobs, ILogger<WarmUp> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (blobs.Validate() is { Count: > 0 } blobErrors)
            LogBlobsMisconfigured(logger, string.Join(" ", blobErrors));
        if (options.Validate() is { Count: > 0 } errors)
        {
            LogMisconfigured(logger, string.Join(" ", errors));
            return;
        }
        try
        {
            await Task.Yield(); // The host starts the next service when this one first waits.
            ModelIdentity model = await classifier.Value.WarmUpAsync(null, stoppingToken);
            DeviceChoice device = classifier.Value.Device;
            LogReady(logger, model.Name, model.Weights, model.Sha256, device.Name);
            if (device.WhyNotCuda is { } why)
                LogCpu(logger, why);
        }
        catch (Exception e) when (e is UnavailableException or RejectedException)
        {
            LogUnavailable(logger, e, e.Message); // The next request tries again, and is told.
        }
        catch (OperationCanceledException)
        {
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Model} ({Weights} weights, sha256 {Sha256}) is ready on {Device}")]
    private static partial void LogReady(ILogger logger, string model, string weights, string sha256, string device);

    [LoggerMessage(2, LogLevel.Warning, "Device is auto, and the CPU is used. {Why}")]
    private static partial void LogCpu(ILogger logger, string why);

    [LoggerMessage(3, LogLevel.Error, "Can't load the default model; requests are answered 503, and the next one tries again: {Detail}")]
    private static partial void LogUnavailable(ILogger logger, Exception e, string detail);

    [LoggerMessage(4, LogLevel.Critical, "The settings are invalid; every request is answered 503 misconfigured until they are corrected: {Errors}")]
    private static partial void LogMisconfigured(ILogger logger, string errors);

    [LoggerMessage(5, LogLevel.Critical, "The settings of section Blobs are invalid; no blob is classified until they are corrected: {Errors}")]
    private static partial void LogBlobsMisconfigured(ILogger logger, string errors);
}
