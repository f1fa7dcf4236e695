using System.Text.Json;
using ResNetFunctions.Imaging;

namespace ResNetFunctions.Api.Http;

/// <summary>The images in the JSON of <c>/api/classify</c>: <c>{"image": base64}</c>, <c>{"images": […]}</c>, or
/// <c>{"$content-type", "$content"}</c>, as Logic Apps and Power Automate write a file.</summary>
internal sealed class JsonImages : IDisposable
{
    private const int MaxImages = 16;

    private readonly List<MultipartFile> _images = [];

    private JsonImages(bool isList) => IsList = isList;

    public bool IsList { get; }

    public IReadOnlyList<MultipartFile> Images => _images;

    /// <exception cref="RejectedException">bad-json; unsupported-format: the JSON of another dialect.</exception>
    public static JsonImages Read(ReadOnlyMemory<byte> body, ResNetOptions options, ByteBudget budget)
    {
        JsonPiece json = JsonPiece.Parse(body);
        Dictionary<string, JsonPiece> members = json.Kind == JsonTokenType.StartObject ? json.Members() : [];
        bool isList = members.TryGetValue("images", out JsonPiece list);
        List<JsonPiece> pieces =
            isList ? list.Elements(MaxImages)
            : members.TryGetValue("image", out JsonPiece one) || members.TryGetValue("$content", out one) ? [one]
            : throw Other(members);
        if (pieces.Count == 0)
            throw JsonPiece.Bad("The JSON holds no image.");

        var images = new JsonImages(isList);
        try
        {
            foreach (JsonPiece piece in pieces)
                images.Add(piece, options.MaxImageBytes, budget);
            return images;
        }
        catch
        {
            images.Dispose();
            throw;
        }
    }

    private void Add(JsonPiece piece, long limit, ByteBudget budget)
    {
        try
        {
            _images.Add(new MultipartFile(null, piece.Image(limit, budget), null));
        }
        catch (RejectedException e) when (IsList && e.Code == ErrorCode.TooLarge)
        {
            // Only this image is too large; the others are answered.
            _images.Add(new MultipartFile(null, null, e));
        }
    }

    private static RejectedException Other(Dictionary<string, JsonPiece> members)
    {
        string? route =
            members.ContainsKey("instances") ? "TensorFlow Serving's: /v1/models/{model}:predict"
            : members.TryGetValue("inputs", out JsonPiece inputs) ? inputs.Kind == JsonTokenType.StartArray
                ? "the Open Inference Protocol's: /v2/models/{model}/infer"
                : "Hugging Face's: /models/{model}"
            : members.ContainsKey("url") || members.ContainsKey("Url")
                ? "Azure Custom Vision's: /customvision/v3.1/prediction/{project}/classify/iterations/{model}/url"
            : null;
        return route is null
            ? JsonPiece.Bad("""The JSON must be {"image": "base64"}, {"images": ["base64", …]} or {"$content-type": …, "$content": "base64"}.""")
            : new RejectedException(ErrorCode.UnsupportedFormat, $"The JSON is {route} answers it.");
    }

    public void Dispose()
    {
        foreach (MultipartFile image in _images)
            image.Bytes?.Dispose();
    }
}
