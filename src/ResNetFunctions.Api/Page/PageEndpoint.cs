using Microsoft.AspNetCore.Http;
using ResNetFunctions.Api.Http;

namespace ResNetFunctions.Api.Page;

/// <summary>The web page at <c>ui</c> under any prefix, and its files at <c>ui/{version}/{file}</c>. All links are
/// relative.</summary>
public static class PageEndpoint
{
    // Trusted types: the browser refuses any text that would become HTML.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        + "require-trusted-types-for 'script'; trusted-types 'none'";

    /// <summary>Answers GET and HEAD; 304 if <c>If-None-Match</c> matches; 404 for other paths.</summary>
    public static IResult Get(HttpRequest request)
    {
        IHeaderDictionary headers = request.HttpContext.Response.Headers;
        Answer.Correlate(request);
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.CacheControl = "no-cache";

        switch (request.Path.Value!.ToLowerInvariant().Split('/'))
        {
            case [.., "ui"]:
                return Send(PageFiles.Index);
            case [.., "ui", ""]:
                return Results.Redirect("../ui");
            case [.., "ui", string version, string name] when PageFiles.Assets.TryGetValue(name, out PageFile? file):
                // During a deployment two versions may run: only the version that was asked for may be cached.
                if (version == PageFiles.Version)
                    headers.CacheControl = "public, max-age=31536000, immutable";
                return Send(file);
            default:
                return Results.Problem(
                    "The page has no such file.", statusCode: StatusCodes.Status404NotFound,
                    extensions: [new("code", "not-found")]);
        }
    }

    private static IResult Send(PageFile file) => Results.Bytes(file.Bytes, file.ContentType, entityTag: file.Tag);
}
