using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;
using ResNetFunctions.EndToEnd.Worker.Protocol;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>Forwards a request as the Functions host does: to the worker's own server, and as an invocation with the same id
/// over the stream.</summary>
internal sealed class ForwardingHandler(FunctionsWorker worker)
    : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // No route, or another verb: the host's own answer.
        if (worker.Functions.Values.FirstOrDefault(function => Matches(function, request)) is not { } function)
            return new HttpResponseMessage(HttpStatusCode.NotFound) { RequestMessage = request, Content = new ByteArrayContent([]) };

        string invocationId = Guid.NewGuid().ToString();
        request.Headers.Add("x-ms-invocation-id", invocationId);
        Task<InvocationResponse> invocation = worker.InvokeAsync(function.Name, new TypedData { Http = new RpcHttp() }, invocationId);
        using CancellationTokenRegistration gone = cancellationToken.Register(() => worker.Cancel(invocationId));
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        StatusResult result = (await invocation).Result;
        Assert.True(result.Status == StatusResult.Types.Status.Success, result.Exception?.Message);
        return response;
    }

    private static bool Matches(RpcFunctionMetadata function, HttpRequestMessage request)
    {
        JsonElement trigger = FunctionsWorker.TriggerOf(function).Binding;
        return trigger.TryGetProperty("route", out JsonElement route)
            && trigger.GetProperty("methods").EnumerateArray().Any(method => string.Equals(method.GetString(), request.Method.Method, StringComparison.OrdinalIgnoreCase))
            && new TemplateMatcher(new RouteTemplate(RoutePatternFactory.Parse(route.GetString()!)), [])
                .TryMatch(request.RequestUri!.AbsolutePath, []);
    }
}
