namespace ResNetFunctions.Tests.Imaging.Decoding.Jpeg;

/// <summary>Writes a JPEG file with restart markers, 4:4:4, each block flat. No available encoder does.</summary>
internal static class RestartJpeg
{
    // One table for all: a code of four bits for each size of a DC difference (0 to 11), and one for the end of a block.
    private const int EndOfBlock = 12;

    public static byte[] Encode(int width, int height, int interval)
    {
        byte[] counts = [0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        byte[] dc = [.. Enumerable.Range(0, 13).Select(i => (byte)Math.Min(i, 11))];
        byte[] ac = [.. Enumerable.Range(1, 12).Select(i => (byte)i), 0];
        List<byte> file =
        [
            0xFF, 0xD8,
            .. Segment(0xE0, [.. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
            .. Segment(0xDB, [0, .. Enumerable.Repeat((byte)8, 64)]),
            .. Segment(0xC0, [8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]),
            .. Segment(0xC4, [0x00, .. counts, .. dc]),
            .. Segment(0xC4, [0x10, .. counts, .. ac]),
            .. Segment(0xDD, [(byte)(interval >> 8), (byte)interval]),
            .. Segment(0xDA, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]),
        ];
        var random = new Random(width * height);
        int units = ((width + 7) / 8) * ((height + 7) / 8);
        for (int first = 0, restart = 0; first < units; first += interval, restart++)
        {
            if (first > 0)
                file.AddRange([0xFF, (byte)(0xD0 + ((restart - 1) & 7))]);
            file.AddRange(Scan(Math.Min(interval, units - first), random));
        }
        file.AddRange([0xFF, 0xD9]);
        return [.. file];
    }

    private static byte[] Scan(int units, Random random)
    {
        List<byte> bytes = [];
        int buffer = 0, count = 0;
        int[] previous = new int[3];
        for (int i = 0; i < units * 3; i++)
        {
            int value = random.Next(-120, 120), difference = value - previous[i % 3];
            previous[i % 3] = value;
            int size = difference == 0 ? 0 : (int)Math.Log2(Math.Abs(difference)) + 1;
            Put(size, 4);
            Put(difference > 0 ? difference : difference + (1 << size) - 1, size);
            Put(EndOfBlock, 4);
        }
        if (count > 0)
            Put((1 << (8 - count)) - 1, 8 - count);
        return [.. bytes];

        void Put(int bits, int length)
        {
            for (int i = length - 1; i >= 0; i--)
            {
                buffer = (buffer << 1) | ((bits >> i) & 1);
                if (++count < 8)
                    continue;
                bytes.Add((byte)buffer);
                if ((byte)buffer == 0xFF)
                    bytes.Add(0);
                buffer = count = 0;
            }
        }
    }

    private static byte[] Segment(byte marker, byte[] content) =>
        [0xFF, marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content];
}
