using ResNetFunctions.Imaging;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Sessions;

namespace ResNetFunctions.ModelTools.Quantization;

/// <summary>What two models say of the same photo.</summary>
/// <param name="options">How photos are decoded.</param>
internal sealed class Comparison(ClassifierOptions options)
{
    private readonly IImageDecoder _decoder = options.CreateDecoder();

    /// <summary>Asks two models.</summary>
    /// <returns>All classes as each puts them, most confident first.</returns>
    /// <exception cref="RejectedException">The photo can't be used.</exception>
    public async Task<(Prediction[] Reference, Prediction[] Other)> RunAsync(string photo, ModelSession reference, ModelSession other)
    {
        using PixelBuffer pixels = Decode(photo, out Orientation orientation);
        return (await RunAsync(reference).ConfigureAwait(false), await RunAsync(other).ConfigureAwait(false));

        async Task<Prediction[]> RunAsync(ModelSession session)
        {
            using ModelSession.Bindings bindings = session.Rent();
            bindings.Fill(pixels, orientation);
            NetworkOutput output = await session.RunAsync(bindings).ConfigureAwait(false);
            return Prediction.Top(output.Probabilities.Span, session.Labels, session.Labels.Count);
        }
    }

    /// <summary>A photo's pixels, whole.</summary>
    /// <exception cref="RejectedException">The photo can't be used.</exception>
    public PixelBuffer Decode(string photo, out Orientation orientation)
    {
        byte[] image = File.ReadAllBytes(photo);
        ImageHeader header = ImageHeader.Read(image);
        header.ThrowIfOver(options.MaxImagePixels);
        orientation = options.ApplyOrientation ? header.Orientation : Orientation.TopLeft;
        return _decoder.Decode(image, header, header.Whole);
    }
}
