using ResNetFunctions.Imaging.Preprocessing;

namespace ResNetFunctions.Tests.Imaging.Preprocessing;

/// <summary>The slow, obvious form: the whole picture is resized as Pillow does (Resample.c), then cropped.</summary>
internal static class SlowPreprocessor
{
    private const int Precision = 22;

    /// <param name="picture">[y][x] of RGB, as it is shown.</param>
    /// <param name="spec">NCHW, RGB, range 1.</param>
    public static float[] Run((byte R, byte G, byte B)[][] picture, InputSpec spec)
    {
        int height = picture.Length, width = picture[0].Length, size = spec.Resize;
        (int newWidth, int newHeight) = spec.Framing != Framing.Crop ? (spec.Crop, spec.Crop)
            : width <= height ? (size, (int)((double)(size * (long)height) / width))
            : ((int)((double)(size * (long)width) / height), size);
        int square = Math.Min(width, height);
        (double boxWidth, double boxHeight) = spec.Framing == Framing.Fit ? (square, square) : (width, height);

        float[] tensor = new float[3 * spec.Crop * spec.Crop];
        for (int channel = 0; channel < 3; channel++)
        {
            byte[][] plane = [.. picture.Select(row => row.Select(p => channel == 0 ? p.R : channel == 1 ? p.G : p.B).ToArray())];
            byte[][] wide = [.. plane.Select(row => Resample(row, boxWidth, newWidth, spec.Interpolation))];
            byte[][] columns = [.. Enumerable.Range(0, newWidth).Select(x =>
                Resample([.. wide.Select(row => row[x])], boxHeight, newHeight, spec.Interpolation))];
            int top = (int)Math.Round((newHeight - spec.Crop) / 2.0, MidpointRounding.ToEven);
            int left = (int)Math.Round((newWidth - spec.Crop) / 2.0, MidpointRounding.ToEven);
            for (int y = 0; y < spec.Crop; y++)
            {
                for (int x = 0; x < spec.Crop; x++)
                {
                    float value = columns[left + x][top + y] / 255f;
                    tensor[(((channel * spec.Crop) + y) * spec.Crop) + x] = (value - spec.Mean[channel]) / spec.Std[channel];
                }
            }
        }
        return tensor;
    }

    // Of the line, the middle part of so many samples is resized.
    private static byte[] Resample(byte[] line, double box, int length, Interpolation interpolation)
    {
        // A pass that changes nothing is left out.
        if (line.Length == length && box == length)
            return line;
        double scale = box / length, stretch = Math.Max(scale, 1), start = (line.Length - box) / 2;
        double support = (interpolation switch { Interpolation.Bilinear => 1, Interpolation.Bicubic => 2, _ => 3 }) * stretch;
        byte[] result = new byte[length];
        for (int i = 0; i < length; i++)
        {
            double center = start + ((i + 0.5) * scale);
            int first = Math.Max((int)(center - support + 0.5), 0);
            int end = Math.Min((int)(center + support + 0.5), line.Length);
            double[] weights = [.. Enumerable.Range(first, end - first).Select(x =>
                Weight((x - center + 0.5) * (1 / stretch), interpolation))];
            double sum = weights.Sum();
            int value = 1 << (Precision - 1);
            for (int x = first; x < end; x++)
            {
                double scaled = weights[x - first] / sum * (1 << Precision);
                value += line[x] * (int)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
            }
            result[i] = (byte)Math.Clamp(value >> Precision, 0, 255);
        }
        return result;
    }

    private static double Weight(double x, Interpolation interpolation)
    {
        if (interpolation == Interpolation.Lanczos)
            return x is < -3 or >= 3 ? 0 : Sinc(x) * Sinc(x / 3);
        x = Math.Abs(x);
        if (interpolation == Interpolation.Bilinear)
            return Math.Max(0, 1 - x);
        const double A = -0.5;
        return x < 1 ? (((A + 2) * x - (A + 3)) * x * x) + 1 : x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
}
