using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Http;

/// <summary>The files of a multipart/form-data body, in order.</summary>
internal sealed class MultipartFiles : IDisposable
{
    private const int MaxFiles = 16;
    private const int MaxParts = 64;

    private readonly List<MultipartFile> _files = [];

    private MultipartFiles() { }

    public IReadOnlyList<MultipartFile> Files => _files;

    /// <summary>The only file's bytes; the caller disposes them.</summary>
    /// <exception cref="RejectedException">The file was refused.</exception>
    public PooledBytes TakeOnly()
    {
        MultipartFile file = _files.Single();
        _files.Clear();
        return file.Bytes ?? throw file.Rejection!;
    }

    public static bool Announced(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="RejectedException">bad-multipart; too-large: the request as a whole.</exception>
    public static async Task<MultipartFiles> ReadAsync(
        HttpRequest request, ResNetOptions options, ByteBudget budget, CancellationToken cancellationToken)
    {
        string boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(request.ContentType).Boundary).ToString();
        if (boundary.Length is 0 or > 200)
            throw Bad("Its Content-Type names no boundary of 1 to 200 characters.");

        var reader = new MultipartReader(boundary, RequestBody.Open(request, options.MaxRequestBytes));
        var files = new MultipartFiles();
        try
        {
            for (int part = 0; await reader.ReadNextSectionAsync(cancellationToken).ConfigureAwait(false) is { } section; part++)
            {
                if (part == MaxParts)
                    throw Bad($"It holds more than {MaxParts} parts.");
                await files.AddAsync(section, options.MaxImageBytes, budget, cancellationToken).ConfigureAwait(false);
            }
            return files._files.Count > 0 ? files : throw Bad("It holds no file.");
        }
        catch (Exception e) when (e is IOException and not BadHttpRequestException or InvalidDataException)
        {
            files.Dispose();
            throw Bad("It is cut off or not well-formed.", e);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    private async Task AddAsync(
        MultipartSection section, long limit, ByteBudget budget, CancellationToken cancellationToken)
    {
        if (section.GetContentDispositionHeader() is not { } disposition)
            return;
        ReadOnlyMemory<byte> start = default;
        if (!disposition.IsFileDisposition() && !IsBinary(section.ContentType))
        {
            start = await StartOfAsync(section.Body, cancellationToken).ConfigureAwait(false);
            if (!Classifier.Recognizes(start.Span))
                return; // A field of text.
        }
        if (_files.Count == MaxFiles)
            throw Bad($"It holds more than {MaxFiles} files.");

        string name = HeaderUtilities.RemoveQuotes(
            disposition.FileNameStar.HasValue ? disposition.FileNameStar
            : disposition.FileName.HasValue ? disposition.FileName : disposition.Name).ToString();
        try
        {
            PooledBytes bytes = await PooledBytes.ReadAsync(
                section.Body, start, null, new BodyLimits(limit, limit), budget, cancellationToken).ConfigureAwait(false);
            _files.Add(new MultipartFile(name, bytes, null));
        }
        catch (RejectedException e) when (e.Code == ErrorCode.TooLarge && section.Body.Position > limit)
        {
            // Only this file is too large; the others are answered. The reader skips the rest of it.
            _files.Add(new MultipartFile(name, null, e));
        }
    }

    private static async ValueTask<ReadOnlyMemory<byte>> StartOfAsync(Stream part, CancellationToken cancellationToken)
    {
        byte[] start = new byte[64];
        int length = await part.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return start.AsMemory(0, length);
    }

    // Azure Custom Vision's client, and Python's requests with bytes, send no file name.
    private static bool IsBinary(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? type)
        && (type.MediaType.StartsWith("image/", StringComparison.OrdinalIgnoreCase)
            || type.MediaType.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase));

    private static RejectedException Bad(string detail, Exception? cause = null) =>
        new(ErrorCode.BadMultipart, $"The multipart body can't be used. {detail}", cause);

    public void Dispose()
    {
        foreach (MultipartFile file in _files)
            file.Bytes?.Dispose();
    }
}

/// <summary>A file's bytes, or why it was refused.</summary>
internal readonly record struct MultipartFile(string? Name, PooledBytes? Bytes, RejectedException? Rejection);
