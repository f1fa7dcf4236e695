using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Http;

/// <summary>Bounds the memory of all bodies that are held at one time. It refuses and never waits: requests that each
/// held a part and waited for the rest would wait for ever.</summary>
internal sealed class ByteBudget(ResNetOptions options, Lazy<Classifier> classifier)
{
    private long _free = options.MaxBytesInFlight;

    /// <exception cref="UnavailableException">overloaded: there is not so much left.</exception>
    public void Take(int bytes)
    {
        if (Interlocked.Add(ref _free, -bytes) >= 0)
            return;
        Give(bytes);
        throw new UnavailableException(
            ErrorCode.Overloaded, "The memory for requests is taken.", classifier.Value.RetryAfter);
    }

    public void Give(int bytes) => Interlocked.Add(ref _free, bytes);
}
