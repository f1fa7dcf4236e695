using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.ModelTools.Adding;

/// <summary>Identifies a user's ONNX classifier by its shapes, metadata and last node.</summary>
internal static class OnnxClassifier
{
    private const string PixelFormat = "Image.BitmapPixelFormat", PixelRange = "Image.NominalPixelRange";

    // Nodes after the last layer that do not change the numbers.
    private static readonly string[] Passed = ["Cast", "Flatten", "Identity", "Reshape", "Squeeze"];

    /// <param name="model">The graph.</param>
    /// <param name="knownInput">The input that another file states, if any.</param>
    /// <param name="hints">What the user says.</param>
    /// <exception cref="InvalidModelException">It is no image classifier, or more must be said; the message says
    /// what.</exception>
    public static FoundModel Identify(ModelProto model, InputSpec? knownInput, ModelHints hints)
    {
        if ((hints.Architecture is not null ? "--arch" : hints.Activation is not null ? "--activation" : null) is { } option)
            throw new InvalidModelException($"{option} is for weights, and this is an ONNX graph: leave the option out.");
        Labels? names = ZipMaps.Remove(model.Graph);
        (KeyValuePair<string, NodeMetadata> input, Dictionary<string, NodeMetadata> outputs) = Inspect(model);
        LayoutOf(input);
        string output = OutputOf(outputs, hints.Output);
        int classes = ClassesOf(output, outputs[output]);
        KeepOnly(model.Graph, output);
        (OutputKind kind, bool multiLabel) = KindOf(model.Graph, output);
        (InputSpec spec, string why) = InputOf(model, input, knownInput, hints, kind);

        List<string> findings =
        [
            $"an ONNX graph{(model.ProducerName.Length > 0 ? $" made by {NameInFile.Sentence(model.ProducerName)}" : "")}, {classes} classes",
            $"input {NameInFile.Shown(input.Key)}: {InputPresets.Describe(spec)}; {why}",
            $"output {NameInFile.Shown(output)}: " + (multiLabel ? "a probability for each class alone (its last step is a sigmoid): every class from 0.5 on is answered"
                : kind == OutputKind.Probabilities ? "probabilities (its last step is a softmax)" : "logits (it ends without a softmax)"),
        ];
        return new FoundModel(model, spec, classes) { Output = kind, MultiLabel = multiLabel, Labels = names, Findings = findings };
    }

