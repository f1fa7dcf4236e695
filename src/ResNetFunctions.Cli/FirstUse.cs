using ResNetFunctions.Inference.Models;
namespace ResNetFunctions.Cli;

/// <summary>Gets a model's weights before it is used.</summary>
internal static class FirstUse
{
    // Without a network the bundled model should answer soon.
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Downloads and converts a model whose weights are missing. If that fails it prints why; another model may
    /// then answer.</summary>
    /// <param name="store">The models.</param>
    /// <param name="model">The name; null for the default.</param>
    public static async Task PrepareAsync(ModelStore store, string? model, CancellationToken cancellationToken)
    {
        string name = model ?? ModelStore.Official;
        Manifest manifest = store.Find(name);
        if (store.Has(manifest) || manifest.Weights.Urls.Count == 0)
            return;
        try
        {
            await Download.PullAsync(store, manifest, ResponseTimeout, cancellationToken);
        }
        catch (Exception e) when (e is InvalidModelException or IOException)
        {
            await Console.Error.WriteLineAsync(e.Message);
        }
    }

    /// <summary>Prints which network answers if it is not torchvision's, and how to get that one.</summary>
    public static void Report(ModelIdentity model)
    {
        if (model.Weights == "bundled")
        {
            Console.Error.WriteLine(
                $"{model.Name} answers: a ResNet trained by Microsoft, with a last layer fitted by this project. "
                + $"`resnet models pull {ModelStore.Official}` gets torchvision's official network, --weights FILE takes your own.");
        }
    }
}
