using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Imaging;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Api.Dialects;

/// <summary>The Open Inference Protocol v2 (KServe, Triton, MLServer, TorchServe). An input is images as BYTES in base64, or
/// the input tensor as FP32. Its datatype tells which, so it may have any name.</summary>
internal sealed class OpenInference(DialectHost host)
{
    public const string ServerRoute = "v2";
    public const string LiveRoute = "v2/health/live";
    public const string ReadyRoute = "v2/health/ready";
    public const string ModelRoute = "v2/models/{model}";
    public const string ModelReadyRoute = "v2/models/{model}/ready";
    public const string InferRoute = "v2/models/{model}/infer";

    private const string Header = "Authorization";
    private const string Logits = "logits", Probabilities = "probabilities";

    public Task<IResult> GetServerAsync(HttpRequest request) => Open(request, () =>
        Answer.Json(new ServerMetadata("ResNetFunctions", "1.0.0", ["classification"]), DialectJson.Default.ServerMetadata));

    public Task<IResult> GetLiveAsync(HttpRequest request) => Open(request, () =>
        Answer.Json(new ServerHealth(Live: true, Ready: null), DialectJson.Default.ServerHealth));

    /// <summary>The first probe loads the default model.</summary>
    public Task<IResult> GetReadyAsync(HttpRequest request, CancellationToken cancellationToken) =>
        host.OpenAsync(request, Failure, async () =>
        {
            if (!host.Classifier.IsReady)
                await host.Classifier.WarmUpAsync(null, cancellationToken).ConfigureAwait(false);
            return Answer.Json(new ServerHealth(Live: true, Ready: true), DialectJson.Default.ServerHealth);
        });

    public Task<IResult> GetModelReadyAsync(HttpRequest request) => Open(request, () =>
    {
        string model = DialectHost.ModelOf(request);
        return host.IsAvailable(model)
            ? Answer.Json(new ModelReadiness(model, Ready: true), DialectJson.Default.ModelReadiness)
            : Failure(ErrorCode.ModelUnavailable, $"The weights of {model} are not here.");
    });

    public Task<IResult> GetModelAsync(HttpRequest request) => Open(request, () =>
    {
        Manifest manifest = host.Find(DialectHost.ModelOf(request));
        int classes = host.ClassesOf(manifest);
        return Answer.Json(new ModelMetadata(
            manifest.Name,
            "onnxruntime_onnx",
            [new TensorMetadata("image", "BYTES", [-1]), new TensorMetadata("input", "FP32", [-1, .. ShapeOf(manifest)])],
            [.. OutputsOf(manifest).Select(name => new TensorMetadata(name, "FP32", [-1, classes]))]), DialectJson.Default.ModelMetadata);
    });

    /// <summary>Runs the model on a batch, all in one turn.</summary>
    public Task<IResult> InferAsync(HttpRequest request, CancellationToken cancellationToken) =>
        host.AnswerAsync(request, Header, Failure, async () =>
        {
            if (request.Headers.ContainsKey("Inference-Header-Content-Length"))
                throw NoBinaryData();
            using PooledBytes body = await host.ReadBodyAsync(request, cancellationToken).ConfigureAwait(false);
            Manifest manifest = host.Find(DialectHost.ModelOf(request));
            var inference = InferenceRequest.Read(JsonPiece.Parse(body.Memory), OutputsOf(manifest));
            IReadOnlyList<NetworkAnswer> answers = await RunAsync(manifest, inference, cancellationToken).ConfigureAwait(false);
            return Answer.Json(
                new InferenceResponse(inference.Id, manifest.Name, [.. inference.Outputs.Select(output => TensorOf(output, answers))]),
                DialectJson.Default.InferenceResponse);
        });

