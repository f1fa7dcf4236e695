namespace ResNetFunctions.Imaging.Preprocessing;

/// <summary>A resampling filter: half its width, and its value at a distance (Pillow, Resample.c).</summary>
internal sealed record ResizeFilter(double Support, Func<double, double> Weight)
{
    private static readonly ResizeFilter Triangle = new(1, x => Math.Max(0, 1 - Math.Abs(x)));

    private static readonly ResizeFilter Cubic = new(2, x => CubicWeight(Math.Abs(x)));

    private static readonly ResizeFilter Lanczos = new(3, x => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0);

    public static ResizeFilter Of(Interpolation interpolation) => interpolation switch
    {
        Interpolation.Bilinear => Triangle,
        Interpolation.Bicubic => Cubic,
        Interpolation.Lanczos => Lanczos,
        _ => throw new ArgumentOutOfRangeException(nameof(interpolation)),
    };

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);

    // Keys' cubic convolution with a = -0.5, in Pillow's order of operations: another order rounds differently.
    private static double CubicWeight(double x)
    {
        const double A = -0.5;
        return x switch
        {
            < 1 => (((((A + 2) * x) - (A + 3)) * x) * x) + 1,
            < 2 => ((((((x - 5) * x) + 8) * x) - 4) * A),
            _ => 0,
        };
    }
}
