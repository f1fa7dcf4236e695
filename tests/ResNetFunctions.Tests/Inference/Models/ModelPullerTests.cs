using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Tests.Inference.Models;

public sealed class ModelPullerTests : IDisposable
{
    private static readonly byte[] Weights = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resnet-pull-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Pull_AfterAnEarlierPart_AsksForTheRestAlone()
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, "mine.onnx.part"), Weights[..400], Cancelled);
        var site = new Site(Weights);

        string path = await PullAsync(site, "a");

        Assert.Equal(Weights, await File.ReadAllBytesAsync(path, Cancelled));
        Assert.Equal(["a from 400"], site.Asked);
    }

    [Fact]
    public async Task Pull_FirstAddressFails_TriesTheNext()
    {
        var site = new Site(Weights, missing: "a");

        await PullAsync(site, "a", "b");

        Assert.Equal(["a from 0", "b from 0"], site.Asked);
    }

    [Fact]
    public async Task Pull_OtherBytes_LeavesNothingThatCouldBeUsed()
    {
        var site = new Site([.. Weights.Reverse()]);

        var e = await Assert.ThrowsAsync<InvalidModelException>(() => PullAsync(site, "a"));

        Assert.Contains("SHA-256", e.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.EnumerateFiles());
    }

    [Fact]
    public async Task Pull_OverAnotherFileOfThatName_LeavesItAlone()
    {
        string own = Path.Combine(_folder.FullName, "mine.onnx");
        await File.WriteAllTextAsync(own, "the user's own", Cancelled);

        await Assert.ThrowsAsync<InvalidModelException>(() => PullAsync(new Site(Weights), "a"));

        Assert.Equal("the user's own", await File.ReadAllTextAsync(own, Cancelled));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private async Task<string> PullAsync(Site site, params string[] hosts)
    {
        var manifest = new Manifest
        {
            Name = "mine",
            Weights = new WeightsSource
            {
                File = "mine.onnx",
                Urls = [.. hosts.Select(host => new Uri($"https://{host}/mine.onnx"))],
                Bytes = Weights.Length,
                Sha256 = Convert.ToHexStringLower(SHA256.HashData(Weights)),
            },
        };
        using var http = new HttpClient(site);
        var store = new ModelStore(new ClassifierOptions { ModelsPath = _folder.FullName, CachePath = "" });
        return await new ModelPuller(store, http).PullAsync(manifest, null, Cancelled);
    }

    /// <summary>A site that serves one file, by ranges too.</summary>
    private sealed class Site(byte[] file, string? missing = null) : HttpMessageHandler
    {
        public List<string> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            int from = (int)(request.Headers.Range?.Ranges.Single().From ?? 0);
            Asked.Add($"{request.RequestUri!.Host} from {from}");
            if (request.RequestUri.Host == missing)
                return Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound));
            var response = new HttpResponseMessage(from > 0 ? HttpStatusCode.PartialContent : HttpStatusCode.OK)
            {
                Content = new ByteArrayContent(file[from..]),
            };
            if (from > 0)
                response.Content.Headers.ContentRange = new ContentRangeHeaderValue(from, file.Length - 1, file.Length);
            return Task.FromResult(response);
        }
    }
}
