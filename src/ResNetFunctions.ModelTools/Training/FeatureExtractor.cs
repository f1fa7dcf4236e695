using System.Numerics.Tensors;
using System.Security.Cryptography;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ResNetFunctions.Imaging;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.Inference.Sessions;

namespace ResNetFunctions.ModelTools.Training;

/// <summary>Computes the features of a network's last hidden layer. Each core processes its own photo, so the numbers do not
/// depend on the number of cores.</summary>
internal sealed class FeatureExtractor : IDisposable
{
    private readonly InferenceSession _session;
    private readonly Preprocessor _preprocessor;
    private readonly IImageDecoder _decoder;
    private readonly ClassifierOptions _options;
    private readonly InputSpec _input;
    private readonly long[] _inputShape;
    private readonly TensorElementType _inputType;

    /// <param name="body">The network without its last layer.</param>
    /// <param name="input">Its input.</param>
    /// <param name="options">How photos are decoded.</param>
    /// <exception cref="InvalidModelException">ONNX Runtime does not accept the network.</exception>
    public FeatureExtractor(NetworkBody body, InputSpec input, ClassifierOptions options)
    {
        _options = options;
        _input = input;
        _decoder = options.CreateDecoder();
        _preprocessor = new Preprocessor(input);
        _inputShape = input.Layout == TensorLayout.Nchw ? [1, 3, input.Crop, input.Crop] : [1, input.Crop, input.Crop, 3];
        try
        {
            using SessionOptions settings = OnnxSession.Settings(threads: 1);
            _session = new InferenceSession(body.ToBytes(), settings);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidModelException("ONNX Runtime cannot load the network without its last layer.", e);
        }
        _inputType = _session.InputMetadata.Values.Single().ElementDataType;
        NodeMetadata output = _session.OutputMetadata.Values.Single();
        AreHalf = output.ElementDataType == TensorElementType.Float16;
        Count = output.Dimensions is [_, > 0 and var count]
            ? count
            : throw new InvalidModelException($"The last layer reads features of the shape [{string.Join(", ", output.Dimensions)}], and not [N, features].");
    }

    public int Count { get; }

    /// <summary>Whether the features are float16.</summary>
    public bool AreHalf { get; }

    /// <param name="files">The photos.</param>
    /// <param name="onStep">Called after each.</param>
    /// <param name="cancellationToken">Stops between two photos.</param>
    /// <returns>For each file its features, or why it can't be used.</returns>
    public Photo[] Run(IReadOnlyList<string> files, Action onStep, CancellationToken cancellationToken)
    {
        var photos = new Photo[files.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.MaxConcurrency, CancellationToken = cancellationToken };
        Parallel.For(
            0, files.Count, parallel,
            () => new TensorBuffer(_inputType, _inputShape),
            (i, _, tensor) =>
            {
                photos[i] = Of(files[i], tensor);
                onStep();
                return tensor;
            },
            static tensor => tensor.Dispose());
        return photos;
    }

    private Photo Of(string file, TensorBuffer tensor)
    {
        try
        {
            byte[] image = Read(file);
            ImageHeader header = ImageHeader.Read(image);
            header.ThrowIfOver(_options.MaxImagePixels);
            Orientation orientation = _options.ApplyOrientation ? header.Orientation : Orientation.TopLeft;
            using (PixelBuffer pixels = _decoder.Decode(image, header, Preprocessor.RegionOf(_input, header.Width, header.Height, orientation)))
                tensor.Fill(_preprocessor, pixels, orientation);
            return new Photo(file, Convert.ToHexStringLower(SHA256.HashData(image)), Features(tensor), null);
        }
        catch (RejectedException e)
        {
            return new Photo(file, "", [], e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Photo(file, "", [], "The file can't be read.");
        }
    }

    private byte[] Read(string file) => new FileInfo(file).Length <= _options.MaxImageBytes
        ? File.ReadAllBytes(file)
        : throw new RejectedException(ErrorCode.TooLarge, $"The image has more than {_options.MaxImageBytes:N0} bytes.");

    private float[] Features(TensorBuffer tensor)
    {
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs =
            _session.Run(run, _session.InputNames, [tensor.Value], _session.OutputNames);
        float[] features = new float[Count];
        if (AreHalf)
            TensorPrimitives.ConvertToSingle(System.Runtime.InteropServices.MemoryMarshal.Cast<Float16, Half>(outputs[0].GetTensorDataAsSpan<Float16>()), features);
        else
            outputs[0].GetTensorDataAsSpan<float>().CopyTo(features);
        return features.All(float.IsFinite)
            ? features
            : throw new RejectedException(ErrorCode.CorruptImage, "The network makes no finite numbers of it.");
    }

    public void Dispose() => _session.Dispose();
}

/// <param name="File">Its path.</param>
/// <param name="Sha256">Of its bytes.</param>
/// <param name="Features">Empty if it can't be used.</param>
/// <param name="Fault">Why it can't be used.</param>
internal sealed record Photo(string File, string Sha256, float[] Features, string? Fault);
