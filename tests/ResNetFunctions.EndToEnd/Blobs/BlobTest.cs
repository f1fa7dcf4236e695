using System.Security.Cryptography;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging.Abstractions;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Inference;
using SkiaSharp;

namespace ResNetFunctions.EndToEnd.Blobs;

/// <summary>The shared parts of the tests of blobs.</summary>
public abstract class BlobTest(AzuriteFixture azurite, BlobModels models)
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected AzuriteFixture Azurite => azurite;

    protected BlobModels Models => models;

    protected BlobClassifier NewClassifier(BlobsOptions? options = null) =>
        NewClassifier(models.Classifier, models.Options(), options);

    protected static BlobClassifier NewClassifier(Classifier classifier, ResNetOptions resNet, BlobsOptions? options = null) =>
        new(new Lazy<Classifier>(classifier), resNet, options ?? new BlobsOptions(), NullLogger<BlobClassifier>.Instance);

    /// <summary>A small picture; each number gives other bytes.</summary>
    protected static byte[] Picture(int number)
    {
        using var bitmap = new SKBitmap(32, 32);
        bitmap.Erase(new SKColor((byte)number, (byte)(number >> 8), 128));
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    protected static async Task<BlobClient> UploadAsync(BlobContainerClient container, string name, byte[] bytes)
    {
        BlobClient blob = container.GetBlobClient(name);
        await blob.UploadAsync(new BinaryData(bytes), overwrite: true, Cancel);
        return blob;
    }

    /// <summary>The JSON beside an image; null if there is none.</summary>
    protected static async Task<JsonElement?> ResultAsync(BlobClient image)
    {
        try
        {
            BlobClient result = ResultOf(image);
            BlobDownloadResult download = await result.DownloadContentAsync(Cancel);
            Assert.Equal("application/json", download.Details.ContentType);
            return JsonElement.Parse(download.Content);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <summary>Holds that the result is that of these bytes and of the image's present version.</summary>
    protected static async Task AssertResultAsync(BlobClient image, byte[] bytes)
    {
        JsonElement result = await ResultAsync(image) ?? throw new InvalidOperationException($"{image.Name} has no result.");
        Assert.Equal("classified", result.GetProperty("status").GetString());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), result.GetProperty("image").GetProperty("sha256").GetString());
        JsonElement source = result.GetProperty("source");
        BlobProperties properties = await image.GetPropertiesAsync(cancellationToken: Cancel);
        Assert.Equal(properties.ETag.ToString().Trim('"'), source.GetProperty("etag").GetString());
        Assert.Equal(image.Name, source.GetProperty("name").GetString());
        Assert.Equal(bytes.Length, source.GetProperty("contentLength").GetInt64());
    }

    /// <summary>The blob beside an image that is its result's.</summary>
    protected static BlobClient ResultOf(BlobClient image) =>
        image.GetParentBlobContainerClient().GetBlobClient(image.Name + ".classification.json");

    /// <summary>The same blob through a client whose requests are watched.</summary>
    protected async Task<BlobClient> WatchedAsync(BlobClient blob, RequestHook hook)
    {
        var options = new BlobClientOptions { Retry = { Delay = TimeSpan.FromMilliseconds(10) } };
        options.AddPolicy(hook, HttpPipelinePosition.PerRetry);
        var account = new BlobServiceClient(await azurite.ConnectionStringAsync(), options);
        return account.GetBlobContainerClient(blob.BlobContainerName).GetBlobClient(blob.Name);
    }
}