    private async Task<IReadOnlyList<NetworkAnswer>> RunAsync(Manifest manifest, InferenceRequest request, CancellationToken cancellationToken)
    {
        var parameters = new ClassifyParameters { Model = manifest.Name, Top = ClassifyParameters.AllClasses, Logits = true };
        if (request.DataType == "BYTES")
        {
            using Disposables<PooledBytes> images = host.Images(request.Images());
            IReadOnlyList<Classification> results = await host.ClassifyAsync(images, parameters, cancellationToken).ConfigureAwait(false);
            return [.. results.Select(result => new NetworkAnswer(result.Predictions, result.Logits))];
        }

        int length = 3 * manifest.Input.Crop * manifest.Input.Crop;
        int count = request.Tensors(ShapeOf(manifest));
        int bytes = request.Data.BytesOfNumbers((long)count * length);
        host.Budget.Take(bytes);
        try
        {
            float[] numbers = new float[count * length];
            request.Data.Numbers(numbers);
            using Admission admission = await host.Classifier.AdmitAsync(parameters, cancellationToken).ConfigureAwait(false);
            var answers = new NetworkAnswer[count];
            for (int i = 0; i < count; i++)
                answers[i] = await admission.RunAsync(numbers.AsMemory(i * length, length), cancellationToken).ConfigureAwait(false);
            return answers;
        }
        finally
        {
            host.Budget.Give(bytes);
        }
    }

    // Triton's classification extension: the highest as "value:index:label".
    private static OutputTensor TensorOf(RequestedOutput output, IReadOnlyList<NetworkAnswer> answers)
    {
        IReadOnlyList<float> ValuesOf(NetworkAnswer answer) =>
            output.Name == Logits ? answer.Logits! : DialectHost.InClassOrder(answer.Predictions);

        if (output.Classification is not { } top)
        {
            float[] values = [.. answers.SelectMany(ValuesOf)];
            return new OutputTensor(
                output.Name, "FP32", [answers.Count, values.Length / answers.Count],
                JsonSerializer.SerializeToElement(values, DialectJson.Default.IReadOnlyListSingle));
        }

        // Softmax keeps the order, so the most confident classes have the highest logits.
        string[] texts = [.. answers.SelectMany(answer => answer.Predictions.Take(top).Select(prediction => string.Create(
            CultureInfo.InvariantCulture,
            $"{(output.Name == Logits ? answer.Logits![prediction.Index] : prediction.Confidence)}:{prediction.Index}:{prediction.Label}")))];
        return new OutputTensor(
            output.Name, "BYTES", [answers.Count, texts.Length / answers.Count],
            JsonSerializer.SerializeToElement(texts, DialectJson.Default.IReadOnlyListString));
    }

    private static string[] OutputsOf(Manifest manifest) =>
        manifest.Output == OutputKind.Logits ? [Logits, Probabilities] : [Probabilities];

    private static int[] ShapeOf(Manifest manifest)
    {
        int side = manifest.Input.Crop;
        return manifest.Input.Layout == TensorLayout.Nchw ? [3, side, side] : [side, side, 3];
    }

    private Task<IResult> Open(HttpRequest request, Func<IResult> handler) =>
        host.OpenAsync(request, Failure, () => Task.FromResult(handler()));

    private static IResult Failure(string code, string detail) =>
        Answer.Json(new PlainError(detail, code), DialectJson.Default.PlainError, DialectHost.Status(code));

    internal static RejectedException NoBinaryData() => new(
        ErrorCode.BadParameter, "The binary data extension is not supported: send and request tensors as JSON (binary_data=False).");
}

