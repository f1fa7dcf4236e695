using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.EndToEnd.Blobs;

public sealed class ImageWalkTests(AzuriteFixture azurite, BlobModels models) : BlobTest(azurite, models)
{
    private static readonly Dictionary<string, string> Ours =
        new ResultMetadata("images", "0x1", ResultMetadata.Classified).Write();

    // Names that are prefixes of each other, and some on each side of the dot of a result's suffix.
    private static readonly string[] Images =
    [
        "a", "a.", "a.c", "a.classification", "a.jpg", "a.jpg-2", "a.jpg-2.jpg", "a.jpg.c", "a.jpg/b.jpg", "a.jpg/b.jpg2",
        "b", "b b", "c%20c", "d.jpg", "é.jpg", "猫.jpg",
    ];

    [Theory]
    [InlineData(false, null)]
    [InlineData(false, 1)]
    [InlineData(false, 3)]
    [InlineData(true, null)]
    [InlineData(true, 1)]
    [InlineData(true, 3)]
    public async Task ReadAsync_NamesThatBeginEachOther_AreEachPairedWithTheirResult(bool apart, int? pageSize)
    {
        (BlobContainerClient images, BlobContainerClient? results) = await FillAsync(apart);

        Dictionary<string, bool> seen = [];
        List<string> orphans = [];
        var walk = new ImageWalk(images, results, pageSize: pageSize);
        await foreach (ListedImage image in walk.ReadAsync(Cancel))
        {
            if (image.Image is null)
                orphans.Add(image.Name);
            else
                seen.Add(image.Name, image.Metadata is not null);
        }

        Assert.Equal(Images.Order(StringComparer.Ordinal), seen.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(Images.Where(HasResult).Order(StringComparer.Ordinal), seen.Where(s => s.Value).Select(s => s.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["a.jpg.gone", "z"], orphans);
        Assert.True(walk.IsAtEnd && walk.IsOver);
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(false, 5)]
    [InlineData(true, 2)]
    [InlineData(true, 5)]
    public async Task Position_WhereverAWalkStops_AnotherFromThereSeesTheRest(bool apart, int pageSize)
    {
        (BlobContainerClient images, BlobContainerClient? results) = await FillAsync(apart);

        for (int stop = 1; stop <= Images.Length; stop++)
        {
            HashSet<string> seen = [];
            var first = new ImageWalk(images, results, pageSize: pageSize);
            await foreach (ListedImage image in first.ReadAsync(Cancel))
            {
                if (image.Image is not null)
                    seen.Add(image.Name);
                if (seen.Count == stop)
                    break;
            }
            if (first.IsAtEnd)
                continue;
            await foreach (ListedImage image in new ImageWalk(images, results, null, first.Position, pageSize).ReadAsync(Cancel))
            {
                if (image.Image is null)
                    continue;
                seen.Add(image.Name);
                Assert.Equal(HasResult(image.Name), image.Metadata is not null);
            }
            Assert.Equal(Images.Length, seen.Count);
        }
    }

    // All other names begin with this one, so its result is listed last.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Position_NameThatVeryManyBeginWith_MovesOn(bool hasResult)
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        for (int i = 0; i < 10; i++)
            await UploadAsync(container, $"a-{i}", "x"u8.ToArray());
        await UploadAsync(container, "a", "x"u8.ToArray());
        if (hasResult)
            await container.GetBlobClient("a.classification.json").UploadAsync(new BinaryData("{}"), new BlobUploadOptions { Metadata = Ours }, Cancel);

        List<string> seen = [];
        var walk = new ImageWalk(container, null) { MaxOpen = 5 };
        await foreach (ListedImage image in walk.ReadAsync(Cancel))
        {
            if (image.Image is not null)
                seen.Add(image.Name);
            if (image is not { Name: "a", Image: not null })
                continue;
            Assert.Equal(hasResult, image.Metadata is not null);
            Assert.Equal("a-5", walk.Position);
        }

        Assert.Equal(["a-0", "a-1", "a-2", "a-3", "a-4", "a", "a-5", "a-6", "a-7", "a-8", "a-9"], seen);
    }

    private static bool HasResult(string image) => image.Length % 2 == 0;

    private async Task<(BlobContainerClient Images, BlobContainerClient? Results)> FillAsync(bool apart)
    {
        BlobContainerClient images = await Azurite.CreateContainerAsync();
        BlobContainerClient? results = apart ? await Azurite.CreateContainerAsync() : null;
        foreach (string image in Images)
            await UploadAsync(images, image, "x"u8.ToArray());
        foreach (string image in Images.Where(HasResult).Append("a.jpg.gone").Append("z"))
        {
            await (results ?? images).GetBlobClient(image + (apart ? ".json" : ".classification.json"))
                .UploadAsync(new BinaryData("{}"), new BlobUploadOptions { Metadata = Ours }, Cancel);
        }
        return (images, results);
    }
}
