using BenchmarkDotNet.Attributes;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Decoding;

namespace ResNetFunctions.Benchmarks;

/// <summary>From the bytes of a photo to pixels.</summary>
[MemoryDiagnoser]
public class DecodeBenchmarks
{
    private readonly byte[] _photo = Photo.Jpeg();
    private readonly IImageDecoder _skia = ImageDecoders.Create(new ClassifierOptions());
    private readonly IImageDecoder _imageSharp = ImageDecoders.Create(new ClassifierOptions { Decoder = ImageDecoder.ImageSharp });

    [Benchmark]
    public int Header() => ImageHeader.Read(_photo).Width;

    [Benchmark(Baseline = true)]
    public void Skia() => _skia.Decode(_photo, ImageHeader.Read(_photo)).Dispose();

    [Benchmark]
    public void ImageSharp() => _imageSharp.Decode(_photo, ImageHeader.Read(_photo)).Dispose();
}
