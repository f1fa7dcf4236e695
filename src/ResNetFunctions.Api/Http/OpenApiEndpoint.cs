using Microsoft.AspNetCore.Http;

namespace ResNetFunctions.Api.Http;

/// <summary><c>GET /api/openapi.json</c>: Http/openapi.json, written by hand and embedded.</summary>
public static class OpenApiEndpoint
{
    private static readonly byte[] Document = Read();

    /// <summary>Answers with the document.</summary>
    public static IResult Get(HttpRequest request)
    {
        Answer.Correlate(request);
        return Results.Bytes(Document, "application/json");
    }

    private static byte[] Read()
    {
        using Stream stream = typeof(OpenApiEndpoint).Assembly.GetManifestResourceStream("openapi.json")!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
