using Microsoft.AspNetCore.Http;

namespace ResNetFunctions.Api.Http;

/// <summary>What every answer tells a browser.</summary>
internal static class SecurityHeaders
{
    /// <summary>Sets them; the page replaces the policies that it needs wider.</summary>
    public static void Set(IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=(), display-capture=()";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }
}
