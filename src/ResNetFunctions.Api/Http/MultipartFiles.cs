using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using ResNetFunctions.Imaging;

namespace ResNetFunctions.Api.Http;

/// <summary>The files of a multipart/form-data body, in their order.</summary>
internal sealed class MultipartFiles : IDisposable
{
    private const int MaxFiles = 16;
    private const int MaxParts = 64;

    private readonly List<MultipartFile> _files = [];

    private MultipartFiles() { }

    /// <summary>The files; other fields of the form are passed over.</summary>
    public IReadOnlyList<MultipartFile> Files => _files;

    /// <summary>Whether a request's body is a form with files.</summary>
    public static bool Announced(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the body to its end.</summary>
    /// <exception cref="RejectedException">bad-multipart; too-large: the request as a whole.</exception>
    public static async Task<MultipartFiles> ReadAsync(
        HttpRequest request, ResNetOptions options, ByteBudget budget, CancellationToken cancellationToken)
    {
        if (request.ContentLength > options.MaxRequestBytes)
            throw PooledBytes.TooLarge(options.MaxRequestBytes);

        string boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(request.ContentType).Boundary).ToString();
        if (boundary.Length is 0 or > 200)
            throw Bad("Its Content-Type names no boundary of 1 to 200 characters.");

        var reader = new MultipartReader(boundary, new LimitedStream(request.Body, options.MaxRequestBytes));
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
        if (section.GetContentDispositionHeader() is not { } disposition || !disposition.IsFileDisposition())
            return;
        if (_files.Count == MaxFiles)
            throw Bad($"It holds more than {MaxFiles} files.");

        string name = HeaderUtilities.RemoveQuotes(
            disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).ToString();
        try
        {
            _files.Add(new MultipartFile(
                name, await PooledBytes.ReadAsync(section.Body, null, limit, budget, cancellationToken).ConfigureAwait(false), null));
        }
        catch (RejectedException e) when (section.Body.Position > limit)
        {
            // This file alone is too large: the others are still answered. The reader passes over what is left of it.
            _files.Add(new MultipartFile(name, null, e));
        }
    }

    private static RejectedException Bad(string detail, Exception? cause = null) =>
        new(ErrorCode.BadMultipart, $"The multipart body can't be used. {detail}", cause);

    public void Dispose()
    {
        foreach (MultipartFile file in _files)
            file.Bytes?.Dispose();
    }
}

/// <summary>A file of a form: its bytes, or why they were not taken.</summary>
internal readonly record struct MultipartFile(string Name, PooledBytes? Bytes, RejectedException? Rejection);
