using System.Threading.RateLimiting;

namespace ResNetFunctions.Inference;

/// <summary>Bounds the pixels of all images decoded at one time. Small images pass without a wait.</summary>
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

    /// <summary>Waits for a share of the budget, all of it at most; disposing it gives it back.</summary>
    public ValueTask<RateLimitLease> TakeAsync(long share, CancellationToken cancellationToken) =>
        _limiter.AcquireAsync(Math.Min(Units(share), Units(pixels)), cancellationToken);

    private static int Units(long count) => (int)Math.Min(int.MaxValue, (count >> UnitBits) + 1);

    public void Dispose() => _limiter.Dispose();
}
