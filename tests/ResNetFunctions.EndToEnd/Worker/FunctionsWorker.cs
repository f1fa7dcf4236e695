using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ResNetFunctions.EndToEnd.Worker.Protocol;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>The published Functions app as a process, started and driven as the Functions host does it.</summary>
internal sealed class FunctionsWorker : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WebApplication _host;
    private readonly WorkerStream _stream;

    private FunctionsWorker(WebApplication host, WorkerStream stream, Process process)
    {
        _host = host;
        _stream = stream;
        Process = process;
    }

    /// <summary>The worker.</summary>
    public Process Process { get; }

    /// <summary>The worker's capabilities.</summary>
    public IReadOnlyDictionary<string, string> Capabilities { get; private set; } = new Dictionary<string, string>();

    /// <summary>The functions that the worker reports, by name.</summary>
    public IReadOnlyDictionary<string, RpcFunctionMetadata> Functions { get; private set; } = new Dictionary<string, RpcFunctionMetadata>();

    /// <summary>Sends requests to the functions, as the host forwards them.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>Another client, which the caller disposes.</summary>
    public HttpClient NewClient() =>
        new(new ForwardingHandler(this)) { BaseAddress = new Uri(Capabilities["HttpUri"]), Timeout = Timeout.InfiniteTimeSpan };

    public IEnumerable<RpcLog> LogEntries => _stream.Logs;

    public IEnumerable<string> Log => _stream.Logs.Select(entry => $"{entry.Level} {entry.Category}: {entry.Message} {entry.Exception?.Message}");

    /// <summary>Starts an app with these settings, and waits until it can be invoked.</summary>
    public static async Task<FunctionsWorker> StartAsync(string app, IReadOnlyDictionary<string, string> settings)
    {
        for (int attempt = 1; ; attempt++)
        {
            var stream = new WorkerStream();
            var output = new ConcurrentQueue<string?>();
            WebApplication host = await ListenAsync(stream);
            var worker = new FunctionsWorker(host, stream, Launch(app, new Uri(host.Urls.Single()), settings, output));
            try
            {
                await worker.ShakeHandsAsync(app).WaitAsync(Patience);
                return worker;
            }
            catch (Exception e)
            {
                await Task.WhenAny(worker.Process.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(5))); // It may be about to say why.
                await worker.DisposeAsync();
                string said = string.Join('\n', output.Concat(worker.Log).TakeLast(30));
                // The worker's SDK chooses a free port and binds it later: another program may have taken it meanwhile.
                if (attempt == 3 || !said.Contains("address already in use", StringComparison.OrdinalIgnoreCase))
                    throw new IOException($"The worker did not start, attempt {attempt}: {said}", e);
            }
        }
    }

    /// <summary>Invokes a function.</summary>
    public async Task<InvocationResponse> InvokeAsync(
        string function, TypedData trigger, string? invocationId = null, params (string Name, string Json)[] triggerMetadata)
    {
        RpcFunctionMetadata metadata = Functions[function];
        var request = new StreamingMessage
        {
            InvocationRequest = new InvocationRequest
            {
                InvocationId = invocationId ?? Guid.NewGuid().ToString(),
                FunctionId = metadata.FunctionId,
                InputData = { new ParameterBinding { Name = TriggerOf(metadata).Name, Data = trigger } },
                TraceContext = new RpcTraceContext
                {
                    TraceParent = $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-00",
                },
            },
        };
        foreach ((string name, string json) in triggerMetadata)
            request.InvocationRequest.TriggerMetadata.Add(name, new TypedData { Json = json });
        return (await _stream.AskAsync(request)).InvocationResponse;
    }

    /// <summary>Invokes a queue's function for one message, as the trigger does.</summary>
    public Task<InvocationResponse> InvokeQueueAsync(string function, string message, long delivery, string? invocationId = null) =>
        InvokeAsync(function, new TypedData { String = message }, invocationId, ("DequeueCount", $"{delivery}"));

    /// <summary>Invokes the blob function for one blob, as the trigger does.</summary>
    public Task<InvocationResponse> InvokeBlobAsync(string container, string name, string? invocationId = null) =>
        InvokeAsync("ClassifyBlob", new TypedData
        {
            ModelBindingData = new ModelBindingData
            {
                Version = "1.0",
                Source = "AzureStorageBlobs",
                ContentType = "application/json",
                Content = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>
                {
                    ["Connection"] = "ImageStorage",
                    ["ContainerName"] = container,
                    ["BlobName"] = name,
                })),
            },
        }, invocationId);

    /// <summary>Invokes the timer function.</summary>
    public Task<InvocationResponse> InvokeSweepAsync() =>
        InvokeAsync("SweepImages", new TypedData { Json = """{"IsPastDue":false}""" });

    /// <summary>Cancels an invocation's token.</summary>
    public void Cancel(string invocationId) =>
        _stream.Tell(new StreamingMessage { InvocationCancel = new InvocationCancel { InvocationId = invocationId } });

    /// <summary>Asks the worker to end.</summary>
    public void Terminate() => _stream.Tell(new StreamingMessage { WorkerTerminate = new WorkerTerminate() });

    /// <summary>A function's trigger, as the worker reports it.</summary>
    public static Trigger TriggerOf(RpcFunctionMetadata function) => function.RawBindings
        .Select(raw => JsonDocument.Parse(raw).RootElement)
        .Where(binding => binding.GetProperty("type").GetString()!.EndsWith("Trigger", StringComparison.OrdinalIgnoreCase))
        .Select(binding => new Trigger(binding.GetProperty("name").GetString()!, binding))
        .Single();

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (!Process.HasExited)
            Process.Kill(entireProcessTree: true);
        await Process.WaitForExitAsync();
        Process.Dispose();
        await _host.StopAsync(new CancellationToken(canceled: true));
        await _host.DisposeAsync();
    }

    private static async Task<WebApplication> ListenAsync(WorkerStream stream)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(stream);
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = null);
        WebApplication host = builder.Build();
        host.MapGrpcService<WorkerStream>();
        await host.StartAsync();
        return host;
    }

    private static Process Launch(string app, Uri host, IReadOnlyDictionary<string, string> settings, ConcurrentQueue<string?> output)
    {
        string worker = Guid.NewGuid().ToString(), request = Guid.NewGuid().ToString();
        var start = new ProcessStartInfo("dotnet",
        [
            Path.Combine(app, "ResNetFunctions.dll"),
            "--host", host.Host, "--port", $"{host.Port}", "--workerId", worker, "--requestId", request,
            "--grpcMaxMessageLength", $"{int.MaxValue}",
            "--functions-uri", host.AbsoluteUri, "--functions-worker-id", worker, "--functions-request-id", request,
            "--functions-grpc-max-message-length", $"{int.MaxValue}",
        ])
        {
            WorkingDirectory = app,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = app;
        start.Environment["FUNCTIONS_WORKER_DIRECTORY"] = app;
        start.Environment["FUNCTIONS_WORKER_RUNTIME"] = "dotnet-isolated";
        foreach ((string name, string value) in settings)
            start.Environment[name] = value;
        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data);
        process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task ShakeHandsAsync(string app)
    {
        Task exit = Process.WaitForExitAsync();
        if (await Task.WhenAny(_stream.Started, exit) == exit)
            throw new InvalidOperationException($"The worker ended with exit code {Process.ExitCode} before it reached the host.");

        StreamingMessage init = await _stream.AskAsync(new StreamingMessage
        {
            WorkerInitRequest = new WorkerInitRequest { HostVersion = "4.1000.0", WorkerDirectory = app, FunctionAppDirectory = app },
        });
        Capabilities = init.WorkerInitResponse.Capabilities;
        StreamingMessage metadata = await _stream.AskAsync(new StreamingMessage
        {
            FunctionsMetadataRequest = new FunctionsMetadataRequest { FunctionAppDirectory = app },
        });
        Assert.Equal(StatusResult.Types.Status.Success, metadata.FunctionMetadataResponse.Result.Status);
        Functions = metadata.FunctionMetadataResponse.FunctionMetadataResults.ToDictionary(function => function.Name);
        foreach (RpcFunctionMetadata function in Functions.Values)
        {
            StreamingMessage loaded = await _stream.AskAsync(new StreamingMessage
            {
                FunctionLoadRequest = new FunctionLoadRequest { FunctionId = function.FunctionId, Metadata = function },
            });
            Assert.Equal(StatusResult.Types.Status.Success, loaded.FunctionLoadResponse.Result.Status);
        }
        await ListensAsync(new Uri(Capabilities["HttpUri"]));
        Client = NewClient();
    }

    private static async Task ListensAsync(Uri address)
    {
        while (true)
        {
            try
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync(address.Host, address.Port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(20);
            }
        }
    }
}

/// <param name="Name">The parameter.</param>
/// <param name="Binding">The worker's description.</param>
internal sealed record Trigger(string Name, JsonElement Binding)
{
    public string? this[string property] => Binding.TryGetProperty(property, out JsonElement value) ? value.ToString() : null;
}
