using System.Runtime.InteropServices;
using ResNetFunctions.ModelTools.Weights;
using ResNetFunctions.Tests.ModelTools.Weights;

namespace ResNetFunctions.Tests.ModelTools.Adding;

/// <summary>Writes float32 tensors as torch.save does, with the wrappers of training scripts.</summary>
internal static class TorchFile
{
    /// <param name="tensors">By name.</param>
    /// <param name="wrapper">The key of the dictionary around them; null for none.</param>
    /// <param name="lightning">Whether to add PyTorch Lightning's other entries.</param>
    public static byte[] Of(IReadOnlyList<WeightTensor> tensors, string? wrapper = null, bool lightning = false)
    {
        var pickle = new PickleBuilder();
        if (wrapper is not null)
            pickle.Op('}').Text(wrapper);
        pickle.Op('}').Op('(');
        (string, byte[])[] records = new (string, byte[])[tensors.Count];
        for (int i = 0; i < tensors.Count; i++)
        {
            float[] values = tensors[i].Read();
            records[i] = ($"data/{i}", MemoryMarshal.AsBytes<float>(values).ToArray());
            long[] shape = [.. tensors[i].Shape.Select(static d => (long)d)];
            pickle.Text(tensors[i].Name).Tensor(values.Length, 0, shape, TensorView.RowMajor(shape), $"{i}");
        }
        pickle.Op('u');
        if (wrapper is not null)
            pickle.Op('s');
        if (lightning)
        {
            pickle.Text("epoch").Int(12).Op('s').Text("pytorch-lightning_version").Text("2.6.0").Op('s')
                .Text("hyper_parameters").Global("lightning.fabric.utilities.data", "AttributeDict").Op(')').Op(0x81)
                .Op('(').Text("lr").Int(1).Op('u').Op('s');
        }
        return PickleBuilder.Zip(pickle.Stop(), records: records);
    }
}
