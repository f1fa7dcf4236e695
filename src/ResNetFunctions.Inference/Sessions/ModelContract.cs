using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Inference.Sessions;

/// <summary>A graph's inputs and outputs, checked against the manifest.</summary>
internal sealed record ModelContract(
    string[] InputNames, TensorElementType InputType, long[] InputShape,
    string[] OutputNames, TensorElementType OutputType, long[] OutputShape)
{
    /// <summary>Whether a run may have any number of pictures.</summary>
    public bool TakesBatches { get; private init; }

    /// <summary>Compares a graph's real inputs and outputs with its manifest.</summary>
    /// <exception cref="InvalidModelException">They differ from the manifest; the message says how.</exception>
    public static ModelContract Check(InferenceSession session, Manifest manifest, Labels labels)
    {
        (string inputName, NodeMetadata input) = Only(session.InputMetadata, "input", manifest);
        (string outputName, NodeMetadata output) = manifest.OutputName is { } chosen
            ? Named(session.OutputMetadata, chosen, manifest)
            : Only(session.OutputMetadata, "output", manifest);

        int side = manifest.Input.Crop;
        int[] wanted = manifest.Input.Layout == TensorLayout.Nchw ? [1, 3, side, side] : [1, side, side, 3];
        if (input.Dimensions.Length != 4 || input.Dimensions.Zip(wanted).Any(d => d.First >= 0 && d.First != d.Second))
        {
            throw new InvalidModelException(
                $"{manifest.Name}: the graph's input {inputName} is {Shape(input)}, "
                + $"and the manifest's layout and crop make it [{string.Join(", ", wanted)}].");
        }

        // One axis holds the classes; all others have length 1 or are the batch.
        int[] axes = [.. output.Dimensions.Where(d => d > 1)];
        int free = output.Dimensions.Count(d => d < 0);
        int classes = axes.Length == 1 ? axes[0] : axes.Length == 0 && free == 2 ? labels.Count : -1;
        if (classes != labels.Count || output.Dimensions.Length == 0)
        {
            throw new InvalidModelException(
                $"{manifest.Name}: the graph's output {outputName} is {Shape(output)}, "
                + $"and {manifest.Labels} has {labels.Count} classes.");
        }

        int classAxis = Array.FindLastIndex(output.Dimensions, d => d == classes || (axes.Length == 0 && d < 0));
        long[] outputShape = [.. output.Dimensions.Select((_, axis) => axis == classAxis ? classes : 1L)];
        return new ModelContract(
            [inputName], InputTypeOf(input, inputName, manifest), [.. wanted.Select(d => (long)d)],
            [outputName], Type(output, outputName, manifest), outputShape)
        {
            TakesBatches = input.Dimensions[0] < 0 && output.Dimensions[0] < 0 && classAxis > 0,
        };
    }

    private static (string, NodeMetadata) Only(
        IReadOnlyDictionary<string, NodeMetadata> nodes, string what, Manifest manifest) =>
        nodes.Count == 1 && nodes.First() is var (name, node) && node.IsTensor
            ? (name, node)
            : throw new InvalidModelException(
                $"{manifest.Name}: the graph has {nodes.Count} {what}s ({string.Join(", ", nodes.Keys)}), and not one tensor.");

    private static (string, NodeMetadata) Named(
        IReadOnlyDictionary<string, NodeMetadata> outputs, string name, Manifest manifest) =>
        outputs.TryGetValue(name, out NodeMetadata? node) && node.IsTensor
            ? (name, node)
            : throw new InvalidModelException(
                $"{manifest.Name}: the graph has no output tensor {NameInFile.Shown(name)}; it has {string.Join(", ", outputs.Keys)}.");

    private static TensorElementType InputTypeOf(NodeMetadata node, string name, Manifest manifest)
    {
        if (node.ElementDataType != TensorElementType.UInt8)
            return Type(node, name, manifest);
        return manifest.Input.KeepsPixels
            ? TensorElementType.UInt8
            : throw new InvalidModelException(
                $"{manifest.Name}: {name} is of type UInt8, so input must be of range 255, mean 0 and std 1.");
    }

    private static TensorElementType Type(NodeMetadata node, string name, Manifest manifest) =>
        node.ElementDataType is TensorElementType.Float or TensorElementType.Float16
            ? node.ElementDataType
            : throw new InvalidModelException(
                $"{manifest.Name}: {name} is of type {node.ElementDataType}, and not float32 or float16.");

    private static string Shape(NodeMetadata node) => $"[{string.Join(", ", node.Dimensions)}]";
}
