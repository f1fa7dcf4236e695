using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ResNetFunctions.Api.Http;

/// <summary>Kestrel's limits, on any host.</summary>
public static class ServerLimits
{
    /// <summary>The handlers count the bytes, so that they can answer 413 themselves. Kestrel enforces the minimum
    /// speed.</summary>
    public static void Apply(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 4096, gracePeriod: TimeSpan.FromSeconds(10));
    }
}
