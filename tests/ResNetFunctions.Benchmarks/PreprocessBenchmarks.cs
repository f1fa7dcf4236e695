using BenchmarkDotNet.Attributes;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Imaging.Preprocessing;

namespace ResNetFunctions.Benchmarks;

/// <summary>From pixels to the input tensor, and its two halves: resampling and writing.</summary>
[MemoryDiagnoser]
public unsafe class PreprocessBenchmarks : IDisposable
{
    private const int Crop = 224;

    private readonly PixelBuffer _pixels = Photo.Pixels();
    private readonly PixelBuffer _line = new(Crop, 1);
    private readonly Preprocessor _preprocessor = new(new InputSpec());
    private readonly ChannelTables _tables = new(new InputSpec());
    private readonly float[] _floats = new float[3 * Crop * Crop];
    private readonly Half[] _halves = new Half[3 * Crop * Crop];
    private readonly ResizeKernelMap _columns;

    public PreprocessBenchmarks()
    {
        (CropAxis horizontal, _) = CropAxis.Of(_pixels.Width, _pixels.Height, new InputSpec { Crop = Crop });
        _columns = ResizeKernelMap.Create(ResizeFilter.Of(Interpolation.Bilinear), horizontal, mirrored: false);
    }

    [Benchmark(Baseline = true)]
    public void ToSingles() => _preprocessor.Run(_pixels, Orientation.TopLeft, _floats);

    [Benchmark]
    public void ToHalves() => _preprocessor.Run(_pixels, Orientation.TopLeft, _halves);

    [Benchmark]
    public void Turned() => _preprocessor.Run(_pixels, Orientation.RightTop, _floats);

    [Benchmark]
    public void ResampleAlongAllRows()
    {
        for (int y = 0; y < _pixels.Height; y++)
            Resampler.AlongRow(_pixels.RowPointer(y), _columns, _line.Pointer);
    }

    [Benchmark]
    public void WriteTensor()
    {
        TensorWriter tensor = new TensorWriter(new InputSpec(), _tables, _floats).Upright(0, 0);
        for (int y = 0; y < Crop; y++)
            tensor.Write(y, _line.Row(0));
    }

    public void Dispose()
    {
        _pixels.Dispose();
        _line.Dispose();
        _columns.Dispose();
        GC.SuppressFinalize(this);
    }
}
