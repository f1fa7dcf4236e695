using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Imaging.Preprocessing;

namespace ResNetFunctions.Tests.Imaging.Preprocessing;

public sealed class PreprocessorTests
{
    public static TheoryData<int, int, Interpolation> Sizes()
    {
        var data = new TheoryData<int, int, Interpolation>();
        foreach (Interpolation interpolation in Enum.GetValues<Interpolation>())
        {
            foreach ((int width, int height) in ((int, int)[])
                [(1, 1), (1, 7), (7, 1), (2, 3), (31, 37), (64, 48), (48, 64), (101, 53), (32, 32), (211, 199), (5, 97)])
                data.Add(width, height, interpolation);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Run_AnySize_EqualsTheSlowForm(int width, int height, Interpolation interpolation)
    {
        var spec = new InputSpec { Resize = 32, Crop = 28, Interpolation = interpolation };
        var picture = Picture(width, height);

        Assert.Equal(SlowPreprocessor.Run(picture, spec), Run(picture, Orientation.TopLeft, spec));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Run_AnyFraming_EqualsTheSlowForm(int width, int height, Interpolation interpolation)
    {
        var picture = Picture(width, height);
        foreach (Framing framing in (Framing[])[Framing.Fit, Framing.Squash])
        {
            var spec = new InputSpec { Crop = 28, Framing = framing, Interpolation = interpolation };

            Assert.Equal(SlowPreprocessor.Run(picture, spec), Run(picture, Orientation.TopLeft, spec));
        }
    }

    [Theory]
    [InlineData(53, 101)]
    [InlineData(67, 41)]
    [InlineData(3, 1)]
    public void Run_EachOrientation_EqualsTheTurnedPicture(int width, int height)
    {
        var stored = Picture(width, height);
        foreach (Framing framing in Enum.GetValues<Framing>())
        {
            var spec = new InputSpec { Resize = 32, Crop = 28, Framing = framing };
            foreach (Orientation orientation in Enum.GetValues<Orientation>())
                Assert.Equal(SlowPreprocessor.Run(Turned(stored, orientation), spec), Run(stored, orientation, spec));
        }
    }

    [Fact]
    public void Run_NhwcBgr_HasTheSameValuesInOtherPlaces()
    {
        var spec = new InputSpec { Resize = 32, Crop = 28, Mean = [0.5f, 0.5f, 0.5f], Std = [1, 1, 1] };
        var picture = Picture(41, 67);
        float[] planes = Run(picture, Orientation.TopLeft, spec);

        float[] tensor = Run(picture, Orientation.TopLeft, new InputSpec
        {
            Resize = 32,
            Crop = 28,
            Mean = spec.Mean,
            Std = spec.Std,
            Layout = TensorLayout.Nhwc,
            Channels = ChannelOrder.Bgr,
        });

        for (int i = 0; i < 28 * 28; i++)
        {
            for (int channel = 0; channel < 3; channel++)
                Assert.Equal(planes[(channel * 28 * 28) + i], tensor[(i * 3) + 2 - channel]);
        }
    }

    [Fact]
    public void Run_64MillionByOne_HasAnAnswer()
    {
        using var pixels = new PixelBuffer(64_000_000, 1);
        pixels.Clear();
        var preprocessor = new Preprocessor(new InputSpec());
        float[] tensor = new float[preprocessor.TensorLength];

        preprocessor.Run(pixels, Orientation.TopLeft, tensor);

        Assert.Equal((0f - 0.485f) / 0.229f, tensor[0]);
    }

    private static (byte R, byte G, byte B)[][] Picture(int width, int height)
    {
        var random = new Random((width * 1000) + height);
        return [.. Enumerable.Range(0, height).Select(_ => Enumerable.Range(0, width)
            .Select(_ => ((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256))).ToArray())];
    }

    private static float[] Run((byte R, byte G, byte B)[][] picture, Orientation orientation, InputSpec spec)
    {
        PixelRegion held = Preprocessor.RegionOf(spec, picture[0].Length, picture.Length, orientation);
        using var pixels = new PixelBuffer(picture[0].Length, picture.Length, held);
        for (int y = held.Top; y < held.Bottom; y++)
        {
            for (int x = held.Left; x < held.Right; x++)
            {
                Span<byte> pixel = pixels.Row(y).Slice((x - held.Left) * PixelBuffer.BytesPerPixel, PixelBuffer.BytesPerPixel);
                (pixel[0], pixel[1], pixel[2], pixel[3]) = (picture[y][x].R, picture[y][x].G, picture[y][x].B, 77);
            }
        }
        var preprocessor = new Preprocessor(spec);
        float[] tensor = new float[preprocessor.TensorLength];
        preprocessor.Run(pixels, orientation, tensor);
        return tensor;
    }

    // EXIF 2.3, tag 0x0112: where the stored row 0 and column 0 are shown.
    private static (byte R, byte G, byte B)[][] Turned((byte R, byte G, byte B)[][] stored, Orientation orientation)
    {
        int rows = stored.Length, columns = stored[0].Length;
        bool swap = (int)orientation >= 5;
        var shown = new (byte, byte, byte)[swap ? columns : rows][];
        for (int y = 0; y < shown.Length; y++)
        {
            shown[y] = new (byte, byte, byte)[swap ? rows : columns];
            for (int x = 0; x < shown[y].Length; x++)
            {
                (int row, int column) = (int)orientation switch
                {
                    1 => (y, x),
                    2 => (y, columns - 1 - x),
                    3 => (rows - 1 - y, columns - 1 - x),
                    4 => (rows - 1 - y, x),
                    5 => (x, y),
                    6 => (rows - 1 - x, y),
                    7 => (rows - 1 - x, columns - 1 - y),
                    _ => (x, columns - 1 - y),
                };
                shown[y][x] = stored[row][column];
            }
        }
        return shown;
    }
}
