namespace ResNetFunctions.Imaging;

/// <summary>The stable codes of all errors. They never change.</summary>
public static class ErrorCode
{
    /// <summary>There are no bytes.</summary>
    public const string EmptyBody = "empty-body";

    /// <summary>A parameter is outside its range.</summary>
    public const string BadParameter = "bad-parameter";

    /// <summary>The multipart body is malformed, or holds no file or too many.</summary>
    public const string BadMultipart = "bad-multipart";

    /// <summary>The JSON is malformed, or holds no image, too many, or base64 that can't be read.</summary>
    public const string BadJson = "bad-json";

    /// <summary>The key is missing or wrong.</summary>
    public const string Unauthorized = "unauthorized";

    /// <summary>There is no model of that name.</summary>
    public const string UnknownModel = "unknown-model";

    /// <summary>There is no backfill of that id.</summary>
    public const string UnknownBackfill = "unknown-backfill";

    /// <summary>The image or the request has more bytes than the limit.</summary>
    public const string TooLarge = "too-large";

    /// <summary>The first bytes are of no supported format.</summary>
    public const string UnsupportedFormat = "unsupported-format";

    /// <summary>The image is truncated or damaged.</summary>
    public const string CorruptImage = "corrupt-image";

    /// <summary>The header announces more pixels than the limit.</summary>
    public const string TooManyPixels = "too-many-pixels";

    /// <summary>The queue is full or the wait is too long.</summary>
    public const string Overloaded = "overloaded";

    /// <summary>The model could not be loaded.</summary>
    public const string ModelUnavailable = "model-unavailable";

    /// <summary>The settings are invalid.</summary>
    public const string Misconfigured = "misconfigured";

    /// <summary>An unforeseen failure; see the log.</summary>
    public const string InternalError = "internal-error";
}
