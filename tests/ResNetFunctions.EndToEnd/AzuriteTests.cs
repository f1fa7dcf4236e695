using Azure.Storage.Blobs;
using ResNetFunctions.Cli;

namespace ResNetFunctions.EndToEnd;

public sealed class AzuriteTests
{
    [Fact]
    public async Task DisposeAsync_AfterAWrite_LosesNothing()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        DirectoryInfo data = Directory.CreateTempSubdirectory("resnet-azurite-");
        try
        {
            await using (Azurite first = await AzuriteFixture.StartAsync(data.FullName, []))
            {
                BlobContainerClient images = new BlobServiceClient(first.ConnectionString).GetBlobContainerClient("images");
                await images.CreateAsync(cancellationToken: cancel);
                await images.UploadBlobAsync("a.jpg", BinaryData.FromString("a"), cancel);
                Assert.StartsWith("Azurite-Blob/3.37.0", await Azurite.FindAsync(first.BlobEndpoint.Port, cancel));
            }

            await using Azurite second = await AzuriteFixture.StartAsync(data.FullName, []);
            BlobClient image = new(second.ConnectionString, "images", "a.jpg");
            Assert.Equal("a", (await image.DownloadContentAsync(cancel)).Value.Content.ToString());
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task FindAsync_NothingListens_IsNull() =>
        Assert.Null(await Azurite.FindAsync(1, TestContext.Current.CancellationToken));

    [Fact]
    public async Task StartAsync_CommandFails_SaysWhy()
    {
        DirectoryInfo data = Directory.CreateTempSubdirectory("resnet-azurite-");
        IOException e = await Assert.ThrowsAsync<IOException>(() => Azurite.StartAsync(
            ["no-such-azurite"], data.FullName, [], null, TestContext.Current.CancellationToken));
        Assert.Contains("no-such-azurite", e.Message);
        data.Delete();
    }
}
