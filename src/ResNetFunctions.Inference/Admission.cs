using System.Diagnostics;
using System.Security.Cryptography;
using ResNetFunctions.Inference.Decoding;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.Inference.Sessions;

namespace ResNetFunctions.Inference;

/// <summary>A request's turn at the processor; disposing it lets the next one in.</summary>
public sealed class Admission : IDisposable
{
    private readonly Classifier _classifier;
    private readonly Gate.Turn _turn;
    private readonly Task<LoadedModels.Hold> _hold;
    private readonly InputSpec _input;
    private readonly int _top;
    private readonly TimeSpan _queued;

    internal Admission(Classifier classifier, Gate.Turn turn, Task<LoadedModels.Hold> hold, InputSpec input, int top, TimeSpan queued)
    {
        _classifier = classifier;
        _turn = turn;
        _hold = hold;
        _input = input;
        _top = top;
        _queued = queued;
    }

    /// <summary>Classifies one image: bytes, pixels, tensor, predictions.</summary>
    /// <exception cref="RejectedException">The image can never be classified.</exception>
    /// <exception cref="UnavailableException">model-unavailable.</exception>
    public async ValueTask<Classification> ClassifyAsync(
        ReadOnlyMemory<byte> image, CancellationToken cancellationToken = default)
    {
        long started = Stopwatch.GetTimestamp();
        ImageHeader header = _classifier.CheckImage(image.Span);
        using IDisposable share = await _classifier.ReserveAsync(header, cancellationToken).ConfigureAwait(false);

        long decoding = Stopwatch.GetTimestamp();
        using PixelBuffer pixels = _classifier.Decode(image, header, _input);
        TimeSpan decode = Stopwatch.GetElapsedTime(decoding);
        cancellationToken.ThrowIfCancellationRequested();

        // The load was begun with the turn, so that a first image is decoded meanwhile.
        ModelSession session = (await _hold.ConfigureAwait(false)).Session;
        using ModelSession.Bindings bindings = session.Rent();
        long preprocessing = Stopwatch.GetTimestamp();
        bindings.Fill(pixels, _classifier.OrientationOf(header));
        TimeSpan preprocess = Stopwatch.GetElapsedTime(preprocessing);
        cancellationToken.ThrowIfCancellationRequested();

        long inferring = Stopwatch.GetTimestamp();
        Prediction[] predictions = await session.RunAsync(bindings, _top).ConfigureAwait(false);
        TimeSpan inference = Stopwatch.GetElapsedTime(inferring);

        TagList tags = new() { { "resnet.model", session.Identity.Name }, { "resnet.image.format", header.Format.Name } };
        Telemetry.Stage("decode", Telemetry.Decode, decoding, decode, tags);
        Telemetry.Stage("preprocess", Telemetry.Preprocess, preprocessing, preprocess, tags);
        Telemetry.Stage("inference", Telemetry.Inference, inferring, inference, tags);

        string sha256 = Convert.ToHexStringLower(SHA256.HashData(image.Span));
        return new Classification(
            session.Identity,
            new ImageInfo(header.Format.Name, header.Width, header.Height, image.Length, sha256),
            predictions,
            Timings.From(_queued, decode, preprocess, inference, _queued + Stopwatch.GetElapsedTime(started)));
    }

    /// <summary>Lets the next request in.</summary>
    public void Dispose()
    {
        _turn.Dispose();
        _hold.ContinueWith(
            hold =>
            {
                if (hold.IsCompletedSuccessfully)
                    hold.Result.Dispose();
                else
                    _ = hold.Exception; // Whoever awaited it was told; seen here so that it is not reported again.
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
