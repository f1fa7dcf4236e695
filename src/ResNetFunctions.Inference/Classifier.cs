using System.Diagnostics;
using System.Threading.RateLimiting;
using ResNetFunctions.Imaging;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference.Devices;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.Inference.Sessions;

namespace ResNetFunctions.Inference;

/// <summary>Classifies images. One instance serves a whole process and is thread-safe. Models are loaded on first use and
/// kept.</summary>
public sealed class Classifier : IDisposable
{
    private static ClassifierOptions? _sharedOptions;
    private static readonly Lazy<Classifier> Instance = new(() => new Classifier(_sharedOptions ?? new ClassifierOptions()));

    private readonly ClassifierOptions _options;
    private readonly IImageDecoder _decoder;
    private readonly LoadedModels _models;
    private readonly PixelBudget _pixels;
    private readonly Gate _gate;

    /// <summary>Creates a classifier; loads nothing yet.</summary>
    /// <exception cref="UnavailableException">misconfigured: the settings are invalid.</exception>
    public Classifier(ClassifierOptions options)
    {
        if (options.Validate() is { Count: > 0 } errors)
            throw new UnavailableException(ErrorCode.Misconfigured, string.Join(" ", errors));
        Device = options.DeviceChoice;
        NativeHeap.GiveBackLargeBlocks();
        _options = options;
        _decoder = options.CreateDecoder();
        Store = new ModelStore(options);
        _models = new LoadedModels(Store, options);
        _pixels = new PixelBudget(options.MaxPixelsInFlight);
        _gate = new Gate(options);
    }

    /// <summary>The one classifier of this process, created on first use.</summary>
    public static Classifier Shared => Instance.Value;

    /// <summary>Sets the options of <see cref="Shared"/>; no effect once it was created.</summary>
    public static void Configure(ClassifierOptions options) => _sharedOptions = options;

    /// <summary>The models folder.</summary>
    public ModelStore Store { get; }

    /// <summary>What the models run on.</summary>
    public DeviceChoice Device { get; }

    /// <summary>The models in memory.</summary>
    public IReadOnlyList<ModelIdentity> Loaded => _models.Identities;

    /// <summary>How many times a model was loaded into memory.</summary>
    public int Loads => _models.Loads;

    /// <summary>Whether the default model has run once.</summary>
    public bool IsReady { get; private set; }

    /// <summary>When to retry a request that is refused now, by the measured length of turns.</summary>
    public TimeSpan RetryAfter => _gate.RetryAfter;

    internal long Waiting => _gate.Waiting;

    /// <summary>Whether the first bytes are of a supported format.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> image) => ImageHeader.TryFormatOf(image, out _);

    /// <summary>Classifies one image.</summary>
    /// <param name="image">JPEG, PNG, WebP, GIF or BMP.</param>
    /// <param name="top">How many predictions, 1 to 1000; null for <see cref="ClassifierOptions.Top"/>.</param>
    /// <param name="model">The model's name; null for <see cref="ModelStore.DefaultModel"/>.</param>
    /// <param name="cancellationToken">Cancels the wait, or the work between two steps.</param>
    /// <exception cref="RejectedException">The image or a parameter is invalid.</exception>
    /// <exception cref="UnavailableException">It may be classified later.</exception>
    public ValueTask<Classification> ClassifyAsync(
        ReadOnlyMemory<byte> image, int? top = null, string? model = null, CancellationToken cancellationToken = default) =>
        ClassifyAsync(image, new ClassifyParameters { Top = top, Model = model }, cancellationToken);

