using System.Net;
using Microsoft.AspNetCore.Http;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Imaging;

namespace ResNetFunctions.Cli.Training;

/// <summary>Without a key, allows only requests from this machine to one of its own addresses. A page of another site could
/// otherwise reach it through DNS.</summary>
internal sealed class LoopbackFilter(string? key) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        bool allowed = !string.IsNullOrEmpty(key)
            || (http.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote) && IsThisMachine(http.Request.Host.Host));
        return allowed
            ? await next(context)
            : Answer.Problem(ErrorCode.Unauthorized, "Training is for this machine alone, at http://127.0.0.1, or with a key: ResNet__ApiKey.");
    }

    private static bool IsThisMachine(string host) =>
        host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? ip) && IPAddress.IsLoopback(ip));
}
