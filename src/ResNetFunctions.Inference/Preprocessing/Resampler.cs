namespace ResNetFunctions.Inference.Preprocessing;

/// <summary>The two passes of Pillow's 8-bit resampling (Resample.c) over RGBX pixels, one line at a time.</summary>
internal static unsafe class Resampler
{
    private const int Half = 1 << (ResizeKernelMap.PrecisionBits - 1);

    /// <summary>Resamples along a row: each pixel of the line from neighbours in one source row.</summary>
    /// <param name="row">The source pixel that the map calls 0.</param>
    public static void AlongRow(byte* row, in ResizeKernelMap map, byte* line)
    {
        for (var x = 0; x < map.Count; x++)
        {
            var source = row + ((nint)map.Start(x) * 4);
            int red = Half, green = Half, blue = Half;
            foreach (var weight in map.Weights(x))
            {
                red += source[0] * weight;
                green += source[1] * weight;
                blue += source[2] * weight;
                source += 4;
            }
            line[0] = ToByte(red);
            line[1] = ToByte(green);
            line[2] = ToByte(blue);
            line += 4;
        }
    }

    /// <summary>Resamples across rows: each byte of the line from the bytes above each other in the source rows.</summary>
    /// <param name="rows">The first byte of the first source row that the sample reads.</param>
    public static void AcrossRows(byte* rows, nint stride, ReadOnlySpan<int> weights, byte* line, int length)
    {
        for (var x = 0; x < length; x++)
        {
            var source = rows + x;
            var sum = Half;
            foreach (var weight in weights)
            {
                sum += *source * weight;
                source += stride;
            }
            line[x] = ToByte(sum);
        }
    }

    private static byte ToByte(int sum) => (byte)Math.Clamp(sum >> ResizeKernelMap.PrecisionBits, 0, 255);
}
