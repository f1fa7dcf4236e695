using System.Diagnostics;
using Azure;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Blobs;

/// <summary>Looks for images that a trigger missed, and classifies them.</summary>
public sealed partial class ImageSweep(
    ImageStorage storage, BlobClassifier classifier, ResNetOptions resNet, BlobsOptions options, ILogger<ImageSweep> logger)
{
    private WalkPosition _position;
    private int _running;

    /// <summary>Goes through the container for as long as it may, from where the last run of this process stopped; at
    /// the end it begins anew. Does nothing while another run lasts, or where there is no model.</summary>
    /// <param name="budget">After this time no more images are taken on; those in hand are finished.</param>
    /// <param name="cancellationToken">Gives up at once.</param>
    /// <exception cref="UnavailableException">The settings are invalid.</exception>
    /// <exception cref="RequestFailedException">Storage could not be listed.</exception>
    public async Task RunAsync(TimeSpan budget, CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _running, 1) == 1)
            return;
        try
        {
            WalkPosition from = _position;
            _position = default; // Where the run fails, the next one begins anew: a page's name can grow stale.
            _position = await RunAsync(from, budget, cancellationToken).ConfigureAwait(false);
        }
        catch (UnavailableException e) when (e.Code == ErrorCode.ModelUnavailable)
        {
            LogNoModel(e.Message);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    private async Task<WalkPosition> RunAsync(WalkPosition from, TimeSpan budget, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        DateTimeOffset youngest = DateTimeOffset.UtcNow - options.SweepMinimumAge;
        int classified = 0, thrown = 0;
        var walk = new ImageWalk(storage.Images, storage.Results, from: from);
        var pass = new ImagePass(classifier, resNet, storage.Images, storage.Results, walk.ReadAsync(cancellationToken))
        {
            Takes = image => image.Image!.Properties.LastModified <= youngest,
            // However little time there is, every sweep gets somewhere.
            Stops = worked => Stopwatch.GetElapsedTime(started) > budget && (worked || walk.Position != from),
            Done = (image, _, e) =>
            {
                if (e is null)
                    Interlocked.Increment(ref classified);
                else
                    Interlocked.Increment(ref thrown);
                if (e is not null)
                    LogThrown(e, image.Name);
            },
        };
        await pass.RunAsync(cancellationToken, cancellationToken).ConfigureAwait(false);
        LogSwept(classified, thrown, walk.Position == default ? "to the end" : "as far as the time allowed");
        return walk.Position;
    }

    [LoggerMessage(1, LogLevel.Error, "The sweep did nothing: {Detail}")]
    private partial void LogNoModel(string detail);

    [LoggerMessage(2, LogLevel.Warning, "{Image} could not be classified; the next sweep tries it again.")]
    private partial void LogThrown(Exception e, string image);

    [LoggerMessage(3, LogLevel.Information, "The sweep found {Images} images without a result, and {Failed} that could not be classified, {Extent}.")]
    private partial void LogSwept(int images, int failed, string extent);
}
