using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Cli;

/// <summary>Sees to it that a model has weights before it is asked.</summary>
internal static class FirstUse
{
    /// <summary>Downloads and converts the default model where no weights are at hand. Where that fails it says why:
    /// loading the model then takes untrained weights, or refuses them.</summary>
    public static async Task PrepareAsync(Classifier classifier, string model, CancellationToken cancellationToken)
    {
        Manifest manifest = classifier.Store.Find(model);
        if (classifier.Store.HasTrained(manifest))
            return;
        try
        {
            await Download.PullAsync(classifier.Store, manifest, cancellationToken);
        }
        catch (Exception e) when (e is InvalidModelException or IOException)
        {
            await Console.Error.WriteLineAsync(e.Message);
        }
    }

    /// <summary>Says that answers mean nothing, where they do not.</summary>
    public static void Warn(ModelIdentity model)
    {
        if (!model.Trained)
        {
            Console.Error.WriteLine(
                $"WARNING: {model.Name} is UNTRAINED: no weights were found or could be downloaded, and random numbers "
                + $"stand in for them. Its answers mean nothing. Get weights with `resnet models pull {model.Name}`, "
                + "or bring your own with --weights FILE.");
        }
    }
}
