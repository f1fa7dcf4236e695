using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace ResNetFunctions.Imaging.Decoding.Jpeg;

/// <summary>Decodes plain JPEG files, as cameras write them: sequential, Huffman-coded, 8 bits, YCbCr, one scan, chroma as
/// fine as luma or half of it. It is faster than SkiaSharp, whose libjpeg-turbo has no vector code and no regions, and gives
/// the same bytes. All other files, and any irregularity, are left to SkiaSharp, which alone decides what is
/// damaged.</summary>
/// <remarks>All bits of the file are read. Samples are computed, two rows of MCUs at a time, only for the wanted
/// pixels.</remarks>
internal sealed unsafe class BaselineJpeg
{
    private const int Slack = 64;

    // Upsampling reads one more sample on each side, and needs three in a row.
    private const int Margin = 3;

    private static ReadOnlySpan<byte> ZigZag =>
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    // One a thread, so that an image allocates nothing.
    [ThreadStatic]
    private static BaselineJpeg? _ofThread;

    private readonly int[][] _quantization = [new int[64], new int[64], new int[64], new int[64]];
    private readonly HuffmanTable[] _dc = [new(), new(), new(), new()];
    private readonly HuffmanTable[] _ac = [new(), new(), new(), new()];
    private readonly Component[] _components = [new(), new(), new()];
    private int _defined; // a bit for each table that the file has defined: 4 each of quantization, DC and AC
    private int _width, _height, _across, _down, _restartInterval, _lines;
    private bool _isYCbCr;
    private PixelRegion _wanted;

    /// <returns>The wanted pixels; null if another decoder must decide.</returns>
    public static PixelBuffer? Decode(ReadOnlySpan<byte> file, in ImageHeader header, in PixelRegion wanted)
    {
        if (!Avx2.IsSupported)
            return null;
        var jpeg = _ofThread ??= new BaselineJpeg();
        jpeg._defined = jpeg._across = jpeg._restartInterval = 0;
        jpeg._isYCbCr = false;
        jpeg._wanted = wanted;
        if (!jpeg.ReadSegments(file, out var scan) || jpeg._width != header.Width || jpeg._height != header.Height)
            return null;
        using var samples = new PixelBuffer((jpeg.Arrange() / PixelBuffer.BytesPerPixel) + 1, 1);
        var pixels = new PixelBuffer(header.Width, header.Height, wanted);
        if (jpeg.ReadScan(file[scan..], samples.Pointer, pixels))
            return pixels;
        pixels.Dispose();
        return null;
    }

    // Up to the scan's first bit.
    private bool ReadSegments(ReadOnlySpan<byte> file, out int scan)
    {
        scan = 0;
        for (var at = 2; at + 4 <= file.Length;)
        {
            int marker = file[at + 1], length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (file[at] != 0xFF || length < 2 || at + 2 + length > file.Length)
                return false;
            var segment = file.Slice(at + 4, length - 2);
            at += 2 + length;
            switch (marker)
            {
                case 0xDB when !ReadQuantization(segment):
                case 0xC4 when !ReadHuffman(segment):
                case 0xC0 or 0xC1 when !ReadFrame(segment):
                case 0xEE when segment.StartsWith("Adobe"u8) && (segment.Length < 12 || segment[11] != 1):
                    return false;
                case 0xDB or 0xC4 or 0xC0 or 0xC1 or 0xFE:
                    break;
                case 0xE0:
                    _isYCbCr |= segment.StartsWith("JFIF\0"u8);
                    break;
                case 0xEE:
                    _isYCbCr |= segment.StartsWith("Adobe"u8);
                    break;
                case > 0xE0 and <= 0xEF:
                    break;
                case 0xDD when segment.Length == 2:
                    _restartInterval = BinaryPrimitives.ReadUInt16BigEndian(segment);
                    break;
                case 0xDA:
                    scan = at;
                    return _across > 0 && ReadScanHeader(segment);
                default:
                    return false; // Progressive, arithmetic-coded, or nothing that stands here.
            }
        }
        return false;
    }

    private bool ReadQuantization(ReadOnlySpan<byte> segment)
    {
        for (; segment.Length >= 65; segment = segment[65..])
        {
            if (segment[0] > 3) // of 16 bits, or no table
                return false;
            for (var i = 0; i < 64; i++)
                _quantization[segment[0]][ZigZag[i]] = segment[i + 1];
            _defined |= 1 << segment[0];
        }
        return segment.IsEmpty;
    }

    private bool ReadHuffman(ReadOnlySpan<byte> segment)
    {
        while (segment.Length >= 17)
        {
            var count = 0;
            foreach (var n in segment[1..17])
                count += n;
            int kind = segment[0] >> 4, index = segment[0] & 15;
            if (kind > 1 || index > 3 || count > 256 || segment.Length < 17 + count)
                return false;
            var symbols = segment.Slice(17, count);
            if (kind == 0 && symbols.ContainsAnyExceptInRange((byte)0, (byte)15))
                return false;
            if (!(kind == 0 ? _dc : _ac)[index].TrySet(segment[1..17], symbols))
                return false;
            _defined |= 16 << ((4 * kind) + index);
            segment = segment[(17 + count)..];
        }
        return segment.IsEmpty;
    }

