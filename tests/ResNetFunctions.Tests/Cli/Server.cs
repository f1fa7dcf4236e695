using Microsoft.AspNetCore.Builder;
using ResNetFunctions.Api;
using ResNetFunctions.Cli;
using ResNetFunctions.Inference;
using ResNetFunctions.ModelTools;

namespace ResNetFunctions.Tests.Cli;

/// <summary>The real <c>serve</c> on a free port, and a client of it.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly WebApplication _app;

    // A log line for each request would hide the tests' output.
    static Server() => Environment.SetEnvironmentVariable("Logging__LogLevel__Default", "Error");

    private Server(WebApplication app, Classifier classifier)
    {
        _app = app;
        Classifier = classifier;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public Classifier Classifier { get; }

    public HttpClient Client { get; }

    public static async Task<Server> StartAsync(Action<ResNetOptions>? configure = null, string photos = "training")
    {
        var options = new ResNetOptions { MakeGraph = GraphConverter.Graph };
        configure?.Invoke(options);
        var classifier = new Classifier(options);
        WebApplication app = ServeHost.Build(options, classifier, "http://127.0.0.1:0", photos);
        await app.StartAsync();
        return new Server(app, classifier);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
        Classifier.Dispose();
    }
}
