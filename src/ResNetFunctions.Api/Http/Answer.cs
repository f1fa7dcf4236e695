using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Diagnostics;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Api.Http;

/// <summary>Turns every outcome into a response and a log line. No exception may escape: the Functions worker would answer
/// 500 with an empty body.</summary>
internal static partial class Answer
{
    private const string CorrelationHeader = "x-correlation-id";

    public static Task<IResult> FromAsync(HttpRequest request, ILogger logger, Func<Task<IResult>> handler) =>
        FromAsync(request, logger, handler, Problem);

    /// <summary>Runs a handler, and passes the code and detail of an exception to <paramref name="failure"/>.</summary>
    public static async Task<IResult> FromAsync(
        HttpRequest request, ILogger logger, Func<Task<IResult>> handler, Func<string, string, IResult> failure)
    {
        long started = Stopwatch.GetTimestamp();
        string correlation = Correlate(request);

        Outcome outcome = await OutcomeOfAsync(request, handler, failure).ConfigureAwait(false);

        if (outcome.Code is { } code)
        {
            Telemetry.Rejected(code);
            Activity.Current?.SetTag("error.type", code);
        }
        if (outcome.RetryAfter is { } wait)
            request.HttpContext.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return new LoggedAnswer(outcome.Result, response =>
        {
            LogLevel level = outcome.Level(request);
            if (!logger.IsEnabled(level))
                return;
            double milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            LogRequest(
                logger, level, outcome.Cause, request.Method, response.StatusCode, outcome.Code ?? "ok", request.ContentLength,
                milliseconds, correlation, outcome.Detail);
        });
    }

    private static async Task<Outcome> OutcomeOfAsync(
        HttpRequest request, Func<Task<IResult>> handler, Func<string, string, IResult> failure)
    {
        Outcome Failed(string code, string detail) => new(failure(code, detail), code, detail);
        try
        {
            return new Outcome(await handler().ConfigureAwait(false));
        }
        catch (RejectedException e)
        {
            return Failed(e.Code, e.Message);
        }
        catch (UnavailableException e)
        {
            return Failed(e.Code, e.Message) with
            {
                RetryAfter = e.RetryAfter,
                Cause = e.InnerException is InvalidModelException ? null : e.InnerException, // The sentence has said it all.
            };
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Failed(ErrorCode.TooLarge, "The request is too large.");
        }
        catch (BadHttpRequestException)
        {
            return Failed(ErrorCode.BadParameter, "The request's body ended early, came too slowly or is malformed.");
        }
        catch (Exception) when (request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            return new Outcome(Results.StatusCode(StatusCodes.Status499ClientClosedRequest), "client-gone");
        }
        catch (OperationCanceledException)
        {
            // The client is still there: the host is shutting down.
            return Failed(ErrorCode.Overloaded, "The server is being shut down.") with { RetryAfter = TimeSpan.FromSeconds(1) };
        }
        catch (Exception e)
        {
            return Failed(ErrorCode.InternalError, "The server failed; its log has this answer's x-correlation-id.") with { Cause = e };
        }
    }

    /// <summary>Sets the headers that every response has.</summary>
    /// <returns>The correlation id.</returns>
    public static string Correlate(HttpRequest request)
    {
        string correlation = CorrelationId(request);
        IHeaderDictionary headers = request.HttpContext.Response.Headers;
        headers[CorrelationHeader] = correlation;
        SecurityHeaders.Set(headers);
        return correlation;
    }

    public static IResult Json<T>(T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        new JsonAnswer(JsonSerializer.SerializeToUtf8Bytes(value, type), status);

    public static IResult Problem(string code, string detail) => Results.Problem(
        detail, statusCode: Status(code), extensions: new Dictionary<string, object?> { ["code"] = code });

    public static int Status(string code) => code switch
    {
        ErrorCode.EmptyBody or ErrorCode.BadParameter or ErrorCode.BadMultipart or ErrorCode.BadJson => StatusCodes.Status400BadRequest,
        ErrorCode.Unauthorized => StatusCodes.Status401Unauthorized,
        ErrorCode.UnknownModel or ErrorCode.UnknownBackfill => StatusCodes.Status404NotFound,
        ErrorCode.TooLarge => StatusCodes.Status413PayloadTooLarge,
        ErrorCode.UnsupportedFormat => StatusCodes.Status415UnsupportedMediaType,
        ErrorCode.CorruptImage or ErrorCode.TooManyPixels => StatusCodes.Status422UnprocessableEntity,
        ErrorCode.Overloaded or ErrorCode.ModelUnavailable or ErrorCode.Misconfigured =>
            StatusCodes.Status503ServiceUnavailable,
        ErrorCode.InternalError => StatusCodes.Status500InternalServerError,
        _ => throw new UnreachableException($"No status for {code}."),
    };

    // The client's id if it is safe to log, else the trace's.
    private static string CorrelationId(HttpRequest request) =>
        request.Headers[CorrelationHeader] is [{ } own] && Harmless().IsMatch(own)
            ? own
            : Activity.Current?.TraceId.ToHexString() ?? Guid.NewGuid().ToString("N");

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex Harmless();

    [LoggerMessage(EventId = 1, Message = "{Method} {Status} {Code}, {RequestBytes} bytes, {Milliseconds:F1} ms, {Correlation} {Detail}")]
    private static partial void LogRequest(
        ILogger logger, LogLevel level, Exception? cause, string method, int status, string code, long? requestBytes,
        double milliseconds, string correlation, string? detail);

    /// <param name="Result">The response.</param>
    /// <param name="Code">Null for success.</param>
    /// <param name="Detail">A sentence without secrets.</param>
    private sealed record Outcome(IResult Result, string? Code = null, string? Detail = null)
    {
        public TimeSpan? RetryAfter { get; init; }

        /// <summary>Only for the log.</summary>
        public Exception? Cause { get; init; }

        // Probes come every few seconds, so their success is not logged.
        public LogLevel Level(HttpRequest request) => Code switch
        {
            null => HttpMethods.IsPost(request.Method) ? LogLevel.Information : LogLevel.Debug,
            ErrorCode.InternalError => LogLevel.Error,
            ErrorCode.Overloaded or ErrorCode.ModelUnavailable or ErrorCode.Misconfigured => LogLevel.Warning,
            _ => LogLevel.Information,
        };
    }

    // Logs after the response, so that the client need not wait.
    private sealed class LoggedAnswer(IResult result, Action<HttpResponse> log) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            try
            {
                await result.ExecuteAsync(httpContext).ConfigureAwait(false);
            }
            finally
            {
                log(httpContext.Response);
            }
        }
    }

    private sealed class JsonAnswer(byte[] json, int status) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            HttpResponse response = httpContext.Response;
            (response.StatusCode, response.ContentType, response.ContentLength) = (status, "application/json; charset=utf-8", json.Length);
            return response.Body.WriteAsync(json, httpContext.RequestAborted).AsTask();
        }
    }
}