    /// <inheritdoc cref="ClassifyAsync(ReadOnlyMemory{byte}, int?, string?, CancellationToken)"/>
    public async ValueTask<Classification> ClassifyAsync(
        ReadOnlyMemory<byte> image, ClassifyParameters parameters, CancellationToken cancellationToken)
    {
        CheckImage(image.Span);
        using Admission admission = await AdmitAsync(parameters, cancellationToken).ConfigureAwait(false);
        return await admission.ClassifyAsync(image, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits for a turn, in which any number of images are classified one after another. A request is admitted
    /// whole or refused whole.</summary>
    /// <exception cref="RejectedException">bad-parameter, unknown-model.</exception>
    /// <exception cref="UnavailableException">overloaded.</exception>
    public ValueTask<Admission> AdmitAsync(
        int? top = null, string? model = null, CancellationToken cancellationToken = default) =>
        AdmitAsync(new ClassifyParameters { Top = top, Model = model }, cancellationToken);

    /// <inheritdoc cref="AdmitAsync(int?, string?, CancellationToken)"/>
    public async ValueTask<Admission> AdmitAsync(ClassifyParameters parameters, CancellationToken cancellationToken)
    {
        int top = parameters.Top ?? _options.Top;
        if (top is < 1 or (> 1000 and not ClassifyParameters.AllClasses))
            throw new RejectedException(ErrorCode.BadParameter, "top must be 1 to 1000.");
        string language = parameters.Language ?? _options.Language;
        if (language is not ("en" or "zh"))
            throw new RejectedException(ErrorCode.BadParameter, "lang must be en or zh.");
        Manifest manifest = Manifest(parameters.Model);

        long asked = Stopwatch.GetTimestamp();
        Gate.Turn turn = await _gate.EnterAsync(cancellationToken).ConfigureAwait(false);
        return new Admission(
            this, turn, HoldAsync(manifest, CancellationToken.None), manifest.Input,
            parameters with { Top = top, Language = language }, Stopwatch.GetElapsedTime(asked));
    }

    /// <summary>Loads a model.</summary>
    /// <exception cref="UnavailableException">model-unavailable.</exception>
    public async Task LoadAsync(string? model = null, CancellationToken cancellationToken = default) =>
        (await HoldAsync(Manifest(model), cancellationToken).ConfigureAwait(false)).Dispose();

    /// <summary>Unloads a model whose files have changed; the next request loads it again.</summary>
    public void Forget(string model) => _models.Forget(model);

    /// <summary>Loads a model and runs it once, unless a request does.</summary>
    /// <returns>Its weights.</returns>
    /// <exception cref="UnavailableException">model-unavailable.</exception>
    public async Task<ModelIdentity> WarmUpAsync(string? model = null, CancellationToken cancellationToken = default)
    {
        Manifest manifest = Manifest(model);
        using LoadedModels.Hold hold = await HoldAsync(manifest, cancellationToken).ConfigureAwait(false);
        // A request that waits for the model runs it too, and would take longer beside another run. But it may be for another
        // model, so this waits for 200 ms at most.
        for (int wait = 0; wait < 40 && !hold.Session.HasRun && _gate.IsEntered; wait++)
            await Task.Delay(5, cancellationToken).ConfigureAwait(false);
        if (!hold.Session.HasRun)
        {
            using ModelSession.Bindings bindings = hold.Session.Rent();
            await RunAsync(hold.Session, bindings, logits: false, cancellationToken).ConfigureAwait(false);
        }
        IsReady |= manifest.Name == Store.DefaultModel;
        return hold.Session.Identity;
    }

    /// <exception cref="UnavailableException">model-unavailable.</exception>
    internal static async ValueTask<NetworkOutput> RunAsync(
        ModelSession session, ModelSession.Bindings bindings, bool logits, CancellationToken cancellationToken)
    {
        try
        {
            return await session.RunAsync(bindings, logits, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidModelException e)
        {
            throw Unavailable(e);
        }
    }

    /// <exception cref="UnavailableException">model-unavailable: the labels can't be read.</exception>
    internal static Labels LabelsOf(ModelSession session, string language)
    {
        try
        {
            return language == "zh" ? session.Labels.Chinese : session.Labels;
        }
        catch (InvalidModelException e)
        {
            throw Unavailable(e);
        }
    }

    private async Task<LoadedModels.Hold> HoldAsync(Manifest manifest, CancellationToken cancellationToken)
    {
        try
        {
            return await _models.HoldAsync(manifest, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidModelException e)
        {
            throw Unavailable(e);
        }
    }

    private Manifest Manifest(string? model)
    {
        try
        {
            return Store.Find(model ?? Store.DefaultModel);
        }
        catch (InvalidModelException e)
        {
            throw Unavailable(e);
        }
    }

    private static UnavailableException Unavailable(InvalidModelException e) =>
        new(ErrorCode.ModelUnavailable, e.Message, innerException: e);

    /// <summary>Checks an image's header.</summary>
    /// <returns>jpeg, png, webp, gif or bmp.</returns>
    /// <exception cref="RejectedException">It could not be classified.</exception>
    internal string FormatOf(ReadOnlySpan<byte> image) => CheckImage(image).Format.Name;

    // Checked first, so that an invalid image neither waits for a turn nor gets memory.
    internal ImageHeader CheckImage(ReadOnlySpan<byte> image)
    {
        if (image.Length > _options.MaxImageBytes)
            throw new RejectedException(ErrorCode.TooLarge, $"The image has more than {_options.MaxImageBytes:N0} bytes.");
        ImageHeader header = ImageHeader.Read(image);
        header.ThrowIfOver(_options.MaxImagePixels);
        return header;
    }

    internal ValueTask<RateLimitLease> ReserveAsync(ImageHeader header, CancellationToken cancellationToken) =>
        _pixels.TakeAsync(header.PixelsToDecode, cancellationToken);

    internal Orientation OrientationOf(ImageHeader header) =>
        _options.ApplyOrientation ? header.Orientation : Orientation.TopLeft;

    internal PixelBuffer Decode(ReadOnlyMemory<byte> image, ImageHeader header, InputSpec input) =>
        _decoder.Decode(image, header, Preprocessor.RegionOf(input, header.Width, header.Height, OrientationOf(header)));

    /// <summary>Unloads the models; those in use after their last run.</summary>
    public void Dispose()
    {
        _models.Dispose();
        _pixels.Dispose();
        _gate.Dispose();
    }
}
