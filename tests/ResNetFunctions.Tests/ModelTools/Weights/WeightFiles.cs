using System.Text.Json;

namespace ResNetFunctions.Tests.ModelTools.Weights;

/// <summary>Small files in every form that weights come in; tests/reference/make_weight_files.py made them.</summary>
internal static class WeightFiles
{
    private static readonly JsonDocument Golden = JsonDocument.Parse(
        typeof(WeightFiles).Assembly.GetManifestResourceStream("weight-files.golden.json")!);

    public static IEnumerable<string> Forms => Golden.RootElement.EnumerateObject().Select(static form => form.Name);

    public static byte[] Bytes(string form) =>
        Golden.RootElement.GetProperty(form).GetProperty("file").GetBytesFromBase64();

    public static IEnumerable<(string Name, int[] Shape, float[] Values)> Tensors(string form)
    {
        foreach (JsonProperty tensor in Golden.RootElement.GetProperty(form).GetProperty("tensors").EnumerateObject())
        {
            int[] shape = [.. tensor.Value[0].EnumerateArray().Select(static d => d.GetInt32())];
            float[] values = [.. tensor.Value[1].EnumerateArray().Select(static v => (float)v.GetDouble())];
            yield return (tensor.Name, shape, values);
        }
    }
}
