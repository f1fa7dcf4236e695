using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Http;

/// <summary>Limits the memory of all request bodies together. It never waits: requests that hold a part and wait for the
/// rest would deadlock.</summary>
internal sealed class ByteBudget(ResNetOptions options, Lazy<Classifier> classifier)
{
    private long _free = options.MaxBytesInFlight;

    /// <exception cref="UnavailableException">overloaded: too little is left.</exception>
    public void Take(int bytes)
    {
        if (Interlocked.Add(ref _free, -bytes) >= 0)
            return;
        Give(bytes);
        throw new UnavailableException(
            ErrorCode.Overloaded, "The server holds too many request bytes; try again later.", classifier.Value.RetryAfter);
    }

    public void Give(int bytes) => Interlocked.Add(ref _free, bytes);
}
