using System.Text.Json;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools.Adding;

/// <summary>A Hugging Face folder: config.json and preprocessor_config.json.</summary>
internal sealed class HuggingFaceFolder
{
    private static readonly string[] WeightFiles = ["model.safetensors", "pytorch_model.bin", "model.onnx", Path.Combine("onnx", "model.onnx")];

    private readonly string _folder;
    private readonly JsonElement _config;

    private HuggingFaceFolder(string folder, JsonElement config) => (_folder, _config) = (folder, config);

    /// <summary>Null if it is not such a folder.</summary>
    public static HuggingFaceFolder? Open(string folder) =>
        ReadJson(folder, "config.json") is { } config ? new HuggingFaceFolder(folder, config) : null;

    public string Weights => WeightFiles.Select(file => Path.Combine(_folder, file)).FirstOrDefault(File.Exists)
        ?? throw new InvalidModelException(
            $"The folder has none of {string.Join(", ", WeightFiles)}. Weights in several files: save them in one, model.save_pretrained(…, max_shard_size=\"10GB\").");

    /// <summary>Null if config.json has none.</summary>
    public Labels? Labels =>
        _config.TryGetProperty("id2label", out _) ? Inference.Models.Labels.Parse("config.json", _config.GetRawText())
        : _config.TryGetProperty("label_names", out JsonElement names) ? Inference.Models.Labels.Parse("config.json", names.GetRawText())
        : null;

    /// <summary>torchvision's name of the network, where config.json has to tell it; null where the tensors do.</summary>
    public string? Architecture => Text(_config, "architecture") is { } timm && TimmNames.IsOffered(timm, out string? ours) ? ours : null;

    /// <summary>Checks that PyTorch weights are of a network with torchvision's layers.</summary>
    public void CheckNetwork()
    {
        if (Text(_config, "architecture") is { } timm && !TimmNames.IsOffered(timm, out _))
        {
            throw new InvalidModelException(
                $"The model is timm's {NameInFile.Sentence(timm)}, whose weights are not converted here. Export it as ONNX: torch.onnx.export(model, torch.zeros(1, 3, 224, 224), \"model.onnx\").");
        }
        string? type = Text(_config, "model_type");
        if (type is not (null or "resnet" or "timm_wrapper"))
        {
            throw new InvalidModelException(
                $"The model is a {NameInFile.Sentence(type)}, whose weights are not converted here. Export it: optimum-cli export onnx --model FOLDER out, then add out/model.onnx.");
        }
        if (type == "resnet" && _config.TryGetProperty("downsample_in_bottleneck", out JsonElement first) && first.ValueKind == JsonValueKind.True)
            throw new InvalidModelException("The ResNet has its strides in other layers than torchvision's (downsample_in_bottleneck). Export it: optimum-cli export onnx --model FOLDER out.");
        if (Text(_config, "hidden_act") is { } activation && activation != "relu")
            throw new InvalidModelException($"The ResNet's activation is {NameInFile.Sentence(activation)}, and not relu. Export it: optimum-cli export onnx --model FOLDER out.");
    }

    /// <summary>The preprocessing; null if the folder does not say.</summary>
    /// <exception cref="InvalidModelException">It is not supported.</exception>
    public InputSpec? Input()
    {
        if (ReadJson(_folder, "preprocessor_config.json") is { } preprocessor)
            return InputOf(preprocessor);
        return _config.TryGetProperty("pretrained_cfg", out JsonElement timm) ? InputOfTimm(timm) : null;
    }

    private static InputSpec InputOf(JsonElement json)
    {
        int side = Size(json, "size") ?? 224;
        var spec = new InputSpec
        {
            Interpolation = Resampling(json),
            Range = Flag(json, "do_rescale", true) ? 1 : 255,
            Mean = Flag(json, "do_normalize", true) ? Numbers(json, "image_mean") ?? [0.485f, 0.456f, 0.406f] : [0, 0, 0],
            Std = Flag(json, "do_normalize", true) ? Numbers(json, "image_std") ?? [0.229f, 0.224f, 0.225f] : [1, 1, 1],
        };
        if (Flag(json, "do_center_crop", false) && Size(json, "crop_size") is { } crop)
            return spec with { Resize = side, Crop = crop };
        // ConvNeXT's processor, which ResNets use too, crops the centre below 384 pixels.
        if (json.TryGetProperty("crop_pct", out JsonElement share) && share.ValueKind == JsonValueKind.Number && side < 384)
            return spec with { Resize = (int)(side / share.GetDouble()), Crop = side };
        return spec with { Framing = Framing.Squash, Crop = side };
    }

    private static InputSpec InputOfTimm(JsonElement json)
    {
        int side = json.TryGetProperty("input_size", out JsonElement size) && size.ValueKind == JsonValueKind.Array && size.GetArrayLength() == 3
            ? size[2].GetInt32() : 224;
        double share = json.TryGetProperty("crop_pct", out JsonElement pct) && pct.ValueKind == JsonValueKind.Number ? pct.GetDouble() : 0.875;
        string mode = Text(json, "crop_mode") ?? "center";
        if (mode != "center" && (mode != "squash" || share != 1))
            throw new InvalidModelException($"The crop_mode {NameInFile.Sentence(mode)} with crop_pct {share.ToString(System.Globalization.CultureInfo.InvariantCulture)} is not supported.");
        return new InputSpec
        {
            Framing = mode == "squash" ? Framing.Squash : Framing.Crop,
            Resize = (int)Math.Floor(side / share),
            Crop = side,
            Interpolation = Text(json, "interpolation") switch
            {
                "bicubic" => Interpolation.Bicubic,
                "bilinear" or null => Interpolation.Bilinear,
                "lanczos" => Interpolation.Lanczos,
                var other => throw new InvalidModelException($"The interpolation {NameInFile.Sentence(other)} is not supported."),
            },
            Mean = Numbers(json, "mean") ?? [0.485f, 0.456f, 0.406f],
            Std = Numbers(json, "std") ?? [0.229f, 0.224f, 0.225f],
        };
    }

    // PIL's numbers.
    private static Interpolation Resampling(JsonElement json) =>
        (json.TryGetProperty("resample", out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : 2) switch
        {
            1 => Interpolation.Lanczos,
            2 => Interpolation.Bilinear,
            3 => Interpolation.Bicubic,
            var other => throw new InvalidModelException($"preprocessor_config.json wants the resampling filter {other}, which is not supported."),
        };

    private static int? Size(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out JsonElement size))
            return null;
        if (size.ValueKind == JsonValueKind.Number)
            return size.GetInt32();
        foreach (string side in (string[])["shortest_edge", "height"])
        {
            if (size.ValueKind == JsonValueKind.Object && size.TryGetProperty(side, out JsonElement length))
                return length.GetInt32();
        }
        throw new InvalidModelException($"preprocessor_config.json says of {name} neither shortest_edge nor height.");
    }

    private static bool Flag(JsonElement json, string name, bool otherwise) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : otherwise;

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static float[]? Numbers(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(static number => number.GetSingle())]
            : null;

    private static JsonElement? ReadJson(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonElement.Parse(File.ReadAllBytes(path)) is { ValueKind: JsonValueKind.Object } json
                ? json
                : throw new InvalidModelException($"{file} is no JSON object.");
        }
        catch (JsonException e)
        {
            throw new InvalidModelException($"{file} is not well-formed: {NameInFile.Sentence(e.Message)}", e);
        }
    }
}
