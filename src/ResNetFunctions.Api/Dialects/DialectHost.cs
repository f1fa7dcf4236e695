using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Api.Dialects;

/// <summary>What all dialects share: the key, the body's limits, the classifier, errors.</summary>
internal sealed class DialectHost(
    Lazy<Classifier> classifier, ResNetOptions options, ByteBudget budget, ImageFetch fetch, DialectKey key, ILogger<DialectHost> logger)
{
    public const int MaxImages = 16;

    public Classifier Classifier => classifier.Value;

    public ResNetOptions Options => options;

    public ByteBudget Budget => budget;

    /// <summary>Runs a handler for a client that has the key.</summary>
    /// <param name="request">The request.</param>
    /// <param name="header">Where the dialect's clients put the key.</param>
    /// <param name="failure">Makes the dialect's error from a stable code and a sentence.</param>
    /// <param name="handler">The handler.</param>
    public Task<IResult> AnswerAsync(
        HttpRequest request, string header, Func<string, string, IResult> failure, Func<Task<IResult>> handler) =>
        OpenAsync(request, failure, () => key.Opens(request, header)
            ? handler()
            : throw new RejectedException(ErrorCode.Unauthorized, $"A key is needed, in the header {header} or x-functions-key."));

    /// <summary>Runs a handler that needs no key.</summary>
    /// <inheritdoc cref="AnswerAsync"/>
    public Task<IResult> OpenAsync(HttpRequest request, Func<string, string, IResult> failure, Func<Task<IResult>> handler) =>
        Answer.FromAsync(request, logger, handler, failure);

    /// <summary>The body, or the one file of a form.</summary>
    public async ValueTask<PooledBytes> ReadImageAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!MultipartFiles.Announced(request))
            return await ReadBodyAsync(request, cancellationToken).ConfigureAwait(false);

        using MultipartFiles form = await MultipartFiles.ReadAsync(request, options, budget, cancellationToken).ConfigureAwait(false);
        return form.Files.Count == 1
            ? form.TakeOnly()
            : throw new RejectedException(ErrorCode.BadMultipart, $"The form must hold one image; it holds {form.Files.Count}.");
    }

    public ValueTask<PooledBytes> ReadBodyAsync(HttpRequest request, CancellationToken cancellationToken) =>
        RequestBody.ReadAsync(request, options, budget, cancellationToken);

    /// <summary>The image at the address in a JSON body: <c>{"url": "https://…"}</c>.</summary>
    public Task<PooledBytes> FetchAsync(PooledBytes body, CancellationToken cancellationToken)
    {
        Dictionary<string, JsonPiece> members = JsonPiece.Parse(body.Memory).Members();
        return members.TryGetValue("url", out JsonPiece url) || members.TryGetValue("Url", out url)
            ? fetch.GetAsync(url.Text(), cancellationToken)
            : throw JsonPiece.Bad("""The JSON must be {"url": "https://…"}.""");
    }

    /// <summary>Classifies all images of a request in one turn. One that can't be classified refuses the request.</summary>
    public async Task<IReadOnlyList<Classification>> ClassifyAsync(
        IReadOnlyList<PooledBytes> images, ClassifyParameters parameters, CancellationToken cancellationToken)
    {
        if (images.Count == 1)
            return [await Classifier.ClassifyAsync(images[0].Memory, parameters, cancellationToken).ConfigureAwait(false)];

        using Admission admission = await Classifier.AdmitAsync(parameters, cancellationToken).ConfigureAwait(false);
        var results = new Classification[images.Count];
        for (int i = 0; i < results.Length; i++)
        {
            try
            {
                results[i] = await admission.ClassifyAsync(images[i].Memory, cancellationToken).ConfigureAwait(false);
            }
            catch (RejectedException e)
            {
                throw new RejectedException(e.Code, $"Image {i}: {e.Message}", e);
            }
        }
        return results;
    }

    /// <exception cref="RejectedException">unknown-model.</exception>
    /// <exception cref="UnavailableException">model-unavailable: one of its files is malformed.</exception>
    public Manifest Find(string model) => Known(() => Classifier.Store.Find(model));

    /// <inheritdoc cref="Find"/>
    public int ClassesOf(Manifest manifest) => Known(() => Classifier.Store.ClassesOf(manifest));

    /// <summary>Whether a model is in memory, or its weights are here.</summary>
    public bool IsAvailable(string model)
    {
        Manifest manifest = Find(model);
        return Classifier.Loaded.Any(loaded => loaded.Name == manifest.Name) || Known(() => Classifier.Store.Has(manifest));
    }

    public static float[] InClassOrder(IReadOnlyList<Prediction> predictions)
    {
        float[] probabilities = new float[predictions.Count];
        foreach (Prediction prediction in predictions)
            probabilities[prediction.Index] = prediction.Confidence;
        return probabilities;
    }

    public Disposables<PooledBytes> Images(IReadOnlyList<JsonPiece> texts)
    {
        var images = new Disposables<PooledBytes>();
        try
        {
            foreach (JsonPiece text in texts)
                images.Add(text.Image(options.MaxImageBytes, budget));
            return images;
        }
        catch
        {
            images.Dispose();
            throw;
        }
    }

    /// <summary>The status where a dialect has none of its own: 400 for a bad image.</summary>
    public static int Status(string code) => Answer.Status(code) is var status and not (415 or 422) ? status : StatusCodes.Status400BadRequest;

    private static T Known<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidModelException e)
        {
            throw new UnavailableException(ErrorCode.ModelUnavailable, e.Message, innerException: e);
        }
    }

    public static string ModelOf(HttpRequest request) => request.RouteValues["model"] as string ?? "";
}

/// <summary>The key of other services' clients.</summary>
/// <param name="key">The key.</param>
/// <param name="isNeeded">Whether nobody is let in if no key is set.</param>
internal sealed class DialectKey(string? key, bool isNeeded)
{
    private const string Bearer = "Bearer ";

    private readonly SecretKey _key = new(key);

    /// <summary>Whether a request has the key, in the dialect's header or in x-functions-key.</summary>
    public bool Opens(HttpRequest request, string header) =>
        (!_key.IsSet && !isNeeded) || _key.Is(request.Headers["x-functions-key"]) || _key.Is(Token(request.Headers[header]));

    private static string Token(StringValues value) =>
        value.ToString() is var text && text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? text[Bearer.Length..].Trim() : text;
}

internal sealed class Disposables<T> : List<T>, IDisposable
    where T : IDisposable
{
    public void Dispose() => ForEach(item => item.Dispose());
}
