using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Http;

/// <summary>The one place where what happened becomes what the client sees. Nothing escapes: in the Functions
/// worker an exception would reach the client as a 500 with an empty body.</summary>
internal static partial class Answer
{
    private const string CorrelationHeader = "x-correlation-id";

    /// <summary>Runs a handler, and turns its exceptions into problem+json (RFC 9457) with a stable code.</summary>
    public static async Task<IResult> FromAsync(HttpRequest request, ILogger logger, Func<Task<IResult>> handler)
    {
        string correlation = Correlate(request);
        try
        {
            return await handler().ConfigureAwait(false);
        }
        catch (RejectedException e)
        {
            LogRejected(logger, correlation, e.Code, e.Message);
            return Problem(e.Code, e.Message);
        }
        catch (UnavailableException e)
        {
            LogUnavailable(logger, e.InnerException, correlation, e.Code, e.Message);
            if (e.RetryAfter is { } wait)
            {
                request.HttpContext.Response.Headers.RetryAfter =
                    Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            }
            return Problem(e.Code, e.Message);
        }
        catch (BadHttpRequestException e)
        {
            LogRejected(logger, correlation, ErrorCode.BadParameter, e.Message);
            return e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? Problem(ErrorCode.TooLarge, "The request is too large.")
                : Problem(ErrorCode.BadParameter, "The request's body ended early or is malformed.");
        }
        catch (Exception) when (request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; nobody reads this.
            return Results.StatusCode(StatusCodes.Status499ClientClosedRequest);
        }
        catch (OperationCanceledException)
        {
            // The host takes its turn back, with the client still there: it is being shut down.
            request.HttpContext.Response.Headers.RetryAfter = "1";
            return Problem(ErrorCode.Overloaded, "The server is being shut down.");
        }
        catch (Exception e)
        {
            LogFailed(logger, e, correlation);
            return Problem(ErrorCode.InternalError, "The server failed; its log has this answer's x-correlation-id.");
        }
    }

    /// <summary>Gives the answer the headers that every answer has.</summary>
    /// <returns>Its correlation id.</returns>
    public static string Correlate(HttpRequest request)
    {
        string correlation = CorrelationId(request);
        request.HttpContext.Response.Headers[CorrelationHeader] = correlation;
        request.HttpContext.Response.Headers.XContentTypeOptions = "nosniff";
        return correlation;
    }

    /// <summary>problem+json with a stable code.</summary>
    public static IResult Problem(string code, string detail) => Results.Problem(
        detail, statusCode: Status(code), extensions: new Dictionary<string, object?> { ["code"] = code });

    private static int Status(string code) => code switch
    {
        ErrorCode.EmptyBody or ErrorCode.BadParameter or ErrorCode.BadMultipart => StatusCodes.Status400BadRequest,
        ErrorCode.Unauthorized => StatusCodes.Status401Unauthorized,
        ErrorCode.UnknownModel => StatusCodes.Status404NotFound,
        ErrorCode.TooLarge => StatusCodes.Status413PayloadTooLarge,
        ErrorCode.UnsupportedFormat => StatusCodes.Status415UnsupportedMediaType,
        ErrorCode.CorruptImage or ErrorCode.TooManyPixels => StatusCodes.Status422UnprocessableEntity,
        ErrorCode.Overloaded or ErrorCode.ModelUnavailable or ErrorCode.Misconfigured =>
            StatusCodes.Status503ServiceUnavailable,
        ErrorCode.InternalError => StatusCodes.Status500InternalServerError,
        _ => throw new UnreachableException($"No status for {code}."),
    };

    // The client's own, where it is harmless in a log; else the trace's.
    private static string CorrelationId(HttpRequest request) =>
        request.Headers[CorrelationHeader] is [{ } own] && Harmless().IsMatch(own)
            ? own
            : Activity.Current?.TraceId.ToHexString() ?? Guid.NewGuid().ToString("N");

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$")]
    private static partial Regex Harmless();

    [LoggerMessage(1, LogLevel.Information, "{Correlation}: {Code}: {Detail}")]
    private static partial void LogRejected(ILogger logger, string correlation, string code, string detail);

    [LoggerMessage(2, LogLevel.Warning, "{Correlation}: {Code}: {Detail}")]
    private static partial void LogUnavailable(ILogger logger, Exception? cause, string correlation, string code, string detail);

    [LoggerMessage(3, LogLevel.Error, "{Correlation}: an unforeseen failure")]
    private static partial void LogFailed(ILogger logger, Exception e, string correlation);
}
