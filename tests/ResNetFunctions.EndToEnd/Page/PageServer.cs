using Microsoft.AspNetCore.Builder;
using ResNetFunctions.Api;
using ResNetFunctions.Cli;
using ResNetFunctions.Inference;

namespace ResNetFunctions.EndToEnd.Page;

/// <summary><c>resnet serve</c>'s application, on a free port.</summary>
public sealed class PageServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Classifier _classifier;

    private PageServer(WebApplication app, Classifier classifier)
    {
        _app = app;
        _classifier = classifier;
    }

    public Uri Address => new(_app.Urls.Single());

    public static async Task<PageServer> Start(Action<ResNetOptions> configure, string photos = "training")
    {
        var options = new ResNetOptions();
        configure(options);
        var classifier = new Classifier(options);
        WebApplication app = ServeHost.Build(options, classifier, "http://127.0.0.1:0", photos);
        await app.StartAsync();
        await classifier.WarmUpAsync(null, CancellationToken.None);
        return new PageServer(app, classifier);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _classifier.Dispose();
    }
}
