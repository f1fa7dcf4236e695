using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Imaging;

namespace ResNetFunctions.Api.Http;

/// <summary>Asks for the key, if one is set, as the Functions host does: <c>x-functions-key</c> or <c>?code=</c>.</summary>
internal sealed class ApiKeyFilter(string? key) : IEndpointFilter
{
    private readonly SecretKey _key = new(key);

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpRequest request = context.HttpContext.Request;
        string? given = request.Headers["x-functions-key"] is [{ Length: > 0 } header] ? header : request.Query["code"];

        if (!_key.IsSet || _key.Is(given))
            return await next(context).ConfigureAwait(false);

        var logger = context.HttpContext.RequestServices.GetRequiredService<ILogger<ApiKeyFilter>>();
        return await Answer.FromAsync(request, logger, () => throw new RejectedException(
            ErrorCode.Unauthorized, "A key is needed, in the header x-functions-key or in ?code=.")).ConfigureAwait(false);
    }
}
