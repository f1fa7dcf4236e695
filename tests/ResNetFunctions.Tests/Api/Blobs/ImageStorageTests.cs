using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Tests.Api.Blobs;

public sealed class ImageStorageTests
{
    [Theory]
    [InlineData("http://127.0.0.1:10000/devstoreaccount1/images", "ImageStorage", "UseDevelopmentStorage=true")]
    [InlineData("https://x.blob.core.windows.net/images", "ImageStorage", "AccountName=x;AccountKey=a2V5;EndpointSuffix=core.windows.net;DefaultEndpointsProtocol=https")]
    [InlineData("https://x.blob.core.windows.net/images", "ConnectionStrings:ImageStorage", "BlobEndpoint=https://x.blob.core.windows.net/;SharedAccessSignature=sig=a")]
    [InlineData("https://x.blob.core.windows.net/images", "ImageStorage:blobServiceUri", "https://x.blob.core.windows.net")]
    [InlineData("https://x.blob.core.windows.net/images", "ImageStorage:serviceUri", "https://x.blob.core.windows.net/")]
    public void Images_EachKindOfConnection_IsItsContainer(string address, string key, string value)
    {
        Uri uri = Open((key, value)).Images.Uri;

        Assert.Equal(address, uri.GetLeftPart(UriPartial.Path));
    }

    [Theory]
    [InlineData("http://127.0.0.1:10001/devstoreaccount1/q", "ImageStorage", "UseDevelopmentStorage=true")]
    [InlineData("https://x.queue.core.windows.net/q", "ImageStorage:blobServiceUri", "https://x.blob.core.windows.net")]
    public void Queues_EachKindOfConnection_AreOfTheSameAccount(string address, string key, string value) =>
        Assert.Equal(address, Open((key, value)).Queues.GetQueueClient("q").Uri.AbsoluteUri);

    [Fact]
    public void Queues_WithAnAddressOfTheirOwn_AreThere() =>
        Assert.Equal(
            "https://other.example/q",
            Open(("ImageStorage:blobServiceUri", "https://blobs.example"), ("ImageStorage:queueServiceUri", "https://other.example")).Queues.GetQueueClient("q").Uri.AbsoluteUri);

    [Fact]
    public void Queues_BlobsAtAnAddressOfTheirOwn_AskForTheQueuesAddress() =>
        Assert.Contains(
            "ImageStorage__queueServiceUri",
            Assert.Throws<UnavailableException>(() => Open(("ImageStorage:blobServiceUri", "https://blobs.example")).Queues).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Images_ManagedIdentity_NeedsNoKey()
    {
        BlobContainerClient images = Open(
            ("ImageStorage:blobServiceUri", "https://x.blob.core.windows.net"),
            ("ImageStorage:credential", "managedidentity"),
            ("ImageStorage:clientId", "11111111-1111-1111-1111-111111111111")).Images;

        Assert.False(images.CanGenerateSasUri);
    }

    [Theory]
    [InlineData("ImageStorage", "AccountKey=secret")]
    [InlineData("ImageStorage", "nonsense")]
    [InlineData("ImageStorage:blobServiceUri", "nonsense")]
    [InlineData("Other", "UseDevelopmentStorage=true")]
    public void Images_MissingOrMalformed_IsMisconfiguredAndTellsNoSecret(string key, string value)
    {
        ImageStorage storage = Open((key, value));

        var e = Assert.Throws<UnavailableException>(() => storage.Images);

        Assert.Equal(ErrorCode.Misconfigured, e.Code);
        Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_InvalidSettings_IsMisconfigured()
    {
        ImageStorage storage = Open(("ImageStorage", "UseDevelopmentStorage=true"), ("Blobs:ImagesContainer", "No"));

        Assert.Equal(ErrorCode.Misconfigured, Assert.Throws<UnavailableException>(() => storage.Images).Code);
    }

    private static ImageStorage Open(params (string Key, string Value)[] settings)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value)).Build();
        return new ServiceCollection().AddBlobs(configuration).BuildServiceProvider().GetRequiredService<ImageStorage>();
    }
}
