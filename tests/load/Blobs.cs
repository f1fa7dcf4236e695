#!/usr/bin/env dotnet
#:package Azure.Storage.Blobs
#:property PublishAot=false
// Load tests of `resnet blobs watch`, in a new container of a storage account. Default: the Azurite on this machine
// (`npx --prefix tests azurite --location /tmp/azurite`).
//   dotnet run tests/load/Blobs.cs -- kill [CONNECTION]   1,000 images, the process killed three times meanwhile
//   dotnet run tests/load/Blobs.cs -- wait [CONNECTION]   how long an image waits for its result, among 10,000 blobs
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

string test = args.FirstOrDefault() ?? "kill";
string connection = args.Skip(1).FirstOrDefault() ?? "UseDevelopmentStorage=true";
BlobContainerClient container = new BlobServiceClient(connection).GetBlobContainerClient($"load-{Guid.NewGuid():N}");
await container.CreateAsync();
Process? watching = null;
try
{
    return test == "wait" ? await WaitAsync() : await KillAsync();
}
finally
{
    watching?.Kill();
    await container.DeleteAsync();
}

async Task<int> KillAsync()
{
    const int Images = 1000, Kills = 3;
    var random = new Random(1);
    Build();
    long began = Stopwatch.GetTimestamp();
    Watch();

    // Uploads go on at their own pace; every tenth image is replaced by another one a little later.
    var newest = new (ETag ETag, byte[] Bytes)[Images];
    Task uploading = Parallel.ForEachAsync(Enumerable.Range(0, Images), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancel) =>
    {
        newest[i] = await UploadAsync(i, version: 0);
        await Task.Delay(200, cancel);
        if (i % 10 == 0)
            newest[i] = await UploadAsync(i, version: 1);
    });

    // Each time in the middle of work: some results are there, and a good part is not.
    for (int kill = 1; kill <= Kills; kill++)
    {
        while (await CountAsync() < Images * kill / (Kills + 1))
            await Task.Delay(500);
        await Task.Delay(random.Next(500));
        watching!.Kill(); // SIGKILL
        await watching.WaitForExitAsync();
        Console.WriteLine($"{Stopwatch.GetElapsedTime(began).TotalSeconds,6:F1} s: killed with {await CountAsync()} results there");
        Watch();
    }
    await uploading;
    for (long deadline = Stopwatch.GetTimestamp() + 1800 * Stopwatch.Frequency; await CountAsync() < Images && Stopwatch.GetTimestamp() < deadline;)
        await Task.Delay(1000);
    Console.WriteLine($"{Stopwatch.GetElapsedTime(began).TotalSeconds,6:F1} s: {await CountAsync()} results");

    int right = 0, malformed = 0, changed = 0;
    for (int i = 0; i < Images; i++)
    {
        BlobDownloadResult image = await container.GetBlobClient(Name(i)).DownloadContentAsync();
        if (image.Details.ETag != newest[i].ETag || !image.Content.ToMemory().Span.SequenceEqual(newest[i].Bytes))
            changed++;
        try
        {
            BinaryData result = (await container.GetBlobClient(Name(i) + ".classification.json").DownloadContentAsync()).Value.Content;
            using JsonDocument json = JsonDocument.Parse(result);
            JsonElement root = json.RootElement;
            if (root.GetProperty("status").GetString() == "classified"
                && root.GetProperty("source").GetProperty("etag").GetString() == newest[i].ETag.ToString().Trim('"')
                && root.GetProperty("image").GetProperty("sha256").GetString() == Convert.ToHexStringLower(SHA256.HashData(newest[i].Bytes)))
            {
                right++;
            }
        }
        catch (JsonException)
        {
            malformed++;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // Counted as not right.
        }
    }
    int blobs = 0;
    await foreach (BlobItem _ in container.GetBlobsAsync())
        blobs++;
    Console.WriteLine($"{right} right results of {Images}, {malformed} malformed, {changed} images changed, {blobs - 2 * Images} other blobs");
    return right == Images && malformed == 0 && changed == 0 && blobs == 2 * Images ? 0 : 1;
}

