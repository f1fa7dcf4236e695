using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Imaging;

namespace ResNetFunctions.Api.Queue;

/// <summary><c>POST /api/backfills</c>, <c>GET</c> and <c>DELETE /api/backfills/{id}</c>: classify what is already in the
/// container.</summary>
public sealed partial class BackfillsEndpoint
{
    private const int MaxBytes = 16 * 1024;

    private readonly WalkStore _walks;
    private readonly WorkQueues _queues;
    private readonly BlobsOptions _options;
    private readonly ILogger _logger;

    internal BackfillsEndpoint(WalkStore walks, WorkQueues queues, BlobsOptions options, ILogger<BackfillsEndpoint> logger) =>
        (_walks, _queues, _options, _logger) = (walks, queues, options, logger);

    /// <summary>Starts a backfill.</summary>
    public Task<IResult> PostAsync(HttpRequest request, CancellationToken cancellationToken) =>
        Answer.FromAsync(request, _logger, async () =>
        {
            _options.ThrowIfInvalid();
            BackfillRequest asked = await ReadAsync(request, cancellationToken).ConfigureAwait(false);
            var walk = new WalkState
            {
                Id = NewId(),
                Container = _options.ImagesContainer,
                Prefix = asked.Prefix,
                Failed = asked.Failed,
                Reclassify = asked.Reclassify,
                Started = DateTimeOffset.UtcNow,
                Updated = DateTimeOffset.UtcNow,
            };
            await _walks.StartAsync(walk, null, cancellationToken).ConfigureAwait(false);
            request.HttpContext.Response.Headers.Location = $"{request.Path.Value?.TrimEnd('/')}/{walk.Id}";
            return await AnswerAsync(walk, StatusCodes.Status202Accepted, cancellationToken).ConfigureAwait(false);
        });

    /// <summary>Reports its progress.</summary>
    public Task<IResult> GetAsync(HttpRequest request, CancellationToken cancellationToken) =>
        Answer.FromAsync(request, _logger, async () => await AnswerAsync(
            Id(request) is { } id ? (await _walks.ReadAsync(id, cancellationToken).ConfigureAwait(false))?.State : null,
            StatusCodes.Status200OK, cancellationToken).ConfigureAwait(false));

    /// <summary>Stops it.</summary>
    public Task<IResult> DeleteAsync(HttpRequest request, CancellationToken cancellationToken) =>
        Answer.FromAsync(request, _logger, async () => await AnswerAsync(
            Id(request) is { } id ? await _walks.StopAsync(id, cancellationToken).ConfigureAwait(false) : null,
            StatusCodes.Status200OK, cancellationToken).ConfigureAwait(false));

    internal static string NewId() => Guid.CreateVersion7().ToString("N");

    // Only a backfill's id: not a sweep's, and no other text that would become part of a blob's name.
    private static string? Id(HttpRequest request) => request.RouteValues["id"] is string id && IdPattern().IsMatch(id) ? id : null;

    private async Task<IResult> AnswerAsync(WalkState? walk, int status, CancellationToken cancellationToken)
    {
        if (walk is null)
            throw new RejectedException(ErrorCode.UnknownBackfill, "There is no such backfill.");
        int waiting = await _queues.Images.CountAsync(cancellationToken).ConfigureAwait(false);
        return Answer.Json(BackfillStatus.Of(walk, waiting), QueueJson.Default.BackfillStatus, status);
    }

    private static async Task<BackfillRequest> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using PooledBytes body = await PooledBytes.ReadAsync(
            request.Body, request.ContentLength, MaxBytes, null, cancellationToken).ConfigureAwait(false);
        if (body.Memory.IsEmpty)
            return new BackfillRequest();
        try
        {
            return JsonSerializer.Deserialize(body.Memory.Span, QueueJson.Default.BackfillRequest)
                ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new RejectedException(
                ErrorCode.BadParameter, "The body must be empty, or a JSON object with prefix (text), failed and reclassify (true or false).");
        }
    }

    [GeneratedRegex("^[0-9a-f]{32}\\z")]
    private static partial Regex IdPattern();
}
