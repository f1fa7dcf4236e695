using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ResNetFunctions.Api.Http;

/// <summary>What Kestrel itself takes, on any host.</summary>
public static class ServerLimits
{
    /// <summary>The handlers count bytes, so that the answer is theirs; Kestrel sees to it that they keep coming.</summary>
    public static void Apply(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 4096, gracePeriod: TimeSpan.FromSeconds(10));
    }
}
