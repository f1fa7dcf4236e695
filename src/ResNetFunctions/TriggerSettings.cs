using System.Text.Json.Nodes;
using Microsoft.Azure.Functions.Worker.Core.FunctionMetadata;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions;

/// <summary>Changes the declared triggers to fit the settings. <c>%Name%</c> in an attribute has no default: the host would
/// disable the function.</summary>
internal sealed class TriggerSettings(ResNetOptions resNet, BlobsOptions options, ImageStorage storage) : IFunctionMetadataTransformer
{
    public string Name => nameof(TriggerSettings);

    // The host asks more than once, and passes the changed metadata.
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

    // A queue trigger without a connection is an error in the host's log at each start.
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

    // Our own routes are below /api.
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
