using BenchmarkDotNet.Attributes;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Decoding;
using ResNetFunctions.Inference.Decoding.Jpeg;

namespace ResNetFunctions.Benchmarks;

/// <summary>From the bytes of a photo to pixels.</summary>
[MemoryDiagnoser]
public class DecodeBenchmarks
{
    private readonly byte[] _photo = Photo.Jpeg();
    private readonly SkiaDecoder _skia = new();
    private readonly IImageDecoder _imageSharp = ImageDecoders.Create(new ClassifierOptions { Decoder = ImageDecoder.ImageSharp });

    [Benchmark]
    public int Header() => ImageHeader.Read(_photo).Width;

    [Benchmark]
    public void Baseline() => BaselineJpeg.Decode(_photo, ImageHeader.Read(_photo))!.Dispose();

    [Benchmark(Baseline = true)]
    public void Skia() => _skia.DecodeWithSkia(_photo, ImageHeader.Read(_photo)).Dispose();

    [Benchmark]
    public void ImageSharp() => _imageSharp.Decode(_photo, ImageHeader.Read(_photo)).Dispose();
}
