using System.CommandLine;
using System.Diagnostics;
using System.Net;
using Azure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Cli;

/// <summary><c>resnet serve</c>: the HTTP API without the Functions host.</summary>
internal static class ServeCommand
{
    public static ExampleCommand Create()
    {
        var urls = new Option<string>("--urls")
        {
            Description = "Where to listen; several are separated by ';'.",
            HelpName = "URLS",
            DefaultValueFactory = _ => "http://127.0.0.1:7080",
        };
        Option<string> storage = Storage.Option("the configured account, else an Azurite on this machine, started if none listens");
        Option<string?> model = CommonOptions.Model();
        Option<FileInfo?> weights = CommonOptions.Weights();
        var anonymous = new Option<bool>("--allow-anonymous")
        {
            Description = "Listen on addresses other than loopback without a key.",
        };

        var command = new ExampleCommand("serve", "Answer HTTP requests, show the web page, classify uploads.", "resnet serve --model resnet50") { urls, storage, model, weights, anonymous };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(urls), parsed.GetRequiredValue(storage), parsed.GetValue(model), parsed.GetValue(weights), parsed.GetValue(anonymous),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        string urls, string storage, string? model, FileInfo? weights, bool anonymous, CancellationToken cancellationToken)
    {
        long launched = Stopwatch.GetTimestamp();
        await Task.Yield(); // The command line waits after SIGTERM only for what it has been given a task of.
        IConfiguration configuration = CommonOptions.Configuration();
        ResNetOptions options = CommonOptions.Settings(configuration, model, weights);

        // Kestrel's own settings may name addresses too.
        IEnumerable<string> addresses = configuration.GetSection("Kestrel:Endpoints").GetChildren()
            .Select(endpoint => endpoint["Url"] ?? "").Concat(urls.Split(';'));
        if (!anonymous && string.IsNullOrEmpty(options.ApiKey) && !addresses.All(IsLoopback))
        {
            await Console.Error.WriteLineAsync(
                "resnet: other machines could reach this address. Set a key in ResNet__ApiKey, or use --allow-anonymous.");
            return 1;
        }

        using var classifier = new Classifier(options);
        await FirstUse.PrepareAsync(classifier.Store, options.DefaultModel, cancellationToken);
        Task<ModelIdentity> loading = Task.Run(() => classifier.WarmUpAsync(null, CancellationToken.None), CancellationToken.None);
        try
        {
            return await ServeAsync(urls, storage, configuration, options, classifier, loading, launched, cancellationToken);
        }
        finally
        {
            // If the process ended during the load, ONNX Runtime would print errors as its last lines.
            await ((Task)loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<int> ServeAsync(
        string urls, string storage, IConfiguration configuration, ResNetOptions options, Classifier classifier,
        Task<ModelIdentity> loading, long launched, CancellationToken cancellationToken)
    {
        await using WebApplication app = ServeHost.Build(options, classifier, urls);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new IOException($"{urls} is in use: stop what listens there, or choose another address with --urls.", e);
        }
        await ReportAsync(loading, classifier.Device.Name, launched, cancellationToken);
        foreach (string url in app.Urls)
            Console.WriteLine($"Listening on {url}  (POST {url}/api/classify); Ctrl+C stops.");

        using CancellationTokenRegistration stop = cancellationToken.Register(app.Lifetime.StopApplication);
        Task listening = ListenAsync(storage, configuration, options, classifier, app.Lifetime.ApplicationStopping);
        await app.WaitForShutdownAsync(CancellationToken.None);
        await listening;
        return 0;
    }

    // HTTP requests neither wait for storage nor fail with it.
    private static async Task ListenAsync(
        string choice, IConfiguration configuration, ResNetOptions options, Classifier classifier, CancellationToken stop)
    {
        try
        {
            await using Storage? storage = await Storage.OpenAsync(choice, mayStart: true, configuration, options, classifier, stop);
            if (storage is not null)
                await storage.ListenAsync(null, options, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (Exception e) when (e is UnavailableException or RequestFailedException or AggregateException)
        {
            await Console.Error.WriteLineAsync($"resnet: blobs are off: {StorageError.OneLine(e)}");
        }
    }

    // If the model can't be loaded, requests are answered 503 and each tries again.
    private static async Task ReportAsync(Task<ModelIdentity> loading, string device, long launched, CancellationToken cancellationToken)
    {
        try
        {
            ModelIdentity model = await loading.WaitAsync(cancellationToken);
            Console.WriteLine(
                $"{model.Name} ({model.Weights} weights) is ready on {device}, {Stopwatch.GetElapsedTime(launched).TotalSeconds:F1} s after launch.");
            FirstUse.Report(model);
        }
        catch (UnavailableException e)
        {
            await Console.Error.WriteLineAsync($"resnet: {e.Message}");
        }
    }

    private static bool IsLoopback(string url)
    {
        string host = BindingAddress.Parse(url).Host;
        return host == "localhost" || (IPAddress.TryParse(host, out IPAddress? ip) && IPAddress.IsLoopback(ip));
    }
}
