using System.Diagnostics;
using System.Security.Cryptography;
using ResNetFunctions.Imaging;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference.Diagnostics;
using ResNetFunctions.Inference.Sessions;

namespace ResNetFunctions.Inference;

/// <summary>A request's turn; disposing it ends the turn.</summary>
public sealed class Admission : IDisposable
{
    private readonly Classifier _classifier;
    private readonly Gate.Turn _turn;
    private readonly Task<LoadedModels.Hold> _hold;
    private readonly InputSpec _input;
    private readonly ClassifyParameters _parameters;
    private readonly TimeSpan _queued;

    internal Admission(
        Classifier classifier, Gate.Turn turn, Task<LoadedModels.Hold> hold, InputSpec input, ClassifyParameters parameters, TimeSpan queued)
    {
        _classifier = classifier;
        _turn = turn;
        _hold = hold;
        _input = input;
        _parameters = parameters;
        _queued = queued;
    }

    /// <summary>Classifies one image.</summary>
    /// <exception cref="RejectedException">The image can never be classified.</exception>
    /// <exception cref="UnavailableException">model-unavailable.</exception>
    public async ValueTask<Classification> ClassifyAsync(
        ReadOnlyMemory<byte> image, CancellationToken cancellationToken = default)
    {
        var stages = new Stages(_queued);
        ImageHeader header = _classifier.CheckImage(image.Span);
        using IDisposable share = await _classifier.ReserveAsync(header, cancellationToken).ConfigureAwait(false);

        stages.Begin();
        using PixelBuffer pixels = _classifier.Decode(image, header, _input);
        stages.EndDecode();
        cancellationToken.ThrowIfCancellationRequested();

        // The load began with the turn, so a first image is decoded meanwhile.
        ModelSession session = (await _hold.ConfigureAwait(false)).Session;
        using ModelSession.Bindings tensors = session.Rent();
        stages.Begin();
        tensors.Fill(pixels, _classifier.OrientationOf(header));
        stages.EndPreprocess();
        cancellationToken.ThrowIfCancellationRequested();

        stages.Begin();
        NetworkOutput output = await Classifier.RunAsync(session, tensors, _parameters.Logits, cancellationToken).ConfigureAwait(false);
        NetworkAnswer answer = Read(session, output);
        stages.EndInference();

        string sha256 = Convert.ToHexStringLower(SHA256.HashData(image.Span));
        var info = new ImageInfo(header.Format.Name, header.Width, header.Height, image.Length, sha256);
        return new Classification(session.Identity, info, answer.Predictions, stages.Report(session.Identity.Name, info.Format, _classifier.Device.Name))
        {
            Logits = answer.Logits,
        };
    }

    /// <summary>Runs the network on an input tensor, without preprocessing.</summary>
    /// <param name="tensor">One image's tensor, in the manifest's layout.</param>
    /// <param name="cancellationToken">Cancels before the run.</param>
    /// <exception cref="RejectedException">bad-parameter: the wrong length, or a number is not finite.</exception>
    /// <exception cref="UnavailableException">model-unavailable.</exception>
    public async ValueTask<NetworkAnswer> RunAsync(ReadOnlyMemory<float> tensor, CancellationToken cancellationToken = default)
    {
        if (tensor.Length != 3 * _input.Crop * _input.Crop)
            throw new RejectedException(ErrorCode.BadParameter, $"The tensor must have {3 * _input.Crop * _input.Crop} numbers an image.");
        if (!Finite.All(tensor.Span))
            throw new RejectedException(ErrorCode.BadParameter, "The tensor's numbers must be finite.");

        ModelSession session = (await _hold.ConfigureAwait(false)).Session;
        cancellationToken.ThrowIfCancellationRequested();
        using ModelSession.Bindings tensors = session.Rent();
        tensors.Fill(tensor.Span);
        long inferring = Stopwatch.GetTimestamp();
        NetworkAnswer answer = Read(session, await Classifier.RunAsync(session, tensors, _parameters.Logits, cancellationToken).ConfigureAwait(false));
        Telemetry.Stage(
            "inference", Telemetry.Inference, inferring, Stopwatch.GetElapsedTime(inferring),
            new() { { "resnet.model", session.Identity.Name }, { "resnet.device", _classifier.Device.Name } });
        return answer;
    }

    private NetworkAnswer Read(ModelSession session, NetworkOutput output) =>
        new(Prediction.Of(session, Classifier.LabelsOf(session, _parameters.Language!), output.Probabilities.Span, _parameters.Top!.Value), output.Logits);

    /// <summary>Ends the turn.</summary>
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
