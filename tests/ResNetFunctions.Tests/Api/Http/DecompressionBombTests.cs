using System.Text;
using System.Text.Json;
using ResNetFunctions.Imaging;
using ResNetFunctions.Tests.Cli;

namespace ResNetFunctions.Tests.Api.Http;

/// <summary>What a body takes that unpacks to far more than it may.</summary>
[Collection(nameof(Sequential))]
public sealed class DecompressionBombTests
{
    // 100 MB of zeros in 100 kB: neither an image, nor JSON, nor a form may unpack to more than its limit.
    [Theory]
    [InlineData("gzip", "image/jpeg", "")]
    [InlineData("br", "image/jpeg", "")]
    [InlineData("deflate", "application/json", """{"image": """)]
    [InlineData("gzip", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=a; filename=a\r\n\r\n")]
    public async Task Classify_Bomb_IsTooLargeBeforeItIsUnpacked(string coding, string type, string start)
    {
        await using Server server = await Tiny.StartAsync(o => (o.MaxImageBytes, o.MaxRequestBytes, o.MaxBytesInFlight) = (1_000_000, 4_000_000, 16_000_000));
        byte[] bomb = RequestBodyTests.Pack([.. Encoding.ASCII.GetBytes(start), .. new byte[100_000_000]], coding);

        // The runtime, and what other tests left running, allocates now and then: the least is what the request took.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 5; attempt++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            JsonElement problem = await RequestBodyTests.PostAsync(server, bomb, coding, type);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
            Assert.Equal(ErrorCode.TooLarge, problem.GetProperty("code").GetString());
        }

        TestContext.Current.SendDiagnosticMessage($"{least} bytes a request");
        Assert.InRange(least, 0, 16_000_000);
    }
}
