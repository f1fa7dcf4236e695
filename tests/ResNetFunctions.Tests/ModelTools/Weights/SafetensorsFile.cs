using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using ResNetFunctions.ModelTools.Weights;

namespace ResNetFunctions.Tests.ModelTools.Weights;

/// <summary>Writes float32 tensors as the safetensors library does.</summary>
internal static class SafetensorsFile
{
    public static byte[] Of(StateDict weights)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        var data = new MemoryStream();
        foreach (WeightTensor tensor in weights.Values)
        {
            long begin = data.Length;
            data.Write(MemoryMarshal.AsBytes<float>(tensor.Read()));
            header[tensor.Name] = new JsonObject
            {
                ["dtype"] = "F32",
                ["shape"] = new JsonArray([.. tensor.Shape.Select(d => JsonValue.Create(d))]),
                ["data_offsets"] = new JsonArray(begin, data.Length),
            };
        }
        byte[] json = System.Text.Encoding.UTF8.GetBytes(header.ToJsonString());
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. data.ToArray()];
    }
}