    private static (KeyValuePair<string, NodeMetadata>, Dictionary<string, NodeMetadata>) Inspect(ModelProto model)
    {
        try
        {
            using var options = new SessionOptions
            {
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            using var session = new InferenceSession(model.ToByteArray(), options);
            KeyValuePair<string, NodeMetadata>[] inputs = [.. session.InputMetadata];
            return inputs is [var only] && only.Value.IsTensor
                ? (only, session.OutputMetadata.ToDictionary())
                : throw new InvalidModelException(
                    $"The graph takes {inputs.Length} inputs ({string.Join(", ", inputs.Select(static i => NameInFile.Shown(i.Key)))}); a classifier of pictures takes one.");
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidModelException($"ONNX Runtime does not take the graph: {NameInFile.Sentence(e.Message)}", e);
        }
    }

    private static string OutputOf(Dictionary<string, NodeMetadata> outputs, string? wanted)
    {
        string all = string.Join(", ", outputs.Keys.Select(NameInFile.Shown));
        if (wanted is not null)
            return outputs.ContainsKey(wanted) ? wanted : throw new InvalidModelException($"The graph has no output {NameInFile.Sentence(wanted)}; it has {all}.");
        string[] numbers = [.. outputs.Where(static o => o.Value.IsTensor && IsFloat(o.Value)).Select(static o => o.Key)];
        return numbers switch
        {
            [var only] => only,
            [] => throw new InvalidModelException($"None of the graph's outputs ({all}) is a tensor of float32 or float16: it gives no scores."),
            _ => throw new InvalidModelException($"The graph has {numbers.Length} outputs ({all}). Say which has the scores: --output NAME."),
        };
    }

    private static int ClassesOf(string name, NodeMetadata output)
    {
        if (!output.IsTensor || !IsFloat(output))
            throw new InvalidModelException($"The output {NameInFile.Shown(name)} is no tensor of float32 or float16.");
        int[] shape = output.Dimensions;
        int[] many = [.. shape.Skip(1).Where(static d => d is > 1 or < 0)];
        if (many.Length > 1)
        {
            throw new InvalidModelException(
                $"The output {NameInFile.Shown(name)} is {Shape(output)}: boxes, masks or features, and not one number for each class. Bring a classifier: detectors are not supported.");
        }
        return many is [> 1 and var classes]
            ? classes
            : throw new InvalidModelException(
                $"The output {NameInFile.Shown(name)} is {Shape(output)}, which does not say how many classes there are"
                + (many.Length == 0 ? ": one number can't tell two classes apart by name." : "."));
    }

    private static string Shape(NodeMetadata node) => $"[{string.Join(", ", node.Dimensions.Select(static d => d < 0 ? "N" : $"{d}"))}]";

    private static bool IsFloat(NodeMetadata node) => node.ElementDataType is TensorElementType.Float or TensorElementType.Float16;

    private static void KeepOnly(GraphProto graph, string output)
    {
        foreach (ValueInfoProto other in graph.Output.Where(value => value.Name != output).ToArray())
            graph.Output.Remove(other);
    }

    private static (OutputKind, bool MultiLabel) KindOf(GraphProto graph, string output)
    {
        for (int step = 0; step < graph.Node.Count && graph.Node.FirstOrDefault(node => node.Output.Contains(output)) is { } node; step++)
        {
            if (node.OpType == "Softmax")
                return (OutputKind.Probabilities, false);
            if (node.OpType == "Sigmoid")
                return (OutputKind.Probabilities, true);
            if (!Passed.Contains(node.OpType))
                break;
            output = node.Input[0];
        }
        return (OutputKind.Logits, false);
    }

    private static (InputSpec, string Why) InputOf(
        ModelProto model, KeyValuePair<string, NodeMetadata> input, InputSpec? known, ModelHints hints, OutputKind kind)
    {
        (TensorLayout layout, int? declared) = LayoutOf(input);
        int side = declared ?? known?.Crop ?? 224;
        bool isByte = input.Value.ElementDataType == TensorElementType.UInt8;
        Dictionary<string, string> metadata = model.MetadataProps.DistinctBy(static p => p.Key).ToDictionary(static p => p.Key, static p => p.Value);
        ChannelOrder? channels = hints.Channels ?? (metadata.GetValueOrDefault(PixelFormat) switch
        {
            { } format when format.StartsWith("Bgr", StringComparison.OrdinalIgnoreCase) => ChannelOrder.Bgr,
            { } format when format.StartsWith("Rgb", StringComparison.OrdinalIgnoreCase) => ChannelOrder.Rgb,
            _ => null,
        });

        (InputSpec Spec, string Why)? found =
            hints.Input is { } named ? (InputPresets.Of(named, side), $"as you say, {named}'s")
            : known is not null ? (known with { Crop = side }, "as the folder's files say")
            : metadata.ContainsKey(PixelFormat) || metadata.ContainsKey(PixelRange) ? (OfMetadata(metadata, side), "as its metadata says")
            : model.ProducerName == "pytorch" && !isByte ? (InputPresets.Of(InputPresets.Torchvision, side), "as torchvision's, since PyTorch made it; --input says another")
            : IsTeachableMachine(model, input, layout, kind) ? (InputPresets.Of(InputPresets.TeachableMachine, side), "as Teachable Machine's, since tf2onnx made it of one; --input says another")
            : isByte && channels is not null ? (InputPresets.Of(InputPresets.Pixels, side), "as it takes uint8")
            : null;
        if (found is not { } chosen)
        {
            throw new InvalidModelException(isByte
                ? "The graph takes uint8 pixels and does not say in which order the colours are. Say --channels rgb or --channels bgr."
                : $"The graph does not say what its input {NameInFile.Shown(input.Key)} holds. Say --input {string.Join(" or ", InputPresets.Names)}, and --channels bgr if blue comes first.");
        }
        InputSpec spec = chosen.Spec with { Layout = layout, Channels = channels ?? chosen.Spec.Channels };
        if (isByte && !spec.KeepsPixels)
            spec = spec with { Range = 255, Mean = [0, 0, 0], Std = [1, 1, 1] };
        return (spec, chosen.Why);
    }

    private static (TensorLayout, int? Side) LayoutOf(KeyValuePair<string, NodeMetadata> input)
    {
        NodeMetadata node = input.Value;
        if (node.ElementDataType is not (TensorElementType.Float or TensorElementType.Float16 or TensorElementType.UInt8))
            throw new InvalidModelException($"The input {NameInFile.Shown(input.Key)} is of type {node.ElementDataType}, and not float32, float16 or uint8.");
        (TensorLayout Layout, int Height, int Width)? found = node.Dimensions switch
        {
            [_, 3, var height, var width] => (TensorLayout.Nchw, height, width),
            [_, var height, var width, 3] => (TensorLayout.Nhwc, height, width),
            _ => null,
        };
        if (found is not { } shape || (shape.Height > 0 && shape.Width > 0 && shape.Height != shape.Width))
        {
            throw new InvalidModelException(
                $"The input {NameInFile.Shown(input.Key)} is {Shape(node)}, and not a square picture of three colours. Export the network with [N, 3, side, side] or [N, side, side, 3].");
        }
        int side = Math.Max(shape.Height, shape.Width);
        return (shape.Layout, side > 0 ? side : null);
    }

    private static InputSpec OfMetadata(Dictionary<string, string> metadata, int side) => InputPresets.Of(InputPresets.CustomVision, side) with
    {
        Range = metadata.GetValueOrDefault(PixelRange)?.Contains("255", StringComparison.Ordinal) == true ? 255 : 1,
    };

    private static bool IsTeachableMachine(ModelProto model, KeyValuePair<string, NodeMetadata> input, TensorLayout layout, OutputKind kind) =>
        model.ProducerName == "tf2onnx" && layout == TensorLayout.Nhwc && kind == OutputKind.Probabilities
        && input.Value.ElementDataType == TensorElementType.Float && input.Key.StartsWith("sequential", StringComparison.Ordinal);
}