async Task<int> WaitAsync()
{
    const int Pairs = 5000, Probes = 30;
    await Parallel.ForEachAsync(Enumerable.Range(0, Pairs), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancel) =>
    {
        (ETag etag, byte[] _) = await UploadAsync(i, 0);
        var metadata = new Dictionary<string, string>
        {
            ["resnet_source_etag"] = etag.ToString().Trim('"'),
            ["resnet_status"] = "rejected",
        };
        await container.GetBlobClient(Name(i) + ".classification.json")
            .UploadAsync(new BinaryData("{}"), new BlobUploadOptions { Metadata = metadata }, cancel);
    });
    Build();
    Watch();

    List<double> waits = [];
    for (int i = 0; i <= Probes; i++)
    {
        await Task.Delay(new Random(i).Next(2000));
        await UploadAsync(Pairs + i, 0);
        long uploaded = Stopwatch.GetTimestamp();
        BlobClient result = container.GetBlobClient(Name(Pairs + i) + ".classification.json");
        while (!await result.ExistsAsync())
            await Task.Delay(50);
        if (i > 0)
            waits.Add(Stopwatch.GetElapsedTime(uploaded).TotalSeconds);
        else // The first one waits for the model too, and the emulator is still at what was uploaded before.
            await Task.Delay(10_000);
    }
    waits.Sort();
    Console.WriteLine($"from upload to result among {2 * Pairs:N0} blobs, {Probes} images: median {waits[Probes / 2]:F2} s, "
        + $"longest {waits[^1]:F2} s, {waits.Count(wait => wait <= 2)} within 2 s");
    return waits[^1] <= 2 ? 0 : 1;
}

static string Name(int i) => $"{i % 7}/image {i:D4}.bmp";

async Task<(ETag, byte[])> UploadAsync(int i, int version)
{
    byte[] bytes = Picture(i + 1_000_000 * version);
    BlobContentInfo info = await container.GetBlobClient(Name(i)).UploadAsync(new BinaryData(bytes), overwrite: true);
    return (info.ETag, bytes);
}

// A 64 x 48 BMP of 24 bits a pixel, different for each number.
static byte[] Picture(int number)
{
    const int Width = 64, Height = 48, Header = 54;
    byte[] bmp = new byte[Header + Width * Height * 3];
    new Random(number).NextBytes(bmp.AsSpan(Header));
    "BM"u8.CopyTo(bmp);
    void Put(int at, int value) => BitConverter.TryWriteBytes(bmp.AsSpan(at), value);
    Put(2, bmp.Length);
    Put(10, Header);
    Put(14, 40);
    Put(18, Width);
    Put(22, Height);
    Put(26, 1 | 24 << 16);
    return bmp;
}

// How many results are complete, by their metadata.
async Task<int> CountAsync()
{
    int count = 0;
    await foreach (BlobItem blob in container.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, null, default))
        count += blob.Metadata.TryGetValue("resnet_status", out string? status) && status == "classified" ? 1 : 0;
    return count;
}

void Build()
{
    using Process build = Process.Start("dotnet", ["build", Path.Combine(Root(), "src", "ResNetFunctions.Cli"), "-c", "Release", "-v", "quiet", "--nologo"]);
    build.WaitForExit();
}

void Watch()
{
    var start = new ProcessStartInfo(
        "dotnet",
        [
            Path.Combine(Root(), "src", "ResNetFunctions.Cli", "bin", "Release", "net10.0", "resnet.dll"),
            "blobs", "watch", "--container", container.Name, "--storage", connection,
        ])
    {
        RedirectStandardOutput = true,
    };
    watching = Process.Start(start)!;
    watching.OutputDataReceived += (_, _) => { };
    watching.BeginOutputReadLine();
}

static string Root([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "..", "..");
