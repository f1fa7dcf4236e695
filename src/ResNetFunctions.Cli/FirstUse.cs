using ResNetFunctions.Inference.Models;
namespace ResNetFunctions.Cli;

/// <summary>Sees to it that a model has weights before it is asked.</summary>
internal static class FirstUse
{
    // A machine without network answers from the bundled model soon: its first answer waits for this.
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Downloads and converts a model where its weights are not at hand. Where that fails it says why: another
    /// model answers then, or none.</summary>
    /// <param name="store">The models.</param>
    /// <param name="model">Its name; null for the default, which is the official one where that can be had.</param>
    /// <param name="cancellationToken">Stops.</param>
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

    /// <summary>Says which network answers where it is not torchvision's, and how to get that one.</summary>
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
