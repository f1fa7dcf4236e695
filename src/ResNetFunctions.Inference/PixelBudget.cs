using System.Threading.RateLimiting;

namespace ResNetFunctions.Inference;

/// <summary>Limits the pixels of all images that are decoded at one time.</summary>
internal sealed class PixelBudget(long pixels) : IDisposable
{
    // The limiter counts in int; a unit of 2^16 pixels is 256 KiB of RGBX.
    private const int UnitBits = 16;

    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = Units(pixels),
        QueueLimit = int.MaxValue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>Waits for a share, at most the whole budget.</summary>
    public ValueTask<RateLimitLease> TakeAsync(long share, CancellationToken cancellationToken) =>
        _limiter.AcquireAsync(Math.Min(Units(share), Units(pixels)), cancellationToken);

    private static int Units(long count) => (int)Math.Min(int.MaxValue, (count >> UnitBits) + 1);

    public void Dispose() => _limiter.Dispose();
}
