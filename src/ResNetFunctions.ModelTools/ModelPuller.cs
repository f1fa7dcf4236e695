using System.Net;
using System.Net.Http.Headers;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools;

/// <summary>Downloads a model's weights and converts them.</summary>
/// <param name="store">Where they go.</param>
/// <param name="http">The client; its timeout limits the wait for the first byte.</param>
public sealed class ModelPuller(ModelStore store, HttpClient http)
{
    // After so long without data the next address is tried.
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How long to wait for a server's first answer, DNS included. Default: 30 s.</summary>
    public TimeSpan ResponseTimeout { get; init; } = IdleTimeout;

    /// <summary>Downloads missing weights from the first address that answers, resuming an earlier download. Length and
    /// SHA-256 are checked before anything reads the file. An existing graph is kept.</summary>
    /// <param name="manifest">The model.</param>
    /// <param name="progress">Bytes so far and in all (0 if unknown).</param>
    /// <param name="cancellationToken">Stops; the next call resumes.</param>
    /// <returns>The path of the ONNX graph, and whether anything was downloaded.</returns>
    /// <exception cref="InvalidModelException">No address gave the right file, or the existing file can't be
    /// used.</exception>
    public async Task<(string Onnx, bool Downloaded)> PullAsync(
        Manifest manifest, IProgress<(long Bytes, long Total)>? progress, CancellationToken cancellationToken)
    {
        string? here = store.FindInFolders(manifest);
        if (here is not null && Path.GetFileName(here) == manifest.Weights.File)
            VerifyOwn(here, manifest.Weights);
        string weights = here ?? await DownloadAsync(manifest, progress, cancellationToken).ConfigureAwait(false);
        if (weights.EndsWith(".onnx", StringComparison.Ordinal))
            return (weights, here is null);

        string onnx = store.PathForNew(manifest.Name + ".onnx");
        GraphConverter.Convert(weights, manifest.NeededArchitecture, onnx);
        return (onnx, here is null);
    }

    private async Task<string> DownloadAsync(
        Manifest manifest, IProgress<(long, long)>? progress, CancellationToken cancellationToken)
    {
        if (manifest.Weights.Urls.Count == 0)
            throw new InvalidModelException(ModelStore.HowToGet(manifest));

        string path = store.PathForNew(manifest.Weights.File), part = path + ".part";
        List<string> failures = [];
        foreach (Uri url in manifest.Weights.Urls)
        {
            try
            {
                await FetchAsync(url, part, manifest.Weights, progress, cancellationToken).ConfigureAwait(false);
                Verify(part, manifest.Weights);
                File.Move(part, path, overwrite: true);
                return path;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or InvalidModelException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                failures.Add($"{url.Host}: {(e is OperationCanceledException ? "no answer in time." : e.Message)}");
            }
        }
        throw new InvalidModelException($"{manifest.Weights.File} could not be downloaded. {string.Join(" ", failures)}");
    }

    private async Task FetchAsync(
        Uri url, string part, WeightsSource source, IProgress<(long, long)>? progress, CancellationToken cancellationToken)
    {
        long have = File.Exists(part) ? new FileInfo(part).Length : 0;
        if (have == source.Bytes)
            return;

        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (have > 0)
            request.Headers.Range = new RangeHeaderValue(have, null);
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        idle.CancelAfter(ResponseTimeout);
        using HttpResponseMessage response =
            await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, idle.Token).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            throw Discard(part, $"the {have:N0} bytes of an earlier try are not a part of it");
        response.EnsureSuccessStatusCode();
        idle.CancelAfter(IdleTimeout);

        // A server may answer a range request with the whole file.
        bool resumed = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == have;
        using var file = new FileStream(part, resumed ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.None);
        using Stream body = await response.Content.ReadAsStreamAsync(idle.Token).ConfigureAwait(false);
        byte[] buffer = new byte[128 << 10];
        long limit = source.Bytes ?? long.MaxValue;
        for (int read; (read = await body.ReadAsync(buffer, idle.Token).ConfigureAwait(false)) > 0;)
        {
            idle.CancelAfter(IdleTimeout);
            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            if (file.Position > limit)
                break; // Verify says that it is too long.
            progress?.Report((file.Position, source.Bytes ?? 0));
        }
        file.Flush(flushToDisk: true);
    }

    // A file of that name may be the user's: it is used if it is right, and never removed.
    private static void VerifyOwn(string weights, WeightsSource source)
    {
        if (source.Sha256 is { } published && !ModelStore.Sha256(weights).StartsWith(published, StringComparison.Ordinal))
            throw new InvalidModelException(
                $"A {source.File} is there already, and its SHA-256 is not the published one. Move it away to pull.");
    }

    private static void Verify(string part, WeightsSource source)
    {
        long length = new FileInfo(part).Length;
        if (source.Bytes is { } wanted && length < wanted)
            throw new InvalidModelException($"it ended after {length:N0} of {wanted:N0} bytes");
        if (source.Bytes is { } most && length > most)
            throw Discard(part, $"it has more than the {most:N0} bytes that the manifest states");
        string sha256 = ModelStore.Sha256(part);
        if (source.Sha256 is { } published && !sha256.StartsWith(published, StringComparison.Ordinal))
            throw Discard(part, $"its SHA-256 is {sha256}, and not {published} as the manifest states");
    }

    // A wrong part must not be resumed.
    private static InvalidModelException Discard(string part, string why)
    {
        File.Delete(part);
        return new InvalidModelException(why);
    }
}
