using System.Text.Json.Nodes;
using Microsoft.Azure.Functions.Worker.Core.FunctionMetadata;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions;

/// <summary>Fits the declared triggers to the settings before the host hears of them. The host's own way,
/// <c>%Name%</c> in an attribute, knows no defaults: it switches a function off where the setting is missing.</summary>
internal sealed class TriggerSettings(ResNetOptions resNet, BlobsOptions options, ImageStorage storage) : IFunctionMetadataTransformer
{
    public string Name => nameof(TriggerSettings);

    // It is asked for more than once, and with what it made before.
    public void Transform(IList<IFunctionMetadata> original)
    {
        for (int i = original.Count - 1; i >= 0; i--)
        {
            if (!IsWanted(original[i].Name) || (string.IsNullOrEmpty(resNet.ClientKey) && IsDialect(original[i])))
                original.RemoveAt(i);
            else
                Change(original[i], trigger => Fill(original[i].Name, trigger));
        }
    }

    // A queue that no connection leads to is an error of the host's at each start, and a blob that no connection leads to a line.
    private bool IsWanted(string? function) => function switch
    {
        nameof(SweepImages) => !string.IsNullOrEmpty(options.SweepSchedule),
        nameof(ClassifyQueued) or nameof(WalkImages) => storage.IsConfigured,
        _ => true,
    };

    private void Fill(string? function, JsonNode trigger)
    {
        switch (function)
        {
            case nameof(ClassifyBlob):
                trigger["path"] = $"{options.ImagesContainer}/{{name}}";
                if (options.TriggerSource == TriggerSource.Polling)
                    trigger["source"] = "LogsAndContainerScan";
                break;
            case nameof(ClassifyQueued):
                trigger["queueName"] = options.WorkQueue;
                break;
            case nameof(WalkImages):
                trigger["queueName"] = options.WalkQueue;
                break;
            case nameof(SweepImages):
                trigger["schedule"] = options.SweepSchedule;
                break;
        }
    }

    // All that is ours is below /api.
    private static bool IsDialect(IFunctionMetadata function) => function.RawBindings!
        .Select(binding => JsonNode.Parse(binding)!)
        .Any(binding => (string?)binding["route"] is { } route && !route.StartsWith("api/", StringComparison.Ordinal));

    private static void Change(IFunctionMetadata function, Action<JsonNode> change)
    {
        for (int i = 0; i < function.RawBindings!.Count; i++)
        {
            JsonNode binding = JsonNode.Parse(function.RawBindings[i])!;
            if (((string)binding["type"]!).EndsWith("Trigger", StringComparison.Ordinal))
            {
                change(binding);
                function.RawBindings[i] = binding.ToJsonString();
            }
        }
    }
}
