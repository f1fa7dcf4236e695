using System.IO.Compression;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools.Adding;

internal enum FileKind
{
    /// <summary>Written by torch.save, or safetensors.</summary>
    Weights,

    Onnx,

    /// <summary>A zip archive with an ONNX graph, such as a Custom Vision export.</summary>
    OnnxZip,
}

/// <summary>Recognises a model file by its first bytes, else by its name.</summary>
internal static class FileKinds
{
    private const string ToOnnx = "Export it as ONNX", InCustomVision = "in Custom Vision, Export, then ONNX";

    private static readonly (string Extension, string Sentence)[] ByName =
    [
        (".mlmodel", $"is a Core ML model. {ToOnnx}, from the program that made it."),
        (".pb", "is a TensorFlow graph. Convert it: python -m tf2onnx.convert --graphdef FILE --output model.onnx --inputs … --outputs …"),
        (".engine", $"is a TensorRT engine, made for one graphics card. {ToOnnx}, from what it was made of."),
        (".param", $"is an ncnn model. {ToOnnx}, from the program that made it."),
    ];

    /// <exception cref="InvalidModelException">It is not supported; the message says what it is and what to do.</exception>
    public static FileKind KindOf(string path)
    {
        string name = Path.GetFileName(path);
        if (Array.Find(ByName, known => name.EndsWith(known.Extension, StringComparison.OrdinalIgnoreCase)) is { Sentence: not null } known)
            throw new InvalidModelException($"{name} {known.Sentence}");
        Span<byte> start = stackalloc byte[16];
        using (FileStream file = File.OpenRead(path))
            start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];

        return start switch
        {
            [] => throw new InvalidModelException($"{name} is empty: export or download it again."),
            [(byte)'P', (byte)'K', 3, 4, ..] => KindOfZip(path, name),
            [0x80, ..] or [_, _, _, _, _, _, _, _, (byte)'{', ..] => FileKind.Weights,
            [0x89, (byte)'H', (byte)'D', (byte)'F', ..] => throw new InvalidModelException(
                $"{name} is a Keras model. Convert it: model.export(\"saved\"), then python -m tf2onnx.convert --saved-model saved --output model.onnx"),
            [_, _, _, _, (byte)'T', (byte)'F', (byte)'L', (byte)'3', ..] => throw new InvalidModelException(
                $"{name} is a TensorFlow Lite model. Convert it: python -m tf2onnx.convert --tflite {name} --output model.onnx"),
            [_, _, _, _, (byte)'O', (byte)'R', (byte)'T', (byte)'M', ..] => throw new InvalidModelException(
                $"{name} is an .ort file, which ONNX Runtime made for one kind of processor. Bring the .onnx that it was made of."),
            [(byte)'{' or (byte)'[', ..] => throw new InvalidModelException(
                $"{name} is JSON, without weights. If it is a TensorFlow.js model, convert it with its folder: python -m tf2onnx.convert --tfjs {name} --output model.onnx"),
            _ => FileKind.Onnx,
        };
    }

    /// <summary>The reason why a folder of another framework is not supported; null if it is not recognised.</summary>
    public static string? FaultOfFolder(string folder)
    {
        string name = Path.GetFileName(Path.GetFullPath(folder));
        if (File.Exists(Path.Combine(folder, "saved_model.pb")))
            return $"{name} is a TensorFlow model. Convert it: python -m tf2onnx.convert --saved-model {name} --output model.onnx";
        if (File.Exists(Path.Combine(folder, "tf_model.h5")))
            return $"{name} has TensorFlow weights alone (tf_model.h5). Save them for PyTorch: AutoModelForImageClassification.from_pretrained(…, from_tf=True).save_pretrained(…)";
        if (Directory.Exists(Path.Combine(folder, "Data", "com.apple.CoreML")))
            return $"{name} is a Core ML model. {ToOnnx}, from the program that made it.";
        return null;
    }

    private static FileKind KindOfZip(string path, string name)
    {
        string[] entries;
        try
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            entries = [.. archive.Entries.Select(static entry => entry.FullName)];
        }
        catch (InvalidDataException e)
        {
            throw new InvalidModelException($"{name} is damaged: export or download it again.", e);
        }
        bool Has(string end) => entries.Any(entry => entry.EndsWith(end, StringComparison.OrdinalIgnoreCase));

        if (Has("data.pkl"))
            return FileKind.Weights; // A TorchScript program has one too; its reader says so.
        if (Has(".onnx"))
            return FileKind.OnnxZip;
        if (Has(".mlmodel"))
            throw new InvalidModelException($"{name} is a Core ML model. {ToOnnx}: {InCustomVision}; else from the program that made it.");
        string? what = Has("saved_model.pb") || Has("model.pb") ? "TensorFlow"
            : Has(".tflite") ? "TensorFlow Lite"
            : Has("model.weights.h5") ? "Keras"
            : Has("model.json") ? "TensorFlow.js"
            : null;
        throw new InvalidModelException(what is null
            ? $"{name} is a zip archive without an .onnx file. Unpack it and name the model's file."
            : $"{name} is a {what} model. {ToOnnx}: {InCustomVision}; else unpack it and convert it, python -m tf2onnx.convert.");
    }
}
