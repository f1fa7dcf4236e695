using System.Buffers.Binary;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>A GIF file up to the compressed indices of its first frame.</summary>
internal readonly ref struct GifHeader
{
    private const int ScreenSize = 13, DescriptorSize = 10;
    private const byte Extension = 0x21, ImageDescriptor = 0x2C, GraphicControl = 0xF9;

    private GifHeader(scoped ReadOnlySpan<byte> screen, scoped ReadOnlySpan<byte> descriptor)
    {
        Left = UInt16(descriptor[1..]);
        Top = UInt16(descriptor[3..]);
        FrameWidth = UInt16(descriptor[5..]);
        FrameHeight = UInt16(descriptor[7..]);
        Interlaced = (descriptor[9] & 0x40) != 0;
        // As in Pillow, the picture grows if the frame is larger than the logical screen.
        Width = Math.Max(UInt16(screen[6..]), Left + FrameWidth);
        Height = Math.Max(UInt16(screen[8..]), Top + FrameHeight);
    }

    public int Width { get; }

    public int Height { get; }

    public int Left { get; }

    public int Top { get; }

    public int FrameWidth { get; }

    public int FrameHeight { get; }

    public bool Interlaced { get; }

    /// <summary>Red, green, blue of each index; empty if there is no palette.</summary>
    public ReadOnlySpan<byte> Palette { get; private init; }

    /// <summary>The index outside the frame.</summary>
    public byte Background { get; private init; }

    /// <summary>The minimum code size and the blocks of LZW codes.</summary>
    public ReadOnlySpan<byte> Codes { get; private init; }

    public static GifHeader Read(ReadOnlySpan<byte> image)
    {
        var rest = image;
        var screen = Take(ref rest, ScreenSize);
        var palette = TakePalette(ref rest, screen[10]);
        byte background = 0;
        while (true)
        {
            var kind = Take(ref rest, 1)[0];
            if (kind == Extension)
            {
                var isControl = Take(ref rest, 1)[0] == GraphicControl;
                for (var block = TakeBlock(ref rest); !block.IsEmpty; block = TakeBlock(ref rest))
                    if (isControl && block.Length >= 4)
                        background = (block[0] & 1) != 0 ? block[3] : (byte)0;
            }
            else if (kind == ImageDescriptor)
            {
                rest = image[(image.Length - rest.Length - 1)..];
                var descriptor = Take(ref rest, DescriptorSize);
                var ownPalette = TakePalette(ref rest, descriptor[9]);
                return new GifHeader(screen, descriptor)
                {
                    Palette = ownPalette.IsEmpty ? palette : ownPalette,
                    Background = background,
                    Codes = rest,
                };
            }
            else
            {
                throw ImageErrors.Corrupt("The GIF file has no frame.");
            }
        }
    }

    private static ReadOnlySpan<byte> TakePalette(scoped ref ReadOnlySpan<byte> rest, byte flags) =>
        (flags & 0x80) != 0 ? Take(ref rest, 3 << ((flags & 7) + 1)) : default;

    private static ReadOnlySpan<byte> TakeBlock(scoped ref ReadOnlySpan<byte> rest) => Take(ref rest, Take(ref rest, 1)[0]);

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> rest, int length)
    {
        if (rest.Length < length)
            throw ImageErrors.CutOff(ImageFormat.Gif);
        var taken = rest[..length];
        rest = rest[length..];
        return taken;
    }

    private static int UInt16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);
}
