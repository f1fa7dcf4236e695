using Microsoft.AspNetCore.Server.Kestrel.Core;
using ResNetFunctions.Api.Http;

namespace ResNetFunctions.Tests.Api.Http;

public sealed class ServerLimitsTests
{
    [Fact]
    public void Apply_SlowBody_EndsBelow4KibAfter10Seconds()
    {
        var kestrel = new KestrelServerOptions();

        ServerLimits.Apply(kestrel);

        Assert.Equal(
            (4096.0, TimeSpan.FromSeconds(10)),
            (kestrel.Limits.MinRequestBodyDataRate!.BytesPerSecond, kestrel.Limits.MinRequestBodyDataRate.GracePeriod));
    }
}
