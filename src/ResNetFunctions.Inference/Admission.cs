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
    private readonly Question _question;
    private readonly TimeSpan _queued;

    internal Admission(
        Classifier classifier, Gate.Turn turn, Task<LoadedModels.Hold> hold, InputSpec input, Question question, TimeSpan queued)
    {
        _classifier = classifier;
        _turn = turn;
        _hold = hold;
        _input = input;
        _question = question;
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
        NetworkAnswer answer = await session.RunAsync(bindings, _question).ConfigureAwait(false);
        TimeSpan inference = Stopwatch.GetElapsedTime(inferring);

        TagList tags = new() { { "resnet.model", session.Identity.Name }, { "resnet.image.format", header.Format.Name } };
        Telemetry.Stage("decode", Telemetry.Decode, decoding, decode, tags);
        Telemetry.Stage("preprocess", Telemetry.Preprocess, preprocessing, preprocess, tags);
        Telemetry.Stage("inference", Telemetry.Inference, inferring, inference, tags);

        string sha256 = Convert.ToHexStringLower(SHA256.HashData(image.Span));
        return new Classification(
            session.Identity,
            new ImageInfo(header.Format.Name, header.Width, header.Height, image.Length, sha256),
            answer.Predictions,
            Timings.From(_queued, decode, preprocess, inference, _queued + Stopwatch.GetElapsedTime(started)))
        {
            Logits = answer.Logits,
        };
    }

    /// <summary>Runs the network on an input tensor that somebody else made: no image, no preprocessing.</summary>
    /// <param name="tensor">One image's, in the order of the manifest's layout.</param>
    /// <param name="cancellationToken">Gives up before the run.</param>
    /// <exception cref="RejectedException">bad-parameter: it has another length than the model's, or a number is not finite.</exception>
    /// <exception cref="UnavailableException">model-unavailable.</exception>
    public async ValueTask<NetworkAnswer> RunAsync(ReadOnlyMemory<float> tensor, CancellationToken cancellationToken = default)
    {
        if (tensor.Length != 3 * _input.Crop * _input.Crop)
            throw new RejectedException(ErrorCode.BadParameter, $"The tensor must have {3 * _input.Crop * _input.Crop} numbers an image.");
        if (!Finite.All(tensor.Span))
            throw new RejectedException(ErrorCode.BadParameter, "The tensor's numbers must be finite.");

        ModelSession session = (await _hold.ConfigureAwait(false)).Session;
        cancellationToken.ThrowIfCancellationRequested();
        using ModelSession.Bindings bindings = session.Rent();
        bindings.Fill(tensor.Span);
        long inferring = Stopwatch.GetTimestamp();
        NetworkAnswer answer = await session.RunAsync(bindings, _question).ConfigureAwait(false);
        Telemetry.Stage(
            "inference", Telemetry.Inference, inferring, Stopwatch.GetElapsedTime(inferring), new() { { "resnet.model", session.Identity.Name } });
        return answer;
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
