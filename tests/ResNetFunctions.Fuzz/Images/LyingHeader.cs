using System.Buffers.Binary;

namespace ResNetFunctions.Fuzz.Images;

/// <summary>Writes another size into a picture's header, with a right checksum.</summary>
internal static class LyingHeader
{
    public static byte[] Write(byte[] picture, int width, int height)
    {
        byte[] lying = [.. picture];
        Span<byte> bytes = lying;
        switch (lying[0])
        {
            case 0xFF:
                int frame = Jpeg.StartOfFrame(lying);
                BinaryPrimitives.WriteUInt16BigEndian(bytes[(frame + 5)..], (ushort)height);
                BinaryPrimitives.WriteUInt16BigEndian(bytes[(frame + 7)..], (ushort)width);
                break;
            case 0x89:
                BinaryPrimitives.WriteInt32BigEndian(bytes[16..], width);
                BinaryPrimitives.WriteInt32BigEndian(bytes[20..], height);
                lying = Png.WithRightChecksums(lying);
                break;
            case (byte)'R':
                WebP.WriteSize(bytes, width, height);
                break;
            case (byte)'G':
                BinaryPrimitives.WriteUInt16LittleEndian(bytes[6..], (ushort)width);
                BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], (ushort)height);
                break;
            default:
                BinaryPrimitives.WriteInt32LittleEndian(bytes[18..], width);
                BinaryPrimitives.WriteInt32LittleEndian(bytes[22..], height);
                break;
        }
        return lying;
    }
}
