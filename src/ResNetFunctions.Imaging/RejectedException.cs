namespace ResNetFunctions.Imaging;

/// <summary>The caller's fault: the same request can never succeed.</summary>
/// <param name="code">One of <see cref="ErrorCode"/>.</param>
/// <param name="detail">One sentence for the caller: what is wrong, and with limits, which.</param>
/// <param name="innerException">What a decoder reported, for the log alone.</param>
public sealed class RejectedException(string code, string detail, Exception? innerException = null)
    : Exception(detail, innerException)
{
    /// <summary>One of <see cref="ErrorCode"/>.</summary>
    public string Code { get; } = code;
}
