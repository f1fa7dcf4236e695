using BenchmarkDotNet.Attributes;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Imaging.Decoding.Jpeg;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Benchmarks;

/// <summary>From the bytes of a photo to pixels.</summary>
[MemoryDiagnoser]
public class DecodeBenchmarks
{
    private static readonly PixelRegion Whole = new(0, 0, 500, 375);
    private static readonly PixelRegion Crop = Preprocessor.RegionOf(new InputSpec(), 500, 375, Orientation.TopLeft);

    private readonly byte[] _photo = Photo.Jpeg();
    private readonly SkiaDecoder _skia = new();
    private readonly IImageDecoder _imageSharp = new ClassifierOptions { Decoder = ImageDecoder.ImageSharp }.CreateDecoder();

    [Benchmark]
    public int Header() => ImageHeader.Read(_photo).Width;

    [Benchmark]
    public void Baseline() => BaselineJpeg.Decode(_photo, ImageHeader.Read(_photo), Whole)!.Dispose();

    [Benchmark]
    public void BaselineCrop() => BaselineJpeg.Decode(_photo, ImageHeader.Read(_photo), Crop)!.Dispose();

    [Benchmark(Baseline = true)]
    public void Skia() => _skia.DecodeWithSkia(_photo, ImageHeader.Read(_photo)).Dispose();

    [Benchmark]
    public void ImageSharp() => _imageSharp.Decode(_photo, ImageHeader.Read(_photo), Whole).Dispose();
}
