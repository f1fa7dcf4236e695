using ResNetFunctions.Imaging;

namespace ResNetFunctions.Inference;

/// <summary>Not the caller's mistake: the same request may succeed later.</summary>
/// <param name="code"><see cref="ErrorCode.Overloaded"/>, <see cref="ErrorCode.ModelUnavailable"/> or <see
/// cref="ErrorCode.Misconfigured"/>.</param>
/// <param name="detail">One sentence for the caller, without paths.</param>
/// <param name="retryAfter">When to retry, if known.</param>
/// <param name="innerException">For the log only.</param>
public sealed class UnavailableException(
    string code, string detail, TimeSpan? retryAfter = null, Exception? innerException = null)
    : Exception(detail, innerException)
{
    /// <summary>One of <see cref="ErrorCode"/>.</summary>
    public string Code { get; } = code;

    /// <summary>When to retry, if known.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
