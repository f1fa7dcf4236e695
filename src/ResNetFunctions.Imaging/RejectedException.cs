namespace ResNetFunctions.Imaging;

/// <summary>The caller's mistake: the same request can never succeed.</summary>
/// <param name="code">One of <see cref="ErrorCode"/>.</param>
/// <param name="detail">One sentence for the caller.</param>
/// <param name="innerException">For the log only.</param>
public sealed class RejectedException(string code, string detail, Exception? innerException = null)
    : Exception(detail, innerException)
{
    /// <summary>One of <see cref="ErrorCode"/>.</summary>
    public string Code { get; } = code;
}