/// <param name="Id">Comes back with the answer.</param>
/// <param name="DataType">BYTES: images; FP32: tensors.</param>
internal sealed record InferenceRequest(
    string? Id, string DataType, IReadOnlyList<int> Shape, JsonPiece Data, IReadOnlyList<RequestedOutput> Outputs)
{
    private const int MaxDimensions = 8, MaxOutputs = 8;

    public static InferenceRequest Read(JsonPiece json, string[] outputs)
    {
        Dictionary<string, JsonPiece> members = json.Members();
        RefuseBinary(members, "binary_data_output");
        if (!members.TryGetValue("inputs", out JsonPiece inputs) || inputs.Elements(2) is not [JsonPiece only])
            throw JsonPiece.Bad("The JSON must have \"inputs\" with one input: images as BYTES, or tensors as FP32.");

        Dictionary<string, JsonPiece> input = only.Members();
        RefuseBinary(input, "binary_data_size");
        string type = Member(input, "datatype").Text();
        if (type is not ("BYTES" or "FP32"))
            throw Bad("An input's datatype must be BYTES, images in base64, or FP32, the input tensor.");
        return new InferenceRequest(
            members.TryGetValue("id", out JsonPiece id) && id.Kind == JsonTokenType.String ? id.Text() : null,
            type,
            [.. Member(input, "shape").Elements(MaxDimensions).Select(side => side.Integer() ?? throw Bad("A shape must be whole numbers."))],
            Member(input, "data"),
            members.TryGetValue("outputs", out JsonPiece wanted)
                ? [.. wanted.Elements(MaxOutputs).Select(output => Output(output, outputs))]
                : [.. outputs.Select(name => new RequestedOutput(name, null))]);
    }

    /// <summary>The base64 texts of a batch: [N] or [N, 1], 1 to 16.</summary>
    public IReadOnlyList<JsonPiece> Images()
    {
        int count = Count([]);
        List<JsonPiece> texts = [];
        foreach (JsonPiece element in Data.Elements(DialectHost.MaxImages))
            texts.AddRange(element.Kind == JsonTokenType.StartArray ? element.Elements(1) : [element]);
        return texts.Count == count ? texts : throw Bad($"The shape says {count} images, and the data holds {texts.Count}.");
    }

    public int Tensors(int[] shape) => Count(shape);

    private int Count(int[] each)
    {
        bool fits = Shape.Count > 0 && (Shape.Skip(1).SequenceEqual(each) || (each.Length == 0 && Shape is [_, 1]));
        if (!fits)
            throw Bad(each.Length == 0 ? "The shape of images must be [N] or [N, 1]." : $"The shape must be [N, {string.Join(", ", each)}].");
        return Shape[0] is >= 1 and <= DialectHost.MaxImages ? Shape[0] : throw Bad($"A batch is 1 to {DialectHost.MaxImages} images.");
    }

    private static RequestedOutput Output(JsonPiece json, string[] outputs)
    {
        Dictionary<string, JsonPiece> members = json.Members();
        string name = Member(members, "name").Text();
        if (!outputs.Contains(name))
            throw Bad($"There is no such output: the model has {string.Join(" and ", outputs)}.");
        RefuseBinary(members, "binary_data");
        if (!members.TryGetValue("parameters", out JsonPiece parameters) || !parameters.Members().TryGetValue("classification", out JsonPiece top))
            return new RequestedOutput(name, null);
        return top.Integer() is { } k and >= 1 and <= 1000
            ? new RequestedOutput(name, k)
            : throw Bad("classification must be 1 to 1000.");
    }

    private static void RefuseBinary(Dictionary<string, JsonPiece> owner, string parameter)
    {
        if (owner.TryGetValue("parameters", out JsonPiece parameters)
            && parameters.Members().TryGetValue(parameter, out JsonPiece value) && value.Kind is JsonTokenType.True or JsonTokenType.Number)
        {
            throw OpenInference.NoBinaryData();
        }
    }

    private static JsonPiece Member(Dictionary<string, JsonPiece> owner, string name) =>
        owner.TryGetValue(name, out JsonPiece value) ? value : throw JsonPiece.Bad($"\"{name}\" is missing.");

    private static RejectedException Bad(string detail) => new(ErrorCode.BadParameter, detail);
}

/// <param name="Classification">How many of the highest values to return, as texts; null: the whole output.</param>
internal readonly record struct RequestedOutput(string Name, int? Classification);

internal sealed record ServerMetadata(string Name, string Version, IReadOnlyList<string> Extensions);

internal sealed record ServerHealth(bool Live, bool? Ready);

internal sealed record ModelReadiness(string Name, bool Ready);

internal sealed record ModelMetadata(string Name, string Platform, IReadOnlyList<TensorMetadata> Inputs, IReadOnlyList<TensorMetadata> Outputs);

/// <summary>A dimension of -1 is any number.</summary>
internal sealed record TensorMetadata(string Name, [property: JsonPropertyName("datatype")] string DataType, IReadOnlyList<int> Shape);

internal sealed record InferenceResponse(
    string? Id, [property: JsonPropertyName("model_name")] string ModelName, IReadOnlyList<OutputTensor> Outputs);

internal sealed record OutputTensor(
    string Name, [property: JsonPropertyName("datatype")] string DataType, IReadOnlyList<int> Shape, JsonElement Data);
