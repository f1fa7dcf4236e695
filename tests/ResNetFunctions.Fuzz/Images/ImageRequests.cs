using System.Text.Json;

namespace ResNetFunctions.Fuzz.Images;

/// <summary>Hostile pictures, each the body of a request.</summary>
internal sealed class ImageRequests : IRequests
{
    private static readonly string[] Codes =
        ["empty-body", "bad-json", "too-large", "unsupported-format", "corrupt-image", "too-many-pixels", "overloaded"];

    public HttpContent Make(Random random) => new ByteArrayContent(ImageMutator.Make(random));

    public string? Fault(int status, JsonElement answer) => status == 200
        ? answer.GetProperty("predictions").GetArrayLength() > 0 ? null : "no predictions"
        : Codes.Contains(answer.GetProperty("code").GetString()) ? null : "another code than a picture's fault has";
}
