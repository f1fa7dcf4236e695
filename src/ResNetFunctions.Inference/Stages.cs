using System.Diagnostics;
using ResNetFunctions.Inference.Diagnostics;

namespace ResNetFunctions.Inference;

/// <summary>Measures the stages of one image.</summary>
/// <param name="queued">How long it waited for its turn.</param>
internal struct Stages(TimeSpan queued)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _begun, _decoding, _preprocessing, _inferring;
    private TimeSpan _decode, _preprocess, _inference;

    public void Begin() => _begun = Stopwatch.GetTimestamp();

    public void EndDecode() => (_decoding, _decode) = (_begun, Stopwatch.GetElapsedTime(_begun));

    public void EndPreprocess() => (_preprocessing, _preprocess) = (_begun, Stopwatch.GetElapsedTime(_begun));

    public void EndInference() => (_inferring, _inference) = (_begun, Stopwatch.GetElapsedTime(_begun));

    /// <summary>Reports all stages to the telemetry.</summary>
    public readonly Timings Report(string model, string format, string device)
    {
        TagList tags = new() { { "resnet.model", model }, { "resnet.image.format", format } };
        Telemetry.Stage("decode", Telemetry.Decode, _decoding, _decode, tags);
        Telemetry.Stage("preprocess", Telemetry.Preprocess, _preprocessing, _preprocess, tags);
        tags.Add("resnet.device", device);
        Telemetry.Stage("inference", Telemetry.Inference, _inferring, _inference, tags);
        return Timings.From(queued, _decode, _preprocess, _inference, queued + Stopwatch.GetElapsedTime(_started));
    }
}
