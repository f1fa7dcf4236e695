using ResNetFunctions.Api;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Tests.Api.Http;

/// <summary>What is refused before or at the connection. Fetching is tested in ResNetFunctions.EndToEnd.</summary>
public sealed class ImageFetchTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("https://other.example/a.jpg", "not in the setting UrlHosts")]
    [InlineData("https://localhost.example.org/a.jpg", "not in the setting UrlHosts")]
    [InlineData("https://example.org.localhost/a.jpg", "not in the setting UrlHosts")]
    [InlineData("https://localhost:8443/a.jpg", "not in the setting UrlHosts")]
    [InlineData("https://localhost@other.example/a.jpg", "user name")]
    [InlineData("https://user:word@localhost/a.jpg", "user name")]
    [InlineData("http://localhost/a.jpg", "https")]
    [InlineData("file:///etc/passwd", "https")]
    [InlineData("//localhost/a.jpg", "https")]
    [InlineData("a.jpg", "https")]
    [InlineData("", "https")]
    [InlineData("https://localhost/a.jpg", "no public address")]
    [InlineData("https://LOCALHOST/a.jpg", "no public address")]
    [InlineData("https://127.0.0.1/a.jpg", "no public address")]
    [InlineData("https://2130706433/a.jpg", "no public address")] // 127.0.0.1 as one number
    [InlineData("https://0x7f.1/a.jpg", "no public address")]
    [InlineData("https://[::1]:9/a.jpg", "no public address")]
    [InlineData("https://[::ffff:169.254.169.254]:9/a.jpg", "no public address")]
    public async Task Get_AddressThatIsNotAllowed_IsRefused(string address, string detail)
    {
        var options = new ResNetOptions { UrlHosts = "localhost, 127.0.0.1, [::1]:9, [::ffff:169.254.169.254]:9" };
        Assert.Empty(options.Validate());
        using var classifier = new Classifier(options);
        using var fetch = new ImageFetch(options, new ByteBudget(options, new Lazy<Classifier>(classifier)));

        var e = await Assert.ThrowsAsync<RejectedException>(() => fetch.GetAsync(address, Cancelled));

        Assert.Equal(ErrorCode.BadParameter, e.Code);
        Assert.Contains(detail, e.Message);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("example.org", 0)]
    [InlineData("a.example.org, b.example.org:8443", 0)]
    [InlineData("https://example.org", 1)]
    [InlineData("*.example.org", 1)]
    [InlineData("example.org/pictures", 1)]
    [InlineData("example.org:443", 1)]
    public void UrlHosts_ThatAreNoNames_AreInvalid(string hosts, int errors) =>
        Assert.Equal(errors, new ResNetOptions { UrlHosts = hosts }.Validate().Count);
}
