using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.ModelTools.Quantization;

/// <summary>Rewrites convolutions over an image's three channels. ONNX Runtime's direct int8 kernels want a multiple of
/// four; for three it copies all windows and keeps all sums as int32. A convolution of stride 2 is the same as one of stride
/// 1 over blocks of 2 by 2 pixels with twelve channels.</summary>
internal static class StemBlocks
{
    private const int Block = 2;
    private const int KernelChannels = 4;

    public static void Apply(GraphProto graph)
    {
        foreach (ValueInfoProto input in graph.Input)
        {
            if (SideLengths(input) is not { } sides)
                continue;
            foreach (NodeProto node in graph.Node.Where(node => node.OpType == "Conv" && node.Input[0] == input.Name).ToArray())
            {
                TensorProto? weights = graph.Initializer.FirstOrDefault(tensor => tensor.Name == node.Input[1]);
                if (weights is { Dims.Count: 4, DataType: (int)TensorProto.Types.DataType.Float })
                    Rewrite(graph, node, weights, sides);
            }
        }
    }

    private static int[]? SideLengths(ValueInfoProto input) =>
        input.Type?.TensorType?.Shape?.Dim is [_, _, { DimValue: > 0 and var height }, { DimValue: > 0 and var width }]
            && height % Block == 0 && width % Block == 0
            ? [(int)height, (int)width]
            : null;

    private static void Rewrite(GraphProto graph, NodeProto node, TensorProto weights, int[] sides)
    {
        int[] dims = [.. weights.Dims.Select(static d => (int)d)];
        if (dims[1] % KernelChannels == 0 || node.Int("group", 1) != 1 || Ints("strides") is not [Block, Block]
            || Ints("dilations") is not (null or [1, 1]) || (node.Find("auto_pad")?.S.ToStringUtf8() ?? "NOTSET") != "NOTSET")
            return;
        int[] pads = Ints("pads") ?? [0, 0, 0, 0];
        (int Taps, int Shift, int Before, int After)[] axes = [Axis(0), Axis(1)];

        string blocks = node.Input[0] + "_blocks", name = node.Output[0] + "_blocks.weight";
        graph.Initializer.Add(Initializer.Of(name, [dims[0], Block * Block * dims[1], axes[0].Taps, axes[1].Taps], Regrouped()));
        if (!graph.Node.Any(other => other.Output.Contains(blocks)))
        {
            graph.Node.Insert(graph.Node.IndexOf(node), new NodeProto
            {
                OpType = "SpaceToDepth",
                Name = blocks,
                Input = { node.Input[0] },
                Output = { blocks },
                Attribute = { new AttributeProto { Name = "blocksize", Type = AttributeProto.Types.AttributeType.Int, I = Block } },
            });
        }
        node.Input[0] = blocks;
        node.Input[1] = name;
        if (!graph.Node.Any(other => other.Input.Contains(weights.Name)))
            graph.Initializer.Remove(weights);
        Set("kernel_shape", axes[0].Taps, axes[1].Taps);
        Set("strides", 1, 1);
        Set("pads", axes[0].Before, axes[1].Before, axes[0].After, axes[1].After);

        // Padding grows to whole blocks: by Shift before the first weight, which is 0 there.
        (int, int, int, int) Axis(int axis)
        {
            int before = (pads[axis] + Block - 1) / Block, shift = (before * Block) - pads[axis];
            int taps = (dims[2 + axis] + shift + Block - 1) / Block;
            int outputs = ((sides[axis] + pads[axis] + pads[2 + axis] - dims[2 + axis]) / Block) + 1;
            return (taps, shift, before, outputs - (sides[axis] / Block) - before + taps - 1);
        }

        // SpaceToDepth puts the channels of a block's first pixel first, then those of the pixel to its right.
        float[] Regrouped()
        {
            float[] from = weights.Floats(), to = new float[dims[0] * dims[1] * Block * Block * axes[0].Taps * axes[1].Taps];
            for (int i = 0; i < from.Length; i++)
            {
                int x = (i % dims[3]) + axes[1].Shift, y = (i / dims[3] % dims[2]) + axes[0].Shift;
                (int output, int channel) = Math.DivRem(i / (dims[2] * dims[3]), dims[1]);
                int plane = (((((output * Block) + (y % Block)) * Block) + (x % Block)) * dims[1]) + channel;
                to[(((plane * axes[0].Taps) + (y / Block)) * axes[1].Taps) + (x / Block)] = from[i];
            }
            return to;
        }

        int[]? Ints(string attribute) => node.Find(attribute) is { } found ? [.. found.Ints.Select(static i => (int)i)] : null;

        void Set(string attribute, params long[] values)
        {
            if (node.Find(attribute) is { } old)
                node.Attribute.Remove(old);
            node.Attribute.Add(new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } });
        }
    }
}