    private bool ReadFrame(ReadOnlySpan<byte> segment)
    {
        if (_across > 0 || segment.Length != 15 || segment[0] != 8 || segment[5] != 3)
            return false;
        _height = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]);
        _width = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        if (_width < 16 || _height < 16)
            return false;
        for (var i = 0; i < 3; i++)
        {
            var fields = segment.Slice(6 + (3 * i), 3);
            var component = _components[i];
            (component.Id, component.Across, component.Down) = (fields[0], fields[1] >> 4, fields[1] & 15);
            (component.Quantization, component.Previous) = (fields[2], 0);
            if (fields[2] > 3 || (i > 0 && (component.Across != 1 || component.Down != 1)))
                return false;
        }
        if ((_components[0].Across, _components[0].Down) is not ((1, 1) or (2, 1) or (2, 2)))
            return false;
        _isYCbCr |= (_components[0].Id, _components[1].Id, _components[2].Id) == (1, 2, 3);
        _across = (_width + (8 * _components[0].Across) - 1) / (8 * _components[0].Across);
        _down = (_height + (8 * _components[0].Down) - 1) / (8 * _components[0].Down);
        return true;
    }

    private bool ReadScanHeader(ReadOnlySpan<byte> segment)
    {
        if (!_isYCbCr || segment.Length != 10 || segment[0] != 3 || (segment[7], segment[8], segment[9]) != (0, 63, 0))
            return false;
        for (var i = 0; i < 3; i++)
        {
            int id = segment[1 + (2 * i)], dc = segment[2 + (2 * i)] >> 4, ac = segment[2 + (2 * i)] & 15;
            var component = _components[i];
            if (id != component.Id || dc > 3 || ac > 3)
                return false;
            var needed = (1 << component.Quantization) | (16 << dc) | (256 << ac);
            if ((_defined & needed) != needed)
                return false;
            (component.Dc, component.Ac) = (_dc[dc], _ac[ac]);
        }
        return true;
    }

    // Finds the wanted samples of each component and their places in memory; returns the size.
    private int Arrange()
    {
        var size = 0;
        foreach (var component in _components)
        {
            int scale = _components[0].Across / component.Across, width = (_width + scale - 1) / scale;
            component.First = Math.Max((_wanted.Left / scale) - Margin, 0);
            component.End = Math.Min(((_wanted.Right - 1) / scale) + 1 + Margin, width);
            component.Stride = (_across * component.Across * 8) + Slack;
            component.Rows = 2 * 8 * component.Down;
            component.Offset = size;
            size += component.Stride * component.Rows;
        }
        _lines = size;
        return size + (6 * (_components[1].End - _components[1].First)) + (3 * Slack);
    }

    private bool ReadScan(ReadOnlySpan<byte> data, byte* samples, PixelBuffer pixels)
    {
        short* block = stackalloc short[64];
        new Span<short>(block, 64).Clear();
        var rowsOfUnit = 8 * _components[0].Down;
        int row = _wanted.Top, left = _restartInterval;
        byte marker;
        fixed (byte* first = data)
        {
            var reader = new BitReader(first, data.Length);
            for (var y = 0; y < _down; y++)
            {
                var wanted = (y + 1) * rowsOfUnit > _wanted.Top - Margin && y * rowsOfUnit < _wanted.Bottom + Margin;
                for (var x = 0; x < _across; x++)
                {
                    if (_restartInterval > 0 && left-- == 0)
                    {
                        var restart = ((((y * _across) + x) / _restartInterval) - 1) & 7;
                        if (!reader.TryTakeMarker(out marker) || marker != 0xD0 + restart)
                            return false;
                        foreach (var component in _components)
                            component.Previous = 0;
                        left = _restartInterval - 1;
                    }
                    foreach (var component in _components)
                    {
                        if (!ReadUnit(ref reader, component, wanted, samples, x, y, block))
                            return false;
                    }
                }

                // The last row of samples waits for the chroma below it.
                var end = y == _down - 1 ? _height : ((y + 1) * rowsOfUnit) - (_components[0].Down - 1);
                for (end = Math.Min(end, _wanted.Bottom); row < end; row++)
                    ToPixels(samples, row, pixels);
            }
            return reader.TryTakeMarker(out marker) && marker == 0xD9;
        }
    }

    private bool ReadUnit(ref BitReader reader, Component component, bool wanted, byte* samples, int x, int y, short* block)
    {
        fixed (int* quantization = _quantization[component.Quantization])
        {
            for (var v = 0; v < component.Down; v++)
            {
                for (var h = 0; h < component.Across; h++)
                {
                    var left = ((x * component.Across) + h) * 8;
                    var target = samples + component.RowAt(((y * component.Down) + v) * 8) + left;
                    var last = ReadBlock(ref reader, component, block);
                    if (last < 0)
                        return false;
                    if (wanted && left < component.End && left + 8 > component.First)
                    {
                        if (!(last > 0
                            ? InverseDct.Run(block, quantization, target, component.Stride)
                            : InverseDct.RunFlat(block[0] * quantization[0], target, component.Stride)))
                        {
                            return false;
                        }
                    }
                    if (last > 0)
                        new Span<short>(block, 64).Clear();
                }
            }
        }
        return true;
    }

    // The coefficients of one block (annex F.2.2). Returns the place of the last that is not 0, or -1 if irregular. The
    // reader's bits are copied to locals, so that they stay in registers.
    private static int ReadBlock(ref BitReader reader, Component component, short* block)
    {
        var (bits, count) = (reader.Bits, reader.Count);
        BitReader.Fill(ref reader, ref bits, ref count);
        int code = component.Dc.Codes[bits >> (64 - HuffmanTable.LookupBits)];
        var (length, size) = code != 0 ? (code >> 8, code & 255) : component.Dc.FindLong((uint)(bits >> 48));
        if (length == 0 || size > 11)
            return -1;
        bits <<= length;
        if (size > 0)
            component.Previous += HuffmanTable.Extend((int)(bits >> (64 - size)), size);
        if (component.Previous is < -2048 or > 2047)
            return -1;
        bits <<= size;
        count -= length + size;
        block[0] = (short)component.Previous;

        var k = 0;
        ref var codes = ref MemoryMarshal.GetArrayDataReference(component.Ac.Codes);
        ref var coefficients = ref MemoryMarshal.GetArrayDataReference(component.Ac.Coefficients);
        ref var zigZag = ref MemoryMarshal.GetReference(ZigZag);
        for (var next = 1; next < 64; next++)
        {
            BitReader.Fill(ref reader, ref bits, ref count);
            var ahead = (nint)(bits >> (64 - HuffmanTable.LookupBits));
            var whole = Unsafe.Add(ref coefficients, ahead);
            if (whole != 0)
            {
                next += (whole >> 8) & 15;
                if (next > 63)
                    return -1;
                k = next;
                block[Unsafe.Add(ref zigZag, k)] = (short)(whole >> 16);
                bits <<= whole & 255;
                count -= whole & 255;
                continue;
            }

            code = Unsafe.Add(ref codes, ahead);
            (length, code) = code != 0 ? (code >> 8, code & 255) : component.Ac.FindLong((uint)(bits >> 48));
            size = code & 15;
            if (length == 0 || size > 10)
                return -1;
            bits <<= length;
            count -= length;
            if (size == 0)
            {
                if (code == 0)
                    break;
                if (code != 0xF0)
                    return -1;
                next += 15;
                continue;
            }
            next += code >> 4;
            if (next > 63)
                return -1;
            k = next;
            block[Unsafe.Add(ref zigZag, k)] = (short)HuffmanTable.Extend((int)(bits >> (64 - size)), size);
            bits <<= size;
            count -= size;
        }
        (reader.Bits, reader.Count) = (bits, count);
        return k;
    }

    // The samples of the row and its neighbours are computed.
    private void ToPixels(byte* samples, int y, PixelBuffer pixels)
    {
        Component luma = _components[0], blue = _components[1], red = _components[2];
        var near = y / luma.Down;
        int first = blue.First, count = blue.End - first;
        byte* blueLine = samples + blue.RowAt(near) + first, redLine = samples + red.RowAt(near) + first;
        if (luma.Across == 2)
        {
            byte* blueNear = blueLine, redNear = redLine;
            blueLine = samples + _lines;
            redLine = blueLine + (2 * count) + Slack;
            if (luma.Down == 2)
            {
                var sums = (short*)(redLine + (2 * count) + Slack);
                var far = Math.Clamp(near + (y % 2 == 0 ? -1 : 1), 0, ((_height + 1) / 2) - 1);
                ChromaRows.WidenAndMix(blueNear, samples + blue.RowAt(far) + first, count, sums, blueLine);
                ChromaRows.WidenAndMix(redNear, samples + red.RowAt(far) + first, count, sums, redLine);
            }
            else
            {
                ChromaRows.Widen(blueNear, count, blueLine);
                ChromaRows.Widen(redNear, count, redLine);
            }
        }
        var skipped = _wanted.Left - (first * luma.Across);
        ChromaRows.ToRgbx(
            samples + luma.RowAt(y) + _wanted.Left, blueLine + skipped, redLine + skipped, _wanted.Width,
            pixels.RowPointer(y) + (_wanted.Left * PixelBuffer.BytesPerPixel));
    }

    // A colour channel.
    private sealed class Component
    {
        public int Id, Across, Down, Quantization, Previous, First, End, Offset, Stride, Rows;
        public HuffmanTable Dc = null!, Ac = null!;

        // Two rows of MCUs are kept.
        public nint RowAt(int y) => Offset + ((nint)(y & (Rows - 1)) * Stride);
    }
}
