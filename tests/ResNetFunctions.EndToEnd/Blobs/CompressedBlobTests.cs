using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Imaging;

namespace ResNetFunctions.EndToEnd.Blobs;

/// <summary>Blobs with a <c>Content-Encoding</c>, which storage hands out as they were uploaded.</summary>
public sealed class CompressedBlobTests(AzuriteFixture azurite, BlobModels models) : BlobTest(azurite, models)
{
    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("x-gzip", "gzip")]
    [InlineData("GZIP", "gzip")]
    [InlineData("deflate", "deflate")]
    [InlineData("br", "br")]
    [InlineData("deflate, gzip", "deflate,gzip")]
    [InlineData("", "")]
    [InlineData("gzip", "")] // The header is wrong: the bytes are the image's.
    [InlineData("utf-8", "")]
    public async Task ClassifyAsync_CompressedImage_AnswersForWhatWasCompressed(string header, string codings)
    {
        BlobClient image = await UploadAsync(Compress(Picture(1), codings), header);

        Assert.Equal(BlobOutcome.Classified, await NewClassifier().ClassifyAsync(image, Cancel));

        JsonElement result = (await ResultAsync(image))!.Value.GetProperty("image");
        Assert.Equal(Picture(1).Length, result.GetProperty("bytes").GetInt32());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Picture(1))), result.GetProperty("sha256").GetString());
    }

    [Theory]
    [InlineData("gzip", "The blob is compressed (Content-Encoding: gzip) and cannot be decompressed.", ErrorCode.CorruptImage)]
    [InlineData("deflate", "The blob is compressed (Content-Encoding: deflate) and cannot be decompressed.", ErrorCode.CorruptImage)]
    [InlineData("br", "The blob is compressed (Content-Encoding: br) and cannot be decompressed.", ErrorCode.CorruptImage)]
    [InlineData("zstd", "The blob's Content-Encoding zstd is not supported: use gzip, deflate or br.", ErrorCode.UnsupportedFormat)]
    public async Task ClassifyAsync_BytesThatCannotBeDecompressed_IsRejectedAndSaysWhy(string header, string detail, string code)
    {
        BlobClient image = await UploadAsync([0x28, 0xB5, 0x2F, 0xFD, .. new byte[40]], header);

        Assert.Equal(BlobOutcome.Rejected, await NewClassifier().ClassifyAsync(image, Cancel));

        JsonElement error = (await ResultAsync(image))!.Value.GetProperty("error");
        Assert.Equal((code, detail), (error.GetProperty("code").GetString(), error.GetProperty("detail").GetString()));
    }

    // The limit counts the decompressed bytes.
    [Theory]
    [InlineData(-1, BlobOutcome.Rejected)]
    [InlineData(0, BlobOutcome.Classified)]
    public async Task ClassifyAsync_ImageThatUnpacksToTheLimit_IsTheLast(int more, BlobOutcome outcome)
    {
        byte[] picture = [.. Picture(1), .. new byte[100_000]];
        ResNetOptions options = Models.Options();
        options.MaxImageBytes = picture.Length + more;
        BlobClient image = await UploadAsync(Compress(picture, "gzip"), "gzip");

        Assert.Equal(outcome, await NewClassifier(Models.Classifier, options).ClassifyAsync(image, Cancel));

        if (outcome == BlobOutcome.Rejected)
            Assert.Equal(ErrorCode.TooLarge, (await ResultAsync(image))!.Value.GetProperty("error").GetProperty("code").GetString());
    }

    private async Task<BlobClient> UploadAsync(byte[] bytes, string contentEncoding)
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient blob = container.GetBlobClient("a.png");
        await blob.UploadAsync(
            new BinaryData(bytes), new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentEncoding = contentEncoding } }, Cancel);
        return blob;
    }

    private static byte[] Compress(byte[] bytes, string codings)
    {
        foreach (string coding in codings.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            using var compressed = new MemoryStream();
            using (Stream stream = coding switch
            {
                "gzip" => new GZipStream(compressed, CompressionLevel.Optimal),
                "deflate" => new ZLibStream(compressed, CompressionLevel.Optimal),
                _ => new BrotliStream(compressed, CompressionLevel.Optimal),
            })
            {
                stream.Write(bytes);
            }
            bytes = compressed.ToArray();
        }
        return bytes;
    }
}
