using System.Net.Http.Json;
using System.Text.Json;

namespace ResNetFunctions.EndToEnd.Clients;

/// <summary>Images by address: what is fetched, and what their host may not do.</summary>
public sealed class UrlTests(ClientHosts hosts)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("redirect", "answered 302")]
    [InlineData("missing", "answered 404")]
    [InlineData("text", "no JPEG")]
    [InlineData("endless", "1,000,000 bytes")]
    [InlineData("stalled", "within 10 s")]
    public async Task Url_WhoseHostDoesNotGiveAnImage_IsRefused(string path, string message)
    {
        JsonElement error = await AskAsync(hosts => hosts.Images.UrlOf(path));

        Assert.Contains(message, error.GetProperty("message").GetString());
        Assert.Equal(0, hosts.Images.Followed);
    }

    private async Task<JsonElement> AskAsync(Func<ClientHosts, string> url)
    {
        Uri address = await hosts.AddressAsync("serve");
        using var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Add("Prediction-Key", ClientHosts.Key);

        using HttpResponseMessage response = await client.PostAsJsonAsync(
            $"customvision/v3.1/prediction/{Guid.NewGuid()}/classify/iterations/{ClientHosts.Model}/url", new { url = url(hosts) }, Cancelled);

        Assert.Equal(400, (int)response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
    }
}
